package io.consoul.provider;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.consoul.message.AnswerTurn;
import io.consoul.message.Answering;
import io.consoul.message.BusMessage;
import io.consoul.message.ChatMessage;
import io.consoul.message.Kind;
import io.consoul.message.Listener;
import io.consoul.message.SessionId;
import io.consoul.message.Settings;
import io.consoul.message.Tenant;
import io.consoul.message.TurnId;
import io.consoul.node.Node;
import io.consoul.testkit.FakeProvider;
import io.consoul.testkit.ListeningInbox;
import io.consoul.testkit.ScriptedSession;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/** A provider verticle alone on a node, between a scripted session and a listener. */
final class Stage implements AutoCloseable {

  static final long FENCE = 10;

  /** On a machine that is busy with other tests everything may take some seconds. */
  private static final Duration LONG = Duration.ofSeconds(30);

  /** How far the node's clock is ahead, in milliseconds. */
  private final AtomicLong ahead = new AtomicLong();

  final Vertx vertx = Vertx.vertx();
  final Node node = await(Node.join(vertx, () -> Instant.now().plusMillis(ahead.get())));
  final ScriptedSession session = await(ScriptedSession.start(node));
  final ListeningInbox listener = await(ListeningInbox.open(node.bus()));
  final Providers providers;
  final String deployment;
  final String provider;

  Stage(JsonObject config) {
    this(config, 1);
  }

  Stage(JsonObject config, int instances) {
    providers = await(Providers.open(vertx, ProviderConfig.from(config), node));
    deployment = await(vertx.deployVerticle(
        () -> new ProviderVerticle(node, providers),
        new DeploymentOptions().setInstances(instances)));
    provider = node.directory().pick(Kind.PROVIDER).orElseThrow().inbox();
  }

  /** Times short enough for a test, where nothing fails that only takes long; listeners may be silent. */
  static JsonObject quick() {
    return new JsonObject()
        .put("echo", new JsonObject().put("delayMillis", 0))
        .put(
            "stream",
            new JsonObject()
                .put("progressMillis", 50)
                .put("aliveMillis", 100)
                .put("listenerSilenceMillis", 60_000))
        .put("retry", new JsonObject().put("maxRetries", 0))
        .put("rescue", new JsonObject().put("enabled", false));
  }

  /** The same with a server called {@code fake} as the only provider besides echo. */
  static JsonObject quick(FakeProvider fake, JsonObject upstream) {
    JsonObject entry = new JsonObject().put("name", "fake").put("baseUrl", fake.baseUrl());
    return quick().put("providers", new JsonArray().add(entry.mergeIn(upstream)));
  }

  static <T> T await(Future<T> future) {
    try {
      return future.await(LONG.toSeconds(), SECONDS);
    } catch (TimeoutException late) {
      throw new AssertionError("not within " + LONG, late);
    }
  }

  /** For all that looks at the node's clock so much time passes now. */
  void pass(Duration time) {
    ahead.addAndGet(time.toMillis());
  }

  TurnId newTurn() {
    return TurnId.mint(new SessionId("s"), node.random());
  }

  AnswerTurn order(TurnId turn, long fence, String text, String model, Listener to, Duration time) {
    return new AnswerTurn(
        turn,
        Tenant.DEFAULT,
        fence,
        "token-" + fence,
        model,
        Settings.NONE,
        List.of(ChatMessage.user(text)),
        to,
        session.inbox(),
        node.clock().instant().plus(time));
  }

  AnswerTurn order(String text, Listener to) {
    return order(newTurn(), FENCE, text, null, to, Duration.ofMinutes(1));
  }

  AnswerTurn order(String text) {
    return order(text, listener.listener());
  }

  /** Sends the order; a refusal is thrown. */
  Answering ask(AnswerTurn order) {
    return ask(provider, order, Answering.class);
  }

  /** Sends an order for this text and returns its turn. */
  TurnId say(String text) {
    AnswerTurn order = order(text);
    ask(order);
    return order.turn();
  }

  /** The answer to this request at an address of providers; a refusal is thrown. */
  <R extends BusMessage> R ask(String address, BusMessage request, Class<R> reply) {
    return await(node.bus().ask(Kind.PROVIDER, address, request, reply, LONG));
  }

  /** What the answer to this request at the provider's inbox is; a refusal is thrown. */
  BusMessage request(BusMessage request) {
    return ask(provider, request, BusMessage.class);
  }

  void tell(BusMessage message) {
    node.bus().tell(provider, message);
  }

  @Override
  public void close() {
    await(vertx.close());
  }
}
