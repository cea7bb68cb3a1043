package io.consoul.launcher;

import io.consoul.gateway.Edge;
import io.consoul.gateway.GatewayConfig;
import io.consoul.gateway.GatewayVerticle;
import io.consoul.gc.GcConfig;
import io.consoul.gc.GcVerticle;
import io.consoul.node.Node;
import io.consoul.provider.ProviderConfig;
import io.consoul.provider.ProviderVerticle;
import io.consoul.session.SessionConfig;
import io.consoul.session.SessionVerticle;
import io.consoul.testkit.ChatClient;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Verticles of the kinds that a test needs on one bus, the test's own peers beside them. */
final class Deployed implements AutoCloseable {

  final Vertx vertx;
  final Node node;
  private final boolean own;
  private ChatClient client;

  Deployed() {
    this.vertx = Vertx.vertx();
    this.node = get(Node.join(vertx));
    this.own = true;
  }

  /** On a bus that stays when these verticles go. */
  Deployed(Vertx vertx, Node node) {
    this.vertx = vertx;
    this.node = node;
    this.own = false;
  }

  Deployed gateway(JsonObject config) {
    if (!config.containsKey("rateLimit")) {
      config.put("rateLimit", new JsonObject().put("enabled", false));
    }
    GatewayConfig gateway = GatewayConfig.from(config.put("port", 0));
    GatewayVerticle verticle = new GatewayVerticle(gateway, node, new Edge(gateway, "test"));
    get(vertx.deployVerticle(verticle));
    client = new ChatClient(vertx, verticle.port());
    return this;
  }

  Deployed session(JsonObject config) {
    get(vertx.deployVerticle(new SessionVerticle(SessionConfig.from(config), node)));
    return this;
  }

  Deployed provider(JsonObject config) {
    get(vertx.deployVerticle(new ProviderVerticle(ProviderConfig.from(config), node)));
    return this;
  }

  Deployed gc(JsonObject config) {
    get(vertx.deployVerticle(new GcVerticle(GcConfig.from(config), node)));
    return this;
  }

  /** Of the gateway. */
  ChatClient client() {
    return client;
  }

  static <T> T get(Future<T> future) {
    try {
      return future.await(20, TimeUnit.SECONDS);
    } catch (TimeoutException late) {
      throw new AssertionError("not within 20 s", late);
    }
  }

  @Override
  public void close() {
    if (client != null) {
      client.close();
    }
    if (own) {
      get(vertx.close());
    } else {
      vertx.deploymentIDs().forEach(id -> get(vertx.undeploy(id)));
    }
  }
}
