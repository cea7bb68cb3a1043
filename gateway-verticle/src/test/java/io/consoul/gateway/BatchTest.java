package io.consoul.gateway;

import static io.consoul.gateway.RunningGateway.completed;
import static io.consoul.gateway.RunningGateway.delta;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.message.BeginTurn;
import io.consoul.message.Detach;
import io.consoul.message.EndBatch;
import io.consoul.message.Failed;
import io.consoul.message.TurnFailed;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("A batch at the gateway")
class BatchTest {

  private final RunningGateway gateway = RunningGateway.start();

  @AfterEach
  void stop() {
    gateway.close();
  }

  private static JsonObject batch(String... messages) {
    JsonArray list = new JsonArray();
    for (String message : messages) {
      list.add(new JsonObject().put("role", "user").put("content", message));
    }
    return new JsonObject().put("session_id", "s1").put("messages", list);
  }

  private HttpResponse<String> send(JsonObject batch) {
    return gateway.send(gateway.chat("/chat/batch", batch));
  }

  private void echo() {
    gateway.session.answering(begin ->
        List.of(delta(begin, 0, begin.text()), completed(begin, begin.text().length())));
  }

  private List<BeginTurn> begins() {
    return gateway.session.received().all(BeginTurn.class);
  }

  @Test
  @DisplayName("runs in order, each turn after the end of the one before, and adds their usage up")
  void sequential() {
    gateway.session.accepting();
    var response = gateway.sending(gateway.chat("/chat/batch", batch("one", "two", "three")));
    for (int i = 1; i <= 3; i++) {
      BeginTurn begin = gateway.session.received().await(BeginTurn.class, i).get(i - 1);
      assertThat(begins()).hasSize(i);
      gateway.session.tell(begin, delta(begin, 0, begin.text()));
      gateway.session.tell(begin, completed(begin, begin.text().length()));
    }
    JsonObject body =
        new JsonObject(response.orTimeout(10, TimeUnit.SECONDS).join().body());

    assertThat(body.getJsonArray("responses").stream()
            .map(each -> ((JsonObject) each).getString("response")))
        .containsExactly("one", "two", "three");
    assertThat(body.getJsonArray("responses").getJsonObject(2).getInteger("index"))
        .isEqualTo(2);
    assertThat(body.getJsonObject("total_usage").getInteger("total_tokens")).isEqualTo(15);
    assertThat(body.getString("session_id")).isEqualTo("s1");
    assertThat(body.getString("model")).isEqualTo("m1");
    assertThat(body.getString("processing_mode")).isEqualTo("sequential");
    assertThat(body.getInstant("timestamp")).isNotNull();
    assertThat(begins())
        .extracting(begin -> begin.batch().last())
        .containsExactly(false, false, true);
    assertThat(begins())
        .extracting(begin -> begin.batch().id())
        .containsOnly(begins().get(0).batch().id());
    assertThat(begins()).noneMatch(BeginTurn::aside);
  }

  @Test
  @DisplayName("runs beside the session in parallel: all at once, and answers come back in order")
  void parallel() {
    gateway.session.accepting();
    var response = gateway.sending(
        gateway.chat("/chat/batch", batch("one", "two", "three").put("sequential", false)));
    List<BeginTurn> all = gateway.session.received().await(BeginTurn.class, 3);
    assertThat(all).allMatch(BeginTurn::aside).allMatch(begin -> begin.batch() == null);
    for (int i = 2; i >= 0; i--) {
      BeginTurn begin = all.get(i);
      gateway.session.tell(begin, delta(begin, 0, begin.text()));
      gateway.session.tell(begin, completed(begin, begin.text().length()));
    }
    JsonObject body =
        new JsonObject(response.orTimeout(10, TimeUnit.SECONDS).join().body());
    assertThat(body.getString("processing_mode")).isEqualTo("parallel");
    assertThat(body.getJsonArray("responses").stream()
            .map(each -> ((JsonObject) each).getString("response")))
        .containsExactly("one", "two", "three");
  }

  @Test
  @DisplayName("in parallel tells what failed beside what did not, with the usage of the rest")
  void parallelFailure() {
    gateway.session.accepting();
    var response = gateway.sending(
        gateway.chat("/chat/batch", batch("one", "two", "three").put("sequential", false)));
    List<BeginTurn> all = gateway.session.received().await(BeginTurn.class, 3);
    gateway.session.tell(
        all.get(0),
        new TurnFailed(all.get(0).turn(), 1, 0, new Failed(Fault.LLM_TIMEOUT, "slow", 3, null)));
    for (BeginTurn begin : all.subList(1, 3)) {
      gateway.session.tell(begin, delta(begin, 0, begin.text()));
      gateway.session.tell(begin, completed(begin, begin.text().length()));
    }
    HttpResponse<String> answer = response.orTimeout(10, TimeUnit.SECONDS).join();
    JsonObject body = new JsonObject(answer.body());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(body.getJsonArray("responses").stream()
            .map(each -> ((JsonObject) each).getString("response")))
        .containsExactly(null, "two", "three");
    JsonObject error = body.getJsonArray("responses").getJsonObject(0).getJsonObject("error");
    assertThat(error.getString("code")).isEqualTo("E201");
    assertThat(error.getBoolean("recoverable")).isTrue();
    assertThat(error.getInteger("retry_after")).isEqualTo(3);
    assertThat(body.getJsonObject("total_usage").getInteger("total_tokens")).isEqualTo(10);
  }

  @Test
  @DisplayName("in parallel leaves all its turns when its client has gone, and counts nothing")
  void parallelClientGone() {
    gateway.session.accepting();
    List<BeginTurn> begun;
    try (RawClient raw = gateway.raw()) {
      String body = batch("one", "two").put("sequential", false).encode();
      raw.send("POST /chat/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
          + "Content-Length: " + body.length() + "\r\n\r\n" + body);
      begun = gateway.session.received().await(BeginTurn.class, 2);
    }
    gateway.session.received().await(Detach.class, 2);
    begun.forEach(begin -> gateway.session.tell(begin, completed(begin, 0)));
    await().untilAsserted(() -> assertThat(gateway.edge.requests()).isZero());
    assertThat(gateway.node.meters().summary("consoul_batch_size").count()).isZero();
  }

  @Test
  @DisplayName("goes on after a message that failed, which has its error instead of a response")
  void bestEffort() {
    gateway.session.onBegin(begin -> {
      if (begin.text().equals("two")) {
        return Future.failedFuture(Fault.LLM_CONTENT_FILTERED.because("no"));
      }
      return Future.succeededFuture(gateway.accepted(begin)).onSuccess(accepted -> {
        gateway.session.tell(begin, delta(begin, 0, begin.text()));
        gateway.session.tell(begin, completed(begin, begin.text().length()));
      });
    });
    HttpResponse<String> response = send(batch("one", "two", "three"));
    assertThat(response.statusCode()).isEqualTo(200);
    JsonArray responses = new JsonObject(response.body()).getJsonArray("responses");
    assertThat(responses.getJsonObject(0).getValue("error")).isNull();
    assertThat(responses.getJsonObject(1).getValue("response")).isNull();
    assertThat(responses.getJsonObject(1).getValue("usage")).isNull();
    assertThat(responses.getJsonObject(1).getJsonObject("error").getString("code"))
        .isEqualTo("E204");
    assertThat(responses.getJsonObject(2).getString("response")).isEqualTo("three");
  }

  @Test
  @DisplayName("does not wait again and again for a session that is locked")
  void locked() {
    gateway.session.failing(Fault.SESSION_LOCKED);
    JsonArray responses =
        new JsonObject(send(batch("one", "two")).body()).getJsonArray("responses");
    assertThat(responses.stream()
            .map(each -> ((JsonObject) each).getJsonObject("error").getString("code")))
        .containsExactly("E102", "E102");
    assertThat(begins()).hasSize(1);
    assertThat(gateway.session.received().await(EndBatch.class).batch())
        .isEqualTo(begins().get(0).batch().id());
  }

  @Test
  @DisplayName("begins no further turn for a client that has gone, and leaves the one in progress")
  void clientGone() {
    gateway.session.accepting();
    BeginTurn first;
    try (RawClient raw = gateway.raw()) {
      String body = batch("one", "two").encode();
      raw.send("POST /chat/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
          + "Content-Length: " + body.length() + "\r\n\r\n" + body);
      first = gateway.session.received().await(BeginTurn.class);
    }
    assertThat(gateway.session.received().await(Detach.class).turn()).isEqualTo(first.turn());
    gateway.session.received().await(EndBatch.class);
    gateway.session.tell(first, completed(first, 0));
    echo();
    gateway.postChat("another");
    assertThat(begins()).extracting(BeginTurn::text).containsExactly("one", "another");
  }

  @ParameterizedTest
  @DisplayName("is refused with the name of the field that is wrong")
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"messages\":[{\"content\":\"x\"}]} | E002 | session_id",
        "{\"session_id\":\"s\"} | E002 | messages",
        "{\"session_id\":\"s\",\"messages\":[]} | E003 | messages",
        "{\"session_id\":\"s\",\"messages\":\"x\"} | E003 | messages",
        "{\"session_id\":\"s\",\"messages\":[7]} | E003 | messages[0]",
        "{\"session_id\":\"s\",\"messages\":[{\"role\":\"user\"}]} | E002 | messages[0].content",
        "{\"session_id\":\"s\",\"messages\":[{\"role\":\"system\",\"content\":\"x\"}]} | E003 | messages[0].role",
        "{\"session_id\":\"s\",\"messages\":[{\"content\":\"\"}]} | E003 | messages[0].content",
        "{\"session_id\":\"s\",\"messages\":[{\"content\":\"x\"}],\"sequential\":\"yes\"} | E003 | sequential",
        "{\"session_id\":\"s\",\"messages\":[{\"content\":\"x\"}],\"model\":1} | E003 | model",
      })
  void validation(String body, String code, String field) {
    JsonObject error = new JsonObject(send(new JsonObject(body)).body());
    assertThat(error.getString("code")).as(error.encode()).isEqualTo(code);
    assertThat(error.getJsonObject("details").getString("field")).isEqualTo(field);
    assertThat(begins()).isEmpty();
  }

  @Test
  @DisplayName("takes up to ten messages")
  void tooMany() {
    echo();
    String[] ten = IntStream.range(0, 10).mapToObj(i -> "m" + i).toArray(String[]::new);
    assertThat(send(batch(ten)).statusCode()).isEqualTo(200);
    String[] eleven = IntStream.range(0, 11).mapToObj(i -> "m" + i).toArray(String[]::new);
    assertThat(send(batch(eleven)).statusCode()).isEqualTo(422);
  }
}
