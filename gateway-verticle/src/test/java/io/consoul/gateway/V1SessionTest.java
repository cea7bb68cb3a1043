package io.consoul.gateway;

import static io.consoul.gateway.RunningGateway.completed;
import static io.consoul.gateway.RunningGateway.delta;
import static io.consoul.gateway.V1CompletionsTest.body;
import static io.consoul.gateway.V1CompletionsTest.data;
import static io.consoul.gateway.V1CompletionsTest.error;
import static io.consoul.gateway.V1CompletionsTest.streamed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.message.Accepted;
import io.consoul.message.Cuts;
import io.consoul.testkit.ScriptedSession;
import io.consoul.message.BeginTurn;
import io.consoul.message.CompleteChat;
import io.consoul.message.Delta;
import io.consoul.message.Detach;
import io.consoul.message.Failed;
import io.consoul.message.Replayed;
import io.consoul.message.TurnFailed;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("POST /v1/chat/completions with a session")
class V1SessionTest {

  private RunningGateway gateway;

  @BeforeEach
  void start() {
    gateway = RunningGateway.start();
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  private HttpResponse<String> post(JsonObject body) {
    return gateway.send(gateway.chat("/v1/chat/completions", body).header("X-Session-ID", "s1"));
  }

  private static JsonObject choice(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return new JsonObject(response.body()).getJsonArray("choices").getJsonObject(0);
  }

  private static String content(HttpResponse<String> response) {
    return choice(response).getJsonObject("message").getString("content");
  }

  private BeginTurn begun() {
    return gateway.session.received().await(BeginTurn.class);
  }

  @Test
  @DisplayName("runs a turn of it with the newest message, under its key")
  void whole() {
    gateway.session.answering(begin -> List.of(delta(begin, 0, "Hello"), completed(begin, 5)));
    JsonObject body = body();
    body.getJsonArray("messages")
        .add(new JsonObject().put("role", "assistant").put("content", "Hi"))
        .add(new JsonObject().put("role", "user").put("content", "And now?"));
    HttpResponse<String> response = gateway.send(gateway
        .chat("/v1/chat/completions", body)
        .header("X-Session-ID", "s1")
        .header("Idempotency-Key", "k1"));
    JsonObject answer = new JsonObject(response.body());
    assertThat(content(response)).isEqualTo("Hello");
    assertThat(answer.getString("session_id")).isEqualTo("s1");
    assertThat(answer.getString("turn_id")).isEqualTo(begun().turn().value());
    assertThat(answer.getString("model")).isEqualTo("m1");
    assertThat(answer.getJsonObject("usage").getInteger("completion_tokens")).isEqualTo(2);
    assertThat(begun().text()).isEqualTo("And now?");
    assertThat(begun().model()).isEqualTo("m");
    assertThat(begun().key().value()).isEqualTo("k1");
    assertThat(gateway.session.received().all(CompleteChat.class)).isEmpty();
  }

  @Test
  @DisplayName("streams it in OpenAI's chunks")
  void stream() {
    gateway.session.answering(begin -> List.of(delta(begin, 0, "Hello"), completed(begin, 5)));
    List<String> data = data(post(streamed()));
    assertThat(data).hasSize(5).endsWith("[DONE]");
    assertThat(V1CompletionsTest.delta(data.get(1)).getString("content")).isEqualTo("Hello");
    JsonObject end = new JsonObject(data.get(2));
    assertThat(end.getString("model")).isEqualTo("m");
    assertThat(end.getString("id")).isEqualTo("chatcmpl-" + end.getString("turn_id"));
  }

  @Test
  @DisplayName("says what a turn says that failed, and does not fail for one that was cancelled")
  void failures() {
    gateway.session.failing(Fault.SESSION_LOCKED);
    HttpResponse<String> locked = post(streamed());
    assertThat(locked.statusCode()).isEqualTo(409);
    assertThat(error(locked).getString("code")).isEqualTo("E102");
    gateway.session.answering(begin -> List.of(
        delta(begin, 0, "Hel"),
        new TurnFailed(begin.turn(), 1, 3, new Failed(Fault.LLM_CANCELLED, null, null, null))));
    HttpResponse<String> cancelled = post(body());
    assertThat(content(cancelled)).isEqualTo("Hel");
    assertThat(choice(cancelled).getString("finish_reason")).isEqualTo("length");
    assertThat(choice(cancelled).getString("native_finish_reason")).isEqualTo("cancelled");
    gateway.session.answering(begin -> List.of(
        new TurnFailed(begin.turn(), 1, 0, new Failed(Fault.LLM_CANCELLED, null, null, null))));
    assertThat(data(post(streamed()))).hasSize(4).endsWith("[DONE]");
  }

  @Test
  @DisplayName("gives the stored answer of a turn that was cut off, however often it is asked for")
  void cutOff() {
    gateway.session.onBegin(begin -> Future.succeededFuture(new Replayed(
        begin.turn(),
        0,
        "Hel",
        new TurnFailed(begin.turn(), 1, 3, new Failed(Fault.LLM_TIMEOUT, null, null, null)))));
    HttpResponse<String> response = post(body());
    assertThat(content(response)).isEqualTo("Hel");
    assertThat(choice(response).getString("native_finish_reason")).isEqualTo("interrupted");
  }

  private Accepted newAttempt(BeginTurn begin) {
    return new Accepted(begin.turn(), 2, gateway.session.inbox(), Cuts.NONE.and(3));
  }

  @Test
  @DisplayName("goes back to where a newer attempt begins; a stream that has said more fails")
  void cutBack() {
    gateway.session.onBegin(begin -> {
      gateway.session.tell(begin, delta(begin, 0, "Hello"));
      gateway.session.tell(begin, new Delta(begin.turn(), 2, 3, "p!"));
      gateway.session.tell(begin, newAttempt(begin));
      gateway.session.tell(begin, completed(begin, 2, 5));
      return ScriptedSession.noAnswer();
    });
    assertThat(content(post(body()))).isEqualTo("Help!");
    gateway.session.accepting();
    var response = gateway.sending(
        gateway.chat("/v1/chat/completions", streamed()).header("X-Session-ID", "s2"));
    BeginTurn begin = gateway
        .session
        .received()
        .await(BeginTurn.class, each -> each.session().value().equals("s2"));
    gateway.session.tell(begin, delta(begin, 0, "Hello"));
    gateway.session.tell(begin, newAttempt(begin));
    gateway.session.tell(begin, new Delta(begin.turn(), 2, 3, "p!"));
    gateway.session.tell(begin, completed(begin, 2, 5));
    HttpResponse<String> broken = response.orTimeout(10, TimeUnit.SECONDS).join();
    assertThat(broken.body()).contains("\"code\":\"E200\"").doesNotContain("p!", "[DONE]");
    await().untilAsserted(() -> assertThat(gateway.edge.requests()).isZero());
  }

  @Test
  @DisplayName("marks an answer that was given without what was said before")
  void degraded() {
    gateway.session.onBegin(begin -> {
      Vertx.currentContext().runOnContext(replied -> {
        gateway.session.tell(begin, delta(begin, 0, "Hi"));
        gateway.session.tell(begin, completed(begin, 2));
      });
      return Future.succeededFuture(new Accepted(begin.turn(), 1, gateway.session.inbox(), true));
    });
    assertThat(new JsonObject(post(body()).body()).getString("history")).isEqualTo("unavailable");
  }

  @Test
  @DisplayName("lets the turn run on when its client goes away")
  void gone() {
    gateway.session.accepting();
    String body = streamed().put("session_id", "s1").encode();
    try (RawClient client = gateway.raw()) {
      client.send("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
          + "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n"
          + body);
      begun();
    }
    assertThat(gateway.session.received().await(Detach.class).turn())
        .isEqualTo(begun().turn());
  }

  @Test
  @DisplayName("refuses an id in the header that cannot be one")
  void malformedId() {
    HttpResponse<String> response = gateway.send(
        gateway.chat("/v1/chat/completions", body()).header("X-Session-ID", "x".repeat(129)));
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(error(response).getString("code")).isEqualTo("E004");
  }
}
