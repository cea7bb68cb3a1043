package io.consoul.testkit;

import io.consoul.fault.Fault;
import io.consoul.message.AbortTurn;
import io.consoul.message.Aborted;
import io.consoul.message.Accepted;
import io.consoul.message.Answering;
import io.consoul.message.AttachTurn;
import io.consoul.message.BeginTurn;
import io.consoul.message.BusMessage;
import io.consoul.message.CancelTurn;
import io.consoul.message.CompleteChat;
import io.consoul.message.CreateSession;
import io.consoul.message.Credit;
import io.consoul.message.DeleteSession;
import io.consoul.message.Detach;
import io.consoul.message.EndBatch;
import io.consoul.message.FollowTurn;
import io.consoul.message.Following;
import io.consoul.message.HandOn;
import io.consoul.message.Handlers;
import io.consoul.message.Kind;
import io.consoul.message.ListModels;
import io.consoul.message.ListSessions;
import io.consoul.message.Progress;
import io.consoul.message.ReadMessages;
import io.consoul.message.ReadSession;
import io.consoul.message.Renewed;
import io.consoul.message.SealTurn;
import io.consoul.message.Sealed;
import io.consoul.message.StoreState;
import io.consoul.message.StreamMessage;
import io.consoul.message.TurnEvent;
import io.consoul.node.Membership;
import io.consoul.node.Node;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A session verticle that does what a test says. Towards a gateway it also plays the provider: its inbox is the one that
 * {@link Accepted} names, and it sends the turn's events itself. Towards a provider it takes progress, seals and aborts.
 */
public final class ScriptedSession {

  private static final Future<BusMessage> NO_ANSWER =
      Promise.<BusMessage>promise().future();

  private final Node node;
  private final Membership membership;
  private final Membership provider;
  private final Received received = new Received();
  private volatile Function<BeginTurn, Future<? extends BusMessage>> onBegin;
  private volatile Function<Progress, Future<? extends BusMessage>> onProgress =
      progress -> Future.succeededFuture(new Renewed(progress.turn()));
  private volatile Function<SealTurn, Future<? extends BusMessage>> onSeal;
  private volatile Function<AbortTurn, Future<? extends BusMessage>> onAbort =
      abort -> Future.succeededFuture(new Aborted(abort.turn()));
  private volatile Function<FollowTurn, Future<? extends BusMessage>> onFollow =
      follow -> Future.succeededFuture(new Following(follow.turn(), 1));
  private final Map<Class<?>, Function<BusMessage, Future<? extends BusMessage>>> scripts =
      new ConcurrentHashMap<>();
  private MessageConsumer<Object> consumer;
  private MessageConsumer<Object> completions;

  private ScriptedSession(Node node, boolean alsoProvider) {
    this.node = node;
    this.membership = node.directory().join(Kind.SESSION);
    this.provider = alsoProvider ? node.directory().join(Kind.PROVIDER) : null;
    this.onSeal =
        seal -> Future.succeededFuture(new Sealed(seal.turn(), node.clock().instant()));
    accepting();
    store(StoreState.MEMORY);
  }

  /** Joins the directory as a session instance, for the tests of a provider. */
  public static Future<ScriptedSession> start(Node node) {
    return new ScriptedSession(node, false).serve();
  }

  /** Joins the directory as a session and a provider instance, for the tests of a gateway. */
  public static Future<ScriptedSession> startWithProvider(Node node) {
    return startWithProvider(node, scripted -> {});
  }

  /** As above, for a gateway that asks already: before it hears the first request it has its script. */
  public static Future<ScriptedSession> startWithProvider(
      Node node, Consumer<ScriptedSession> script) {
    ScriptedSession session = new ScriptedSession(node, true);
    script.accept(session);
    return session.serve();
  }

  private Future<ScriptedSession> serve() {
    consumer = node.bus()
        .serve(
            membership.inbox(),
            new Handlers()
                .on(BeginTurn.class, begin -> note(begin, onBegin))
                .on(Progress.class, progress -> note(progress, onProgress))
                .on(SealTurn.class, seal -> note(seal, onSeal))
                .on(AbortTurn.class, abort -> note(abort, onAbort))
                .on(FollowTurn.class, follow -> note(follow, onFollow))
                .on(AttachTurn.class, this::scripted)
                .on(HandOn.class, this::scripted)
                .on(CancelTurn.class, this::scripted)
                .on(CreateSession.class, this::scripted)
                .on(ReadSession.class, this::scripted)
                .on(ReadMessages.class, this::scripted)
                .on(ListSessions.class, this::scripted)
                .on(DeleteSession.class, this::scripted)
                .onEvent(EndBatch.class, received::add)
                .onEvent(Credit.class, received::add)
                .onEvent(Detach.class, received::add));
    return consumer.completion().compose(served -> serveCompletions()).map(this);
  }

  private Future<Void> serveCompletions() {
    if (provider == null) {
      return Future.succeededFuture();
    }
    completions = node.bus()
        .serve(
            provider.inbox(),
            new Handlers()
                .on(CompleteChat.class, this::scripted)
                .on(ListModels.class, this::scripted)
                .on(FollowTurn.class, follow -> note(follow, onFollow))
                .onEvent(Credit.class, received::add)
                .onEvent(Detach.class, received::add));
    return completions.completion();
  }

  /** Takes every completion and sends these events right after. */
  public ScriptedSession completing(Function<CompleteChat, List<? extends TurnEvent>> events) {
    return on(CompleteChat.class, chat -> {
      Future<BusMessage> taken = Future.succeededFuture(answering(chat));
      return taken.onSuccess(reply ->
          events.apply(chat).forEach(event -> node.bus().tell(chat.listener(), event)));
    });
  }

  /** The acknowledgement of a completion, with fence 1. */
  public Answering answering(CompleteChat chat) {
    return new Answering(chat.turn(), 1, "scripted", provider.inbox());
  }

  /** Its inbox, as a session's and as the provider's that {@link Accepted} names. */
  public String inbox() {
    return membership.inbox();
  }

  /** Says from now on that it keeps its sessions there. */
  public ScriptedSession store(StoreState state) {
    membership.store(state);
    return this;
  }

  public Received received() {
    return received;
  }

  /** Accepts every turn with fence 1 and sends nothing: the test sends the events. */
  public ScriptedSession accepting() {
    return onBegin(begin -> Future.succeededFuture(new Accepted(begin.turn(), 1, inbox())));
  }

  /** Accepts every turn and sends these events right after. */
  public ScriptedSession answering(Function<BeginTurn, List<? extends TurnEvent>> events) {
    return onBegin(begin -> {
      Future<BusMessage> accepted = Future.succeededFuture(new Accepted(begin.turn(), 1, inbox()));
      return accepted.onSuccess(reply ->
          events.apply(begin).forEach(event -> node.bus().tell(begin.listener(), event)));
    });
  }

  public ScriptedSession failing(Fault fault) {
    return onBegin(begin -> Future.failedFuture(fault.because()));
  }

  public ScriptedSession onBegin(Function<BeginTurn, Future<? extends BusMessage>> script) {
    onBegin = script;
    return this;
  }

  public ScriptedSession onProgress(Function<Progress, Future<? extends BusMessage>> script) {
    onProgress = script;
    return this;
  }

  public ScriptedSession onSeal(Function<SealTurn, Future<? extends BusMessage>> script) {
    onSeal = script;
    return this;
  }

  public ScriptedSession onAbort(Function<AbortTurn, Future<? extends BusMessage>> script) {
    onAbort = script;
    return this;
  }

  public ScriptedSession onFollow(Function<FollowTurn, Future<? extends BusMessage>> script) {
    onFollow = script;
    return this;
  }

  /** Sends these events to whoever follows a turn, after the reply as a provider does. */
  public ScriptedSession following(Function<FollowTurn, List<? extends TurnEvent>> events) {
    return onFollow(follow -> {
      Vertx.currentContext()
          .runOnContext(replied ->
              events.apply(follow).forEach(event -> node.bus().tell(follow.listener(), event)));
      return Future.succeededFuture(new Following(follow.turn(), 1));
    });
  }

  /** What it does with requests of this type; without a script it refuses them. */
  public <M extends BusMessage> ScriptedSession on(
      Class<M> type, Function<M, Future<? extends BusMessage>> script) {
    scripts.put(type, message -> script.apply(type.cast(message)));
    return this;
  }

  /** What a script returns that never answers. */
  public static Future<BusMessage> noAnswer() {
    return NO_ANSWER;
  }

  /** Sends an event of a turn to whoever began it. */
  public void tell(BeginTurn begin, StreamMessage event) {
    node.bus().tell(begin.listener(), event);
  }

  public Future<Void> close() {
    membership.leave();
    if (provider != null) {
      provider.leave();
      return consumer.unregister().compose(left -> completions.unregister());
    }
    return consumer.unregister();
  }

  private Future<? extends BusMessage> scripted(BusMessage message) {
    return note(
        message,
        scripts.getOrDefault(
            message.getClass(),
            unexpected -> Future.failedFuture(
                Fault.INTERNAL_ERROR.because("no script for " + unexpected.wireType()))));
  }

  private <M extends BusMessage> Future<? extends BusMessage> note(
      M message, Function<M, Future<? extends BusMessage>> script) {
    received.add(message);
    return script.apply(message);
  }
}
