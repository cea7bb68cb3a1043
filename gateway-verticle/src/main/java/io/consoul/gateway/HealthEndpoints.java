package io.consoul.gateway;

import io.consoul.message.Kind;
import io.consoul.node.Node;
import io.vertx.core.json.JsonObject;

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
    boolean session = !node.directory().serving(Kind.SESSION).isEmpty();
    boolean provider = !node.directory().serving(Kind.PROVIDER).isEmpty();
    String obstacle = edge.draining()
        ? "The server is shutting down."
        : !session
            ? "No session verticle is there."
            : !provider ? "No provider verticle is there." : null;
    JsonObject body = new JsonObject()
        .put("status", obstacle == null ? "ready" : "not_ready")
        .put(
            "checks",
            new JsonObject()
                .put("session_store", edge.sessionStore())
                .put("session", session)
                .put("provider", provider)
                .put("cluster", node.directory().nodes()));
    if (obstacle != null) {
      body.put("message", obstacle);
    }
    exchange.json(
        obstacle == null ? 200 : 503, body.put("timestamp", ErrorBody.timestamp(node.clock())));
  }
}
