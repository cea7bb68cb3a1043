package io.consoul.gateway;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.consoul.message.Accepted;
import io.consoul.message.BeginTurn;
import io.consoul.message.Completed;
import io.consoul.message.Delta;
import io.consoul.message.FinishReason;
import io.consoul.message.Listener;
import io.consoul.message.StreamMessage;
import io.consoul.message.TurnId;
import io.consoul.message.Usage;
import io.consoul.node.Node;
import io.consoul.testkit.ScriptedSession;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;

/** A gateway verticle on a free port with a session that does as it is told, and a client. */
final class RunningGateway implements AutoCloseable {

  static final Instant SEALED = Instant.parse("2026-01-02T03:04:05.123456Z");

  /** The section {@code rateLimit} of a gateway that counts nobody's requests. */
  static final JsonObject UNLIMITED = new JsonObject().put("enabled", false);

  final Vertx vertx = Vertx.vertx();
  final Node node = get(Node.join(vertx));
  final Edge edge;
  final ScriptedSession session;
  final GatewayVerticle verticle;
  private final GatewayConfig config;
  private final String deployment;
  private final HttpClient client = HttpClient.newBuilder()
      .version(HttpClient.Version.HTTP_1_1)
      .connectTimeout(Duration.ofSeconds(5))
      .build();

  private RunningGateway(JsonObject json, boolean withSession) {
    this(json, withSession, false);
  }

  private RunningGateway(JsonObject json, boolean withSession, boolean clustered) {
    config = config(json.put("port", 0));
    edge = new Edge(config, "1.2.3", clustered);
    session = withSession ? get(ScriptedSession.startWithProvider(node)) : null;
    verticle = new GatewayVerticle(config, node, edge);
    deployment = get(vertx.deployVerticle(verticle));
  }

  static RunningGateway start() {
    return start(new JsonObject());
  }

  static RunningGateway start(JsonObject config) {
    return new RunningGateway(config, true);
  }

  /** As the gateway of a node that may not be the only one. */
  static RunningGateway startClustered(JsonObject config) {
    return new RunningGateway(config, true, true);
  }

  static RunningGateway startAlone() {
    return new RunningGateway(new JsonObject(), false);
  }

  /** Takes over what may change while it runs; without limits where none are given. */
  void apply(JsonObject json) {
    edge.apply(config(json));
  }

  private static GatewayConfig config(JsonObject json) {
    return GatewayConfig.from(
        json.containsKey("rateLimit") ? json : json.copy().put("rateLimit", UNLIMITED));
  }

  /** Another instance of the same node, on a port of its own. */
  void deployAnother() {
    get(vertx.deployVerticle(new GatewayVerticle(config, node, edge)));
  }

  int port() {
    return verticle.port();
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://localhost:" + port() + path))
        .timeout(Duration.ofSeconds(10));
  }

  HttpRequest.Builder chat(String path, JsonObject body) {
    return request(path)
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body.encode()));
  }

  HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException failed) {
      throw new AssertionError(failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }

  CompletableFuture<HttpResponse<String>> sending(HttpRequest.Builder request) {
    return client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<String> get(String path) {
    return send(request(path));
  }

  HttpResponse<String> postChat(String message) {
    return send(chat("/chat", body(message)));
  }

  HttpResponse<String> postStream(String message) {
    return send(chat("/chat/stream", body(message)));
  }

  TestSocket socket(String session) {
    return TestSocket.open(client, "ws://localhost:" + port() + "/ws/chat/" + session);
  }

  RawClient raw() {
    return new RawClient(port());
  }

  static JsonObject body(String message) {
    return new JsonObject().put("session_id", "s1").put("message", message);
  }

  Accepted accepted(BeginTurn begin) {
    return new Accepted(begin.turn(), 1, session.inbox());
  }

  /** Sends an event of any turn to a listener of this gateway. */
  void tell(Listener listener, StreamMessage event) {
    node.bus().tell(listener, event);
  }

  static Delta delta(BeginTurn begin, int offset, String text) {
    return new Delta(begin.turn(), 1, offset, text);
  }

  static Completed completed(BeginTurn begin, int length) {
    return completed(begin, 1, length);
  }

  static Completed completed(BeginTurn begin, long fence, int length) {
    return completed(begin.turn(), fence, length);
  }

  static Completed completed(TurnId turn, long fence, int length) {
    return new Completed(
        turn, fence, length, FinishReason.STOP, new Usage(3, 2, 0.5, false), "m1", "p1", SEALED, 0);
  }

  static <T> T get(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(10, SECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    } catch (Exception failed) {
      throw new AssertionError(failed);
    }
  }

  Future<Void> stopping() {
    return stopping(Duration.ofSeconds(60));
  }

  Future<Void> stopping(Duration drain) {
    node.drain().begin(drain);
    return vertx.undeploy(deployment);
  }

  @Override
  public void close() {
    get(vertx.close());
  }
}
