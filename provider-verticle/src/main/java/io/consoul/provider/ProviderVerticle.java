package io.consoul.provider;

import io.consoul.message.Addresses;
import io.consoul.message.AnswerTurn;
import io.consoul.message.BreakerChanged;
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
import io.consoul.provider.anthropic.AnthropicFormat;
import io.consoul.provider.call.HttpAdapter;
import io.consoul.provider.course.CourseMeters;
import io.consoul.provider.course.Courses;
import io.consoul.provider.echo.EchoAdapter;
import io.consoul.provider.gemini.GeminiFormat;
import io.consoul.provider.health.Healths;
import io.consoul.provider.ollama.OllamaFormat;
import io.consoul.provider.openai.OpenAiFormat;
import io.consoul.provider.wire.WireFormat;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Calls the LLM providers and streams their answers. Wires its parts, starts them, stops them. */
public final class ProviderVerticle extends VerticleBase {

  private final ProviderConfig config;
  private final Node node;
  private final Map<String, ProviderAdapter> adapters = new HashMap<>();
  private final Healths shared;
  private Healths healths;
  private Membership membership;
  private AnswerDesk desk;
  private List<MessageConsumer<Object>> consumers;
  private long timer;

  /** With healths of its own: for an instance that is the only one. */
  public ProviderVerticle(ProviderConfig config, Node node) {
    this(config, node, null);
  }

  /** @param healths which all instances of the JVM share; whoever opened them closes them when these have stopped */
  public ProviderVerticle(ProviderConfig config, Node node, Healths healths) {
    this.config = config;
    this.node = node;
    this.shared = healths;
  }

  /** The healths that all instances of a JVM share. */
  public static Future<Healths> openHealths(Vertx vertx, ProviderConfig config, Node node) {
    return Healths.open(vertx, node, config.breaker(), config.retry(), config.callLimits());
  }

  @Override
  public Future<?> start() {
    return (shared == null ? openHealths(vertx, config, node) : Future.succeededFuture(shared))
        .compose(opened -> {
          healths = opened;
          return begin();
        });
  }

  private Future<?> begin() {
    Watchdog watchdog = new Watchdog(node.clock());
    TokenCount tokens = TokenCount.load(vertx);
    config.upstreams().forEach(each -> adapters.put(each.name(), adapter(each, watchdog, tokens)));
    membership = node.directory().join(Kind.PROVIDER);
    Courses courses = new Courses(
        vertx,
        adapters,
        healths,
        tokens,
        config.retry(),
        config.rescue(),
        node.clock(),
        node.random(),
        new CourseMeters(node.meters(), adapters.keySet()),
        node.tracing());
    Workbench bench = new Workbench(
        vertx,
        node,
        membership.inbox(),
        config,
        tokens,
        courses,
        new UnheardText(config.maxUnheardSize()),
        new SessionCalls(node));
    measure();
    desk = new AnswerDesk(bench, membership::load);
    timer = vertx.setPeriodic(config.pace().tick().toMillis(), id -> {
      watchdog.tick();
      desk.tick();
    });
    CompletionDesk completions = new CompletionDesk(bench, desk, this::breaker);
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
    return desk.drain(node.drain().left())
        .eventually(this::unregister)
        .eventually(() -> {
          vertx.cancelTimer(timer);
          membership.leave();
          return Future.join(
              adapters.values().stream().map(ProviderAdapter::close).toList());
        })
        .eventually(() -> shared == null ? healths.close() : Future.succeededFuture());
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

  private BreakerChanged.State breaker(String provider) {
    return BreakerChanged.State.valueOf(healths.of(provider).state().name());
  }

  private ProviderAdapter adapter(Upstream upstream, Watchdog watchdog, TokenCount tokens) {
    return switch (upstream.dialect()) {
      case OPENAI -> calling(upstream, new OpenAiFormat(upstream.baseUrl().isOpenAi()), watchdog);
      case ANTHROPIC -> calling(upstream, new AnthropicFormat(), watchdog);
      case GEMINI -> calling(upstream, new GeminiFormat(), watchdog);
      case OLLAMA -> calling(upstream, new OllamaFormat(), watchdog);
      case ECHO -> new EchoAdapter(vertx, config.echoDelay(), tokens);
    };
  }

  private ProviderAdapter calling(Upstream upstream, WireFormat format, Watchdog watchdog) {
    return new HttpAdapter(vertx, upstream, format, watchdog, node);
  }
}
