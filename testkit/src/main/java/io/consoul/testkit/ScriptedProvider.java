package io.consoul.testkit;

import io.consoul.fault.Fault;
import io.consoul.message.AbortTurn;
import io.consoul.message.Aborted;
import io.consoul.message.AnswerTurn;
import io.consoul.message.Answering;
import io.consoul.message.BusMessage;
import io.consoul.message.FinishReason;
import io.consoul.message.FollowTurn;
import io.consoul.message.Handlers;
import io.consoul.message.Kind;
import io.consoul.message.Progress;
import io.consoul.message.Renewed;
import io.consoul.message.SealTurn;
import io.consoul.message.Sealed;
import io.consoul.message.StopAnswer;
import io.consoul.message.Stopped;
import io.consoul.message.Usage;
import io.consoul.node.Membership;
import io.consoul.node.Node;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.eventbus.MessageConsumer;
import java.time.Duration;
import java.util.function.Function;

/** A provider verticle that takes turns and does with them what a test says. */
public final class ScriptedProvider {

  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final Node node;
  private final Membership membership;
  private final Received received = new Received();
  private volatile Function<AnswerTurn, Future<? extends BusMessage>> onAnswer = this::answering;
  private volatile Function<StopAnswer, Future<? extends BusMessage>> onStop =
      stop -> Future.succeededFuture(new Stopped(stop.turn(), true));
  private volatile Function<FollowTurn, Future<? extends BusMessage>> onFollow =
      follow -> Future.failedFuture(Fault.SESSION_NOT_FOUND.because("turn is not running here"));
  private MessageConsumer<Object> consumer;

  private ScriptedProvider(Node node) {
    this.node = node;
    this.membership = node.directory().join(Kind.PROVIDER);
  }

  /** Joins the directory; it acknowledges every turn and then does nothing. */
  public static Future<ScriptedProvider> start(Node node) {
    ScriptedProvider provider = new ScriptedProvider(node);
    provider.consumer = node.bus()
        .serve(
            provider.membership.inbox(),
            new Handlers()
                .on(AnswerTurn.class, answer -> provider.note(answer, provider.onAnswer))
                .on(StopAnswer.class, stop -> provider.note(stop, provider.onStop))
                .on(FollowTurn.class, follow -> provider.note(follow, provider.onFollow)));
    return provider.consumer.completion().map(provider);
  }

  /** The acknowledgement of a turn. */
  public Future<Answering> answering(AnswerTurn answer) {
    return Future.succeededFuture(new Answering(
        answer.turn(),
        answer.fence(),
        answer.model() == null ? "scripted" : answer.model(),
        inbox()));
  }

  /** Answers every turn at once with the text that the function gives. */
  public ScriptedProvider sealingWith(Function<AnswerTurn, String> text) {
    return onAnswer(
        answer -> answering(answer).onSuccess(reply -> seal(answer, text.apply(answer))));
  }

  public ScriptedProvider onAnswer(Function<AnswerTurn, Future<? extends BusMessage>> script) {
    onAnswer = script;
    return this;
  }

  /** At first every stop is acknowledged. */
  public ScriptedProvider onStop(Function<StopAnswer, Future<? extends BusMessage>> script) {
    onStop = script;
    return this;
  }

  /** At first no turn is here to be followed. */
  public ScriptedProvider onFollow(Function<FollowTurn, Future<? extends BusMessage>> script) {
    onFollow = script;
    return this;
  }

  /** What a script returns that never answers. */
  public static Future<BusMessage> noAnswer() {
    return Promise.<BusMessage>promise().future();
  }

  public Future<Sealed> seal(AnswerTurn turn, String text) {
    return seal(turn, text, FinishReason.STOP);
  }

  public Future<Sealed> seal(AnswerTurn turn, String text, FinishReason reason) {
    SealTurn seal = new SealTurn(
        turn.turn(),
        turn.tenant(),
        turn.fence(),
        turn.token(),
        text,
        reason,
        new Usage(1, 1, 0, false),
        turn.model() == null ? "scripted" : turn.model(),
        "scripted");
    return node.bus().ask(Kind.SESSION, turn.sessionInbox(), seal, Sealed.class, LIMIT);
  }

  public Future<Renewed> progress(AnswerTurn turn, int offset, String text) {
    Progress progress =
        new Progress(turn.turn(), turn.tenant(), turn.fence(), turn.token(), offset, text);
    return node.bus().ask(Kind.SESSION, turn.sessionInbox(), progress, Renewed.class, LIMIT);
  }

  public Future<Aborted> abort(AnswerTurn turn) {
    AbortTurn abort = new AbortTurn(turn.turn(), turn.tenant(), turn.fence(), turn.token());
    return node.bus().ask(Kind.SESSION, turn.sessionInbox(), abort, Aborted.class, LIMIT);
  }

  public String inbox() {
    return membership.inbox();
  }

  public Received received() {
    return received;
  }

  public Future<Void> close() {
    membership.leave();
    return consumer.unregister();
  }

  private <M extends BusMessage> Future<? extends BusMessage> note(
      M message, Function<M, Future<? extends BusMessage>> script) {
    received.add(message);
    return script.apply(message);
  }
}
