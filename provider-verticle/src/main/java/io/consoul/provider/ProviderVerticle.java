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
import io.consoul.provider.call.HttpAdapter;
import io.consoul.provider.echo.EchoAdapter;
import io.consoul.provider.openai.OpenAiFormat;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Calls the LLM providers and streams their answers. Wires its parts, starts them, stops them. */
public final class ProviderVerticle extends VerticleBase {

  private final ProviderConfig config;
  private final Node node;
  private final Map<String, ProviderAdapter> adapters = new HashMap<>();
  private Membership membership;
  private AnswerDesk desk;
  private List<MessageConsumer<Object>> consumers;
  private long timer;

  public ProviderVerticle(ProviderConfig config, Node node) {
    this.config = config;
    this.node = node;
  }

  @Override
  public Future<?> start() {
    Watchdog watchdog = new Watchdog(node.clock());
    TokenCount tokens = TokenCount.load(vertx);
    config.upstreams().forEach(each -> adapters.put(each.name(), adapter(each, watchdog, tokens)));
    membership = node.directory().join(Kind.PROVIDER);
    Workbench bench = new Workbench(
        vertx, node, membership.inbox(), config, tokens, new UnheardText(config.maxUnheardSize()));
    measure();
    desk = new AnswerDesk(bench, adapters, membership::load);
    timer = vertx.setPeriodic(config.pace().tick().toMillis(), id -> {
      watchdog.tick();
      desk.tick();
    });
    CompletionDesk completions = new CompletionDesk(bench, desk);
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

  /** Ends when the turns in progress have ended, when the node's drain is over at the latest. */
  @Override
  public Future<?> stop() {
    membership.drain();
    return desk.drain(node.drain().left()).eventually(this::unregister).eventually(() -> {
      vertx.cancelTimer(timer);
      membership.leave();
      return Future.join(adapters.values().stream().map(ProviderAdapter::close).toList());
    });
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

  private ProviderAdapter adapter(Upstream upstream, Watchdog watchdog, TokenCount tokens) {
    return switch (upstream.dialect()) {
      case OPENAI ->
        new HttpAdapter(
            vertx, upstream, new OpenAiFormat(upstream.baseUrl().isOpenAi()), watchdog, node);
      case ECHO -> new EchoAdapter(vertx, config.echoDelay(), tokens);
    };
  }
}
