package io.consoul.gateway;

import static io.consoul.gateway.RunningGateway.body;
import static io.consoul.gateway.RunningGateway.completed;
import static io.consoul.gateway.RunningGateway.delta;
import static io.consoul.gateway.RunningGateway.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.consoul.message.BeginTurn;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
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
    assertThat(chat.orTimeout(5, TimeUnit.SECONDS).join().body()).contains("Hello");
    assertThat(stream.orTimeout(5, TimeUnit.SECONDS).join().body()).contains("event: done");
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
  @DisplayName("cuts what does not finish in time")
  void cuts() {
    gateway.session.accepting();
    try (TestSocket socket = gateway.socket("s1")) {
      socket.say("hi");
      gateway.session.received().await(BeginTurn.class);
      get(gateway.stopping(Duration.ofMillis(400)));
      assertThat(socket.closeCode()).isEqualTo(1006);
    }
  }
}
