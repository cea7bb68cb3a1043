package io.consoul.gateway;

import static io.consoul.gateway.RunningGateway.completed;
import static io.consoul.gateway.RunningGateway.delta;
import static io.consoul.gateway.RunningGateway.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.BeginTurn;
import io.consoul.node.Node;
import io.consoul.testkit.Ports;
import io.consoul.testkit.ScriptedSession;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Several instances of the gateway")
class InstancesTest {

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void stop() {
    get(vertx.close());
  }

  @Test
  @DisplayName("share one port and one count of connections, each with an inbox of its own")
  void share() {
    int port = Ports.free();
    Node node = get(Node.join(vertx));
    GatewayConfig config = GatewayConfig.from(
        new JsonObject().put("port", port).put("rateLimit", RunningGateway.UNLIMITED));
    Edge edge = new Edge(config, "1");
    ScriptedSession session = get(ScriptedSession.startWithProvider(node));
    session.answering(begin -> List.of(delta(begin, 0, "Hello"), completed(begin, 5)));
    get(vertx.deployVerticle(
        () -> new GatewayVerticle(config, node, edge), new DeploymentOptions().setInstances(2)));

    List<RawClient> clients = new ArrayList<>();
    IntStream.range(0, 8)
        .mapToObj(i -> new RawClient(port).upgrade("/ws/chat/s" + i))
        .forEach(clients::add);
    assertThat(edge.connections()).isEqualTo(8);
    clients.forEach(client -> client.text("{\"type\":\"message\",\"content\":\"hi\"}"));
    clients.forEach(client -> assertThat(client.read(20)).contains("token"));
    assertThat(session.received().await(BeginTurn.class, 8).stream()
            .map(begin -> begin.listener().inbox())
            .distinct())
        .hasSize(2);
    clients.forEach(RawClient::close);
  }

  @Test
  @DisplayName("count their callers together")
  void oneLimit() {
    int port = Ports.free();
    Node node = get(Node.join(vertx));
    GatewayConfig config = GatewayConfig.from(new JsonObject()
        .put("port", port)
        .put("rateLimit", new JsonObject().put("defaultLimits", "8/hour")));
    Edge edge = new Edge(config, "1");
    get(vertx.deployVerticle(
        () -> new GatewayVerticle(config, node, edge), new DeploymentOptions().setInstances(2)));

    List<String> answers = IntStream.range(0, 12)
        .mapToObj(i -> {
          try (RawClient client = new RawClient(port)) {
            client.send("GET /sessions?limit=none HTTP/1.1\r\nHost: localhost\r\n\r\n");
            return client.answer();
          }
        })
        .toList();
    assertThat(answers).filteredOn(answer -> answer.startsWith("HTTP/1.1 422")).hasSize(8);
    assertThat(answers).filteredOn(answer -> answer.startsWith("HTTP/1.1 429")).hasSize(4);
  }
}
