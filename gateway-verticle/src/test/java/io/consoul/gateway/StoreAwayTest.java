package io.consoul.gateway;

import static io.consoul.gateway.RunningGateway.body;
import static io.consoul.gateway.RunningGateway.completed;
import static io.consoul.gateway.RunningGateway.delta;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.message.Accepted;
import io.consoul.message.Addresses;
import io.consoul.message.BeginTurn;
import io.consoul.message.BusCodec;
import io.consoul.message.Failed;
import io.consoul.message.FinishReason;
import io.consoul.message.Hello;
import io.consoul.message.Kind;
import io.consoul.message.Queued;
import io.consoul.message.StoreState;
import io.consoul.message.TurnFailed;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("While the store of the sessions is away")
class StoreAwayTest {

  private final RunningGateway gateway = RunningGateway.start();

  @AfterEach
  void stop() {
    gateway.close();
  }

  @Test
  @DisplayName("an answer says that the model did not see what was said before")
  void wholeAnswer() {
    answeringWithoutHistory(true);
    assertMarked(json(gateway.postChat("hi")));
  }

  @Test
  @DisplayName("an answer that was cancelled says so, too")
  void cancelledAnswer() {
    gateway.session.onBegin(begin -> accepted(
        begin,
        true,
        () -> gateway.session.tell(
            begin,
            new TurnFailed(
                begin.turn(), 1, 0, new Failed(Fault.LLM_CANCELLED, null, null, null)))));
    JsonObject answer = json(gateway.postChat("hi"));
    assertThat(answer.getString("finish_reason")).isEqualTo(FinishReason.CANCELLED.wireName());
    assertMarked(answer);
  }

  @Test
  @DisplayName("an answer that had to wait says so, too")
  void queuedAnswer() {
    gateway.session.onBegin(begin -> Future.succeededFuture(new Queued(begin.turn(), 1)));
    var response = gateway.sending(gateway.chat("/chat", body("hi")));
    BeginTurn begin = gateway.session.received().await(BeginTurn.class);
    gateway.session.tell(begin, new Accepted(begin.turn(), 1, gateway.session.inbox(), true));
    hello(begin);
    assertMarked(json(response.orTimeout(10, TimeUnit.SECONDS).join()));
  }

  @Test
  @DisplayName("a stream of events says so at its end")
  void eventStream() {
    answeringWithoutHistory(true);
    assertMarked(done(gateway.postStream("hi")));
  }

  @Test
  @DisplayName("a WebSocket says so at the end of the answer, and no more at the next one's")
  void socket() {
    try (TestSocket socket = gateway.socket("s1")) {
      answeringWithoutHistory(true);
      socket.say("hi");
      socket.next("token");
      assertMarked(socket.next("done"));

      answeringWithoutHistory(false);
      socket.say("hi again");
      socket.next("token");
      assertUnmarked(socket.next("done"));
    }
  }

  @Test
  @DisplayName("a batch says so in each answer that it is true of")
  void batch() {
    gateway.session.onBegin(
        begin -> accepted(begin, begin.text().equals("one"), () -> hello(begin)));
    JsonArray messages = new JsonArray();
    for (String text : new String[] {"one", "two"}) {
      messages.add(new JsonObject().put("role", "user").put("content", text));
    }
    JsonObject batch = new JsonObject().put("session_id", "s1").put("messages", messages);
    JsonObject answer = json(gateway.send(gateway.chat("/chat/batch", batch)));

    assertMarked(answer.getJsonArray("responses").getJsonObject(0));
    assertUnmarked(answer.getJsonArray("responses").getJsonObject(1));
    assertUnmarked(answer);
  }

  @Test
  @DisplayName("ordinary answers have nothing of it")
  void ordinary() {
    answeringWithoutHistory(false);
    assertUnmarked(json(gateway.postChat("hi")));
    assertUnmarked(done(gateway.postStream("hi")));
  }

  @Test
  @DisplayName("a refused turn is E110 with the time after which to try again")
  void refused() {
    gateway.session.onBegin(begin -> Future.failedFuture(
        Fault.SESSION_STORAGE_UNAVAILABLE.retryAfter(7, "Redis does not answer.")));
    HttpResponse<String> response = gateway.postChat("hi");
    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.headers().firstValue("Retry-After")).hasValue("7");
    assertThat(new JsonObject(response.body()).getString("code")).isEqualTo("E110");
  }

  @ParameterizedTest(name = "{0} is {1}, redis {2}, {3}")
  @DisplayName("/ready tells by the hellos of the session instances")
  @CsvSource({
    "MEMORY, memory, , 200, ",
    "CLUSTER, cluster, , 200, ",
    "REDIS, redis, true, 200, ",
    "DEGRADED, degraded, , 200, Running in fallback mode",
    "DOWN, redis, false, 503, The store of the sessions cannot be reached.",
  })
  void ready(StoreState state, String store, Boolean redis, int status, String message) {
    gateway.session.store(state);
    HttpResponse<String> response = gateway.get("/ready");
    assertThat(response.statusCode()).isEqualTo(status);
    JsonObject ready = new JsonObject(response.body());
    assertThat(ready.getString("status")).isEqualTo(status == 200 ? "ready" : "not_ready");
    assertThat(ready.getString("message")).isEqualTo(message);
    JsonObject checks = ready.getJsonObject("checks");
    assertThat(checks.getString("session_store")).isEqualTo(store);
    assertThat(checks.getBoolean("redis")).isEqualTo(redis);
    assertThat(checks.containsKey("redis")).isEqualTo(redis != null);
    assertThat(checks.getBoolean("session")).isTrue();
  }

  @Test
  @DisplayName("/ready is as good as the best instance of the cluster")
  void readyElsewhere() {
    gateway.session.store(StoreState.DOWN);
    hear("degraded", StoreState.DEGRADED);
    assertThat(json(gateway.get("/ready")).getString("message"))
        .isEqualTo("Running in fallback mode");

    hear("whole", StoreState.REDIS);
    JsonObject ready = json(gateway.get("/ready"));
    assertThat(ready.containsKey("message")).isFalse();
    assertThat(ready.getJsonObject("checks").getBoolean("redis")).isTrue();
  }

  @Test
  @DisplayName("/ready names no store where no instance tells one")
  void readyUnknown() {
    gateway.session.store(null);
    assertThat(json(gateway.get("/ready")).getJsonObject("checks").fieldNames())
        .containsExactlyInAnyOrder("session", "provider", "cluster");
  }

  private void answeringWithoutHistory(boolean without) {
    gateway.session.onBegin(begin -> accepted(begin, without, () -> hello(begin)));
  }

  /** The events follow the reply, as those of a turn do whose end has to be stored first. */
  private Future<Accepted> accepted(BeginTurn begin, boolean historyUnavailable, Runnable events) {
    Vertx.currentContext().runOnContext(replied -> events.run());
    return Future.succeededFuture(
        new Accepted(begin.turn(), 1, gateway.session.inbox(), historyUnavailable));
  }

  private void hello(BeginTurn begin) {
    gateway.node.bus().tell(begin.listener(), delta(begin, 0, "Hello"));
    gateway.node.bus().tell(begin.listener(), completed(begin, 5));
  }

  /** Says so again and again: who is not heard of for a while is forgotten. */
  private void hear(String inbox, StoreState state) {
    Hello hello = new Hello(
        Kind.SESSION, "elsewhere", inbox, 0, false, false, BusCodec.NEWEST_VERSION, state);
    gateway.vertx.setPeriodic(
        1, 500, again -> gateway.node.bus().publish(Addresses.EVENTS_NODE, hello));
    await().until(() -> gateway.node.directory().knows(inbox));
  }

  private static JsonObject json(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return new JsonObject(response.body());
  }

  /** The data of the last event of a stream. */
  private static JsonObject done(HttpResponse<String> response) {
    String events = response.body();
    String last = events.substring(events.indexOf("event: done"));
    return new JsonObject(last.substring(last.indexOf("data: ") + "data: ".length()));
  }

  private static void assertMarked(JsonObject answer) {
    assertThat(answer.getBoolean("degraded")).isTrue();
    assertThat(answer.getString("history")).isEqualTo("unavailable");
  }

  private static void assertUnmarked(JsonObject answer) {
    assertThat(answer.fieldNames()).doesNotContain("degraded", "history");
  }
}
