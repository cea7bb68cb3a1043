package io.consoul.gateway;

import static io.consoul.gateway.RunningGateway.body;
import static io.consoul.gateway.RunningGateway.completed;
import static io.consoul.gateway.RunningGateway.delta;
import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.AttachTurn;
import io.consoul.message.Replayed;
import io.consoul.message.SessionId;
import io.consoul.message.TurnId;
import io.consoul.testkit.ScriptedSession;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("A gateway that is the only verticle of its cluster")
class NobodyThereTest {

  private static final String TURN =
      TurnId.mint(new SessionId("s1"), RandomGenerator.getDefault()).value();

  private final RunningGateway gateway = RunningGateway.startAlone();

  @AfterEach
  void stop() {
    gateway.close();
  }

  static Stream<Arguments> requests() {
    JsonObject completion = new JsonObject()
        .put(
            "messages",
            new JsonArray().add(new JsonObject().put("role", "user").put("content", "hi")));
    JsonObject batch = new JsonObject()
        .put("session_id", "s1")
        .put(
            "messages",
            new JsonArray().add(new JsonObject().put("role", "user").put("content", "hi")));
    return Stream.of(
        request("POST /chat", "E110", gateway -> gateway.chat("/chat", body("hi"))),
        request("POST /chat/stream", "E110", gateway -> gateway.chat("/chat/stream", body("hi"))),
        request("POST /chat/batch", "E110", gateway -> gateway.chat("/chat/batch", batch)),
        request(
            "POST /chat/batch in parallel",
            "E110",
            gateway -> gateway.chat("/chat/batch", batch.copy().put("sequential", false))),
        request(
            "POST /chat/{id}/cancel",
            "E110",
            gateway -> gateway.chat("/chat/s1/cancel", new JsonObject())),
        request("POST /sessions", "E110", gateway -> gateway.chat("/sessions", new JsonObject())),
        request("GET /sessions", "E110", gateway -> gateway.request("/sessions")),
        request("GET /sessions/{id}", "E110", gateway -> gateway.request("/sessions/s1")),
        request(
            "GET /sessions/{id}/messages",
            "E110",
            gateway -> gateway.request("/sessions/s1/messages")),
        request(
            "DELETE /sessions/{id}",
            "E110",
            gateway -> gateway.request("/sessions/s1").DELETE()),
        request("GET /v1/models", "E200", gateway -> gateway.request("/v1/models")),
        request(
            "POST /v1/chat/completions",
            "E200",
            gateway -> gateway.chat("/v1/chat/completions", completion)),
        request(
            "POST /v1/chat/completions, streamed",
            "E200",
            gateway -> gateway.chat("/v1/chat/completions", completion.copy().put("stream", true))),
        request(
            "POST /v1/chat/completions with a session",
            "E110",
            gateway ->
                gateway.chat("/v1/chat/completions", completion.copy().put("session_id", "s1"))));
  }

  private static Arguments request(
      String name, String code, Function<RunningGateway, HttpRequest.Builder> request) {
    return Arguments.of(name, code, request);
  }

  @ParameterizedTest(name = "{0}")
  @DisplayName("says at once who is missing")
  @MethodSource("requests")
  void atOnce(String name, String code, Function<RunningGateway, HttpRequest.Builder> request) {
    HttpResponse<String> answer = gateway.send(request.apply(gateway));
    assertThat(answer.body())
        .contains("\"" + code + "\"")
        .contains("verticle is there")
        .as("nobody was waited for")
        .doesNotContain("in time");
    if (!name.contains("batch")) { // a batch tells of each message what became of it
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.headers().firstValue("Retry-After")).hasValue("1");
    }
  }

  @Test
  @DisplayName("says so on a WebSocket, too, and takes the verticles that appear")
  void appears() {
    try (TestSocket socket = gateway.socket("s1")) {
      socket.say("hi");
      assertThat(socket.next("error").getString("code")).isEqualTo("E110");

      ScriptedSession session = RunningGateway.get(ScriptedSession.startWithProvider(gateway.node));
      session.answering(begin -> List.of(delta(begin, 0, "Hello"), completed(begin, 5)));
      assertThat(gateway.get("/ready").statusCode()).isEqualTo(200);
      socket.say("hi");
      assertThat(socket.answer()).isEqualTo("Hello");
      assertThat(gateway.postChat("hi").statusCode()).isEqualTo(200);
    }
  }

  @Test
  @DisplayName("looks for a turn to go on with for a while, for its session may come back")
  void attaching() {
    var attached = gateway.sending(gateway.request("/chat/stream/" + TURN));
    RunningGateway.get(ScriptedSession.startWithProvider(
        gateway.node,
        session -> session.on(
            AttachTurn.class,
            attach -> Future.succeededFuture(
                new Replayed(attach.turn(), 0, "Hello", completed(attach.turn(), 1, 5))))));
    assertThat(attached.join().body()).contains("Hello");
  }
}
