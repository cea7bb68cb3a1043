package io.consoul.provider;

import io.consoul.message.Addresses;
import io.consoul.message.AnswerTurn;
import io.consoul.message.CompleteChat;
import io.consoul.message.Credit;
import io.consoul.message.Detach;
import io.consoul.message.FollowTurn;
import io.consoul.message.Handlers;
import io.consoul.message.Kind;
import io.consoul.message.ListModels;
import io.consoul.message.StopAnswer;
import io.consoul.message.WireType;
import io.consoul.node.Membership;
import io.consoul.node.Node;
import io.consoul.provider.course.CourseMeters;
import io.consoul.provider.course.Courses;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Calls the LLM providers and streams their answers. Wires its parts, starts them, stops them. */
public final class ProviderVerticle extends VerticleBase {

  private final ProviderConfig config;
  private final Node node;
  private final Providers shared;
  private final Function<ProviderConfig, Future<Void>> onChange = this::changeTo;
  private Providers providers;
  private Adapters adapters;
  private Membership membership;
  private AnswerDesk desk;
  private List<MessageConsumer<Object>> consumers;
  private long timer;

  /** With providers of its own: for an instance that is the only one. */
  public ProviderVerticle(ProviderConfig config, Node node) {
    this(config, node, null);
  }

  /** @param providers which all instances of the JVM share; whoever opened them closes them when these have stopped */
  public ProviderVerticle(Node node, Providers providers) {
    this(providers.config(), node, providers);
  }

  private ProviderVerticle(ProviderConfig config, Node node, Providers shared) {
    this.config = config;
    this.node = node;
    this.shared = shared;
  }

  @Override
  public Future<?> start() {
    return (shared == null ? Providers.open(vertx, config, node) : Future.succeededFuture(shared))
        .compose(opened -> {
          providers = opened;
          return begin(opened.config());
        });
  }

  private Future<?> begin(ProviderConfig now) {
    Watchdog watchdog = new Watchdog(System::nanoTime);
    TokenCount tokens = TokenCount.load(vertx);
    adapters = new Adapters(vertx, node, watchdog, tokens);
    membership = node.directory().join(Kind.PROVIDER);
    Workbench bench = new Workbench(
        vertx,
        node,
        membership.inbox(),
        now,
        adapters,
        tokens,
        new TokenMeters(node.meters(), now.upstreams()),
        courses(now, tokens),
        new UnheardText(now.maxUnheardSize()),
        new SessionCalls(node));
    measure();
    desk = new AnswerDesk(bench, membership::load);
    timer = vertx.setPeriodic(now.pace().tick().toMillis(), id -> {
      watchdog.tick();
      desk.tick();
    });
    providers.join(onChange);
    CompletionDesk completions = new CompletionDesk(desk);
    consumers = List.of(
        node.bus()
            .serve(
                membership.inbox(),
                new Handlers()
                    .on(AnswerTurn.class, desk::answer)
                    .on(FollowTurn.class, desk::follow)
                    .on(StopAnswer.class, desk::stop)
                    .on(CompleteChat.class, completions::complete)
                    .on(ListModels.class, completions::models)
                    .onEvent(Credit.class, desk::credit)
                    .onEvent(Detach.class, desk::detach)),
        node.bus()
            .serve(
                Addresses.PROVIDER_COMPLETE,
                WireType.PROVIDER_COMPLETE,
                new Handlers().on(CompleteChat.class, completions::completeOrPassOn)),
        node.bus()
            .serve(
                Addresses.PROVIDER_MODELS,
                WireType.PROVIDER_MODELS,
                new Handlers().on(ListModels.class, completions::models)));
    return Future.join(consumers.stream().map(MessageConsumer::completion).toList());
  }

  /** Ends when the turns in progress have ended or are handed on, soon after the node's drain is over at the latest. */
  @Override
  public Future<?> stop() {
    membership.drain();
    providers.leave(onChange);
    return desk.drain(node.drain().left())
        .eventually(this::unregister)
        .eventually(() -> {
          vertx.cancelTimer(timer);
          membership.leave();
          return adapters.close();
        })
        .eventually(() -> shared == null ? providers.close() : Future.succeededFuture());
  }

  /** Between two turns all of it is exchanged, so that none sees a part. */
  private Future<Void> changeTo(ProviderConfig changed) {
    Promise<Void> done = Promise.promise();
    context.runOnContext(now -> {
      try {
        Workbench bench = desk.bench();
        desk.change(bench.changedTo(changed, courses(changed, bench.tokens())));
        done.complete();
      } catch (RuntimeException defect) {
        done.fail(defect);
      }
    });
    return done.future();
  }

  private Courses courses(ProviderConfig now, TokenCount tokens) {
    Map<String, ProviderAdapter> asked = adapters.change(now);
    return new Courses(
        vertx,
        asked,
        providers.healths(),
        tokens,
        now.retry(),
        now.rescue(),
        node.clock(),
        node.random(),
        new CourseMeters(node.meters(), asked.keySet()),
        node.tracing());
  }

  private void measure() {
    node.gauge(
        "consoul_turns_in_progress",
        "Turns that the providers of this node are answering",
        node.directory(),
        directory -> directory.ownLoad(Kind.PROVIDER));
  }

  private Future<?> unregister() {
    return Future.join(consumers.stream().map(MessageConsumer::unregister).toList());
  }
}
