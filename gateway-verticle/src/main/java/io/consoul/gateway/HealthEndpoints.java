package io.consoul.gateway;

import io.consoul.gateway.limit.NodeLimits;
import io.consoul.message.Hello;
import io.consoul.message.Kind;
import io.consoul.node.Node;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** Whether the process serves (/health), and whether it should be sent work (/ready). */
final class HealthEndpoints {

  private final Node node;
  private final Edge edge;
  private final String service;

  HealthEndpoints(Node node, Edge edge, String service) {
    this.node = node;
    this.edge = edge;
    this.service = service;
  }

  void health(Exchange exchange) {
    exchange.json(
        200,
        new JsonObject()
            .put("status", "ok")
            .put("service", service)
            .put("version", edge.version())
            .put("timestamp", ErrorBody.timestamp(node.clock()))
            .put("connections", edge.connections()));
  }

  void ready(Exchange exchange) {
    List<Hello> sessions = node.directory().serving(Kind.SESSION);
    StoreCheck store = new StoreCheck(sessions);
    boolean session = !sessions.isEmpty();
    boolean provider = !node.directory().serving(Kind.PROVIDER).isEmpty();
    NodeLimits.Place limits = edge.limitPlace();
    String obstacle = obstacle(session, provider, store, limits);
    JsonObject checks = store.addTo(new JsonObject());
    LimitCheck.addTo(checks, limits);
    JsonObject body = new JsonObject()
        .put("status", obstacle == null ? "ready" : "not_ready")
        .put(
            "checks",
            checks
                .put("session", session)
                .put("provider", provider)
                .put("cluster", node.directory().nodes()));
    if (obstacle != null) {
      body.put("message", obstacle);
    } else if (store.isDegraded() || limits == NodeLimits.Place.DEGRADED) {
      body.put("message", "Running in fallback mode");
    }
    exchange.json(
        obstacle == null ? 200 : 503, body.put("timestamp", ErrorBody.timestamp(node.clock())));
  }

  /** What keeps the node from being sent work, or null. */
  private String obstacle(
      boolean session, boolean provider, StoreCheck store, NodeLimits.Place limits) {
    if (edge.draining()) {
      return "The server is shutting down.";
    }
    if (!session) {
      return "No session verticle is there.";
    }
    if (!provider) {
      return "No provider verticle is there.";
    }
    if (store.isDown()) {
      return "The store of the sessions cannot be reached.";
    }
    return limits == NodeLimits.Place.DOWN
        ? "The store of the rate limits cannot be reached."
        : null;
  }
}
