package io.consoul.launcher;

import io.consoul.gateway.Edge;
import io.consoul.message.Hello;
import io.consoul.message.Kind;
import io.consoul.message.StoreState;
import io.consoul.node.Node;
import io.vertx.core.json.JsonObject;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * What a node without a gateway tells whoever supervises it, in the form of the gateway's /health and /ready. It is ready when
 * its own verticles are: what others lack is not cured by restarting this one, or by sending it no work.
 */
final class NodeHealth {

  private final Configuration configuration;
  private final Node node;
  private final Edge edge;
  private volatile boolean up;

  NodeHealth(Configuration configuration, Node node, Edge edge) {
    this.configuration = configuration;
    this.node = node;
    this.edge = edge;
  }

  /** All verticles of this node have started. */
  void up() {
    up = true;
  }

  JsonObject health() {
    return new JsonObject()
        .put("status", "ok")
        .put("service", configuration.gateway().appName())
        .put("version", Main.version())
        .put("timestamp", timestamp())
        .put("connections", edge.connections());
  }

  JsonObject ready() {
    Optional<String> obstacle = obstacle();
    JsonObject checks = new JsonObject();
    store().ifPresent(state -> addTo(checks, state));
    JsonObject ready = new JsonObject()
        .put("status", obstacle.isEmpty() ? "ready" : "not_ready")
        .put(
            "checks",
            checks
                .put("session", serves(Kind.SESSION))
                .put("provider", serves(Kind.PROVIDER))
                .put("cluster", node.directory().nodes()));
    obstacle.ifPresent(why -> ready.put("message", why));
    return ready.put("timestamp", timestamp());
  }

  boolean isReady() {
    return obstacle().isEmpty();
  }

  private Optional<String> obstacle() {
    if (edge.draining()) {
      return Optional.of("The server is shutting down.");
    }
    if (!up) {
      return Optional.of("The verticles of this node are not up yet.");
    }
    return store()
        .filter(StoreState.DOWN::equals)
        .map(down -> "The store of the sessions cannot be reached.");
  }

  /** Where this node's sessions are kept, the best that one of its instances says. */
  private Optional<StoreState> store() {
    List<StoreState> states = node.directory().serving(Kind.SESSION).stream()
        .filter(hello -> hello.node().equals(node.id()) && hello.store() != null)
        .map(Hello::store)
        .toList();
    return states.stream()
        .filter(StoreState::isWhole)
        .findFirst()
        .or(() -> states.stream().findFirst());
  }

  private static void addTo(JsonObject checks, StoreState state) {
    boolean down = state == StoreState.DOWN;
    checks.put("session_store", (down ? StoreState.REDIS : state).wireName());
    if (down || state == StoreState.REDIS) {
      checks.put("redis", !down);
    }
  }

  private boolean serves(Kind kind) {
    return !node.directory().serving(kind).isEmpty();
  }

  private String timestamp() {
    return node.clock().instant().truncatedTo(ChronoUnit.MILLIS).toString();
  }
}
