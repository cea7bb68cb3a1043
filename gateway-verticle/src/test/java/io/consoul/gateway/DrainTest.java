package io.consoul.gateway;

import static io.consoul.gateway.RunningGateway.body;
import static io.consoul.gateway.RunningGateway.completed;
import static io.consoul.gateway.RunningGateway.delta;
import static io.consoul.gateway.RunningGateway.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.consoul.message.BeginTurn;
import io.consoul.message.Detach;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A gateway that stops")
class DrainTest {

  private RunningGateway gateway = RunningGateway.start();

  @AfterEach
  void stop() {
    gateway.close();
  }

  @Test
  @DisplayName("is not ready at once, refuses new work, and stays alive meanwhile")
  void refuses() {
    gateway.edge.drain();
    HttpResponse<String> ready = gateway.get("/ready");
    assertThat(ready.statusCode()).isEqualTo(503);
    assertThat(new JsonObject(ready.body()).getString("message")).contains("shutting down");
    HttpResponse<String> chat = gateway.postChat("hi");
    assertThat(chat.statusCode()).isEqualTo(503);
    assertThat(new JsonObject(chat.body()).getString("code")).isEqualTo("E022");
    assertThat(chat.headers().firstValue("Connection")).hasValue("close");
    assertThat(gateway.get("/health").statusCode()).isEqualTo(200);
  }

  @Test
  @DisplayName("finishes requests in progress, then closes its port")
  void finishesRequests() {
    gateway.session.accepting();
    var chat = gateway.sending(gateway.chat("/chat", body("chat")));
    var stream = gateway.sending(gateway.chat("/chat/stream", body("stream")));
    var begins = gateway.session.received().await(BeginTurn.class, 2);
    int port = gateway.port();
    Future<Void> stopping = gateway.stopping();
    for (BeginTurn begin : begins) {
      assertThat(stopping.isComplete()).isFalse();
      gateway.session.tell(begin, delta(begin, 0, "Hello"));
      gateway.session.tell(begin, completed(begin, 5));
    }
    assertThat(chat.orTimeout(10, TimeUnit.SECONDS).join().body()).contains("Hello");
    assertThat(stream.orTimeout(10, TimeUnit.SECONDS).join().body()).contains("event: done");
    get(stopping);
    assertThatThrownBy(() -> new RawClient(port).close()).hasMessageContaining("refused");
  }

  @Test
  @DisplayName("lets a WebSocket finish its turn, gives back what waits, and closes with 1012")
  void finishesSockets() {
    gateway.session.accepting();
    try (TestSocket busy = gateway.socket("s1");
        TestSocket idle = gateway.socket("s2")) {
      busy.say("running");
      BeginTurn begin = gateway.session.received().await(BeginTurn.class);
      busy.say("waiting");
      busy.send("{\"type\":\"ping\"}");
      assertThat(busy.next().getString("type")).isEqualTo("pong");
      Future<Void> stopping = gateway.stopping();
      assertThat(idle.closeCode()).isEqualTo(1012);
      assertThat(busy.next("error").getString("code")).isEqualTo("E022");
      gateway.session.tell(begin, delta(begin, 0, "Hello"));
      gateway.session.tell(begin, completed(begin, 5));
      assertThat(busy.answer()).isEqualTo("Hello");
      assertThat(busy.closeCode()).isEqualTo(1012);
      get(stopping);
    }
  }

  @Test
  @DisplayName("sends a WebSocket elsewhere with 1012 when its turn does not finish in time")
  void restartsSockets() {
    gateway.session.accepting();
    try (TestSocket socket = gateway.socket("s1")) {
      socket.say("hi");
      BeginTurn begin = gateway.session.received().await(BeginTurn.class);
      get(gateway.stopping(Duration.ofMillis(400)));
      assertThat(socket.closeCode()).isEqualTo(1012);
      assertThat(gateway.session.received().await(Detach.class).turn()).isEqualTo(begin.turn());
    }
  }

  @Test
  @DisplayName(
      "tells the client of a stream that does not finish in time to come back for the rest")
  void endsStreams() {
    gateway.session.accepting();
    var stream = gateway.sending(gateway.chat("/chat/stream", body("stream")));
    BeginTurn begin = gateway.session.received().await(BeginTurn.class);
    gateway.session.tell(begin, delta(begin, 0, "Hello"));
    var chat = gateway.sending(gateway.chat("/chat", body("chat").put("session_id", "s2")));
    gateway.session.received().await(BeginTurn.class, 2);
    get(gateway.stopping(Duration.ofMillis(400)));
    String events = stream.orTimeout(10, TimeUnit.SECONDS).join().body();
    assertThat(events)
        .contains("Hello", "event: error", "\"code\":\"E022\"", "\"recoverable\":true")
        .contains("\"retry_after\":1");
    HttpResponse<String> whole = chat.orTimeout(10, TimeUnit.SECONDS).join();
    assertThat(whole.statusCode()).isEqualTo(503);
    assertThat(new JsonObject(whole.body()).getString("code")).isEqualTo("E022");
    assertThat(gateway.session.received().await(Detach.class, 2)).hasSize(2);
  }

  @Test
  @DisplayName("in a cluster goes on answering for the grace, and asks every client to leave")
  void grace() {
    gateway.close();
    gateway = RunningGateway.startClustered(new JsonObject().put("drainGraceSeconds", 30));
    gateway.session.answering(begin -> List.of(delta(begin, 0, "Hello"), completed(begin, 5)));
    gateway.node.drain().begin(Duration.ofSeconds(60));
    gateway.edge.drain();
    assertThat(gateway.get("/ready").statusCode()).isEqualTo(503);
    HttpResponse<String> chat = gateway.postChat("hi");
    assertThat(chat.statusCode()).isEqualTo(200);
    assertThat(chat.headers().firstValue("Connection")).hasValue("close");
    HttpResponse<String> stream = gateway.postStream("hi");
    assertThat(stream.body()).contains("event: done");
    assertThat(stream.headers().firstValue("Connection")).hasValue("close");
    try (TestSocket socket = gateway.socket("s1")) {
      socket.say("hi");
      assertThat(socket.answer()).isEqualTo("Hello");
      socket.say("and again");
      assertThat(socket.answer()).isEqualTo("Hello");
    }
    gateway.node.drain().begin(Duration.ZERO); // its end is not waited for
  }

  @Test
  @DisplayName("in a cluster takes nothing new after the grace")
  void afterTheGrace() {
    gateway.close();
    gateway = RunningGateway.startClustered(new JsonObject().put("drainGraceSeconds", 0.3));
    gateway.session.answering(begin -> List.of(delta(begin, 0, "Hello"), completed(begin, 5)));
    gateway.node.drain().begin(Duration.ofSeconds(30));
    gateway.edge.drain();
    await().atMost(Duration.ofSeconds(10)).until(() -> gateway.postChat("hi").statusCode() == 503);
    assertThat(new JsonObject(gateway.postChat("hi").body()).getString("code")).isEqualTo("E022");
  }

  @Test
  @DisplayName(
      "in a cluster closes its port behind the grace, and WebSockets that came during it after their turn")
  void socketOfTheGrace() {
    gateway.close();
    gateway = RunningGateway.startClustered(new JsonObject()
        .put("drainGraceSeconds", 6)
        .put("stream", new JsonObject().put("silenceSeconds", 60)));
    gateway.session.accepting();
    long begun = System.nanoTime();
    Future<Void> stopping = gateway.stopping();
    try (TestSocket idle = gateway.socket("s1");
        TestSocket busy = gateway.socket("s2")) {
      busy.say("hi");
      BeginTurn begin = gateway.session.received().await(BeginTurn.class);
      assertThat(idle.closeCode()).isEqualTo(1012);
      assertThat(Duration.ofNanos(System.nanoTime() - begun))
          .isGreaterThan(Duration.ofMillis(5_990));
      assertThat(stopping.isComplete()).isFalse();
      gateway.session.tell(begin, delta(begin, 0, "Hello"));
      gateway.session.tell(begin, completed(begin, 5));
      assertThat(busy.answer()).isEqualTo("Hello");
      assertThat(busy.closeCode()).isEqualTo(1012);
      get(stopping);
    }
  }
}
