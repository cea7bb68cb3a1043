package io.consoul.provider.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

@DisplayName("A call that is cancelled")
class CallCancelTest {

  private static final Logger log = LoggerFactory.getLogger(CallCancelTest.class);

  /** 100 ms are promised; a machine that is busy with other tests gets more. */
  private static final long LIMIT_MILLIS = 10_000;

  private Peer peer = new Peer();
  private CallStage stage = new CallStage(peer.port());

  @AfterEach
  void close() {
    stage.close();
    peer.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @DisplayName("is reset while it is sent and unanswered")
  void unanswered(boolean http2) {
    start(http2);
    peer.on("x", request -> {});
    Instance instance = stage.instance();
    Answer answer = instance.ask("x");
    peer.awaitRequest("x");
    assertReset("unanswered", answer, instance);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @DisplayName("is reset in the midst of its stream")
  void streaming(boolean http2) {
    start(http2);
    peer.on("x", request -> {
      HttpServerResponse response = Peer.begin(request);
      peer.vertx.setPeriodic(5, id -> response.write(Peer.event("a")));
    });
    Instance instance = stage.instance();
    Answer answer = instance.ask("x");
    await().until(() -> answer.text().length() > 3);
    assertReset("streaming", answer, instance);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @DisplayName("is reset while it is paused and the server wants to write more")
  void paused(boolean http2) {
    start(http2);
    String piece = Peer.event("x".repeat(32 * 1024));
    peer.on("x", request -> {
      HttpServerResponse response = Peer.begin(request);
      Runnable[] pump = new Runnable[1];
      pump[0] = () -> {
        while (!response.writeQueueFull() && !response.closed()) {
          response.write(piece);
        }
        response.drainHandler(drained -> pump[0].run());
      };
      pump[0].run();
    });
    Instance instance = stage.instance();
    Answer answer = instance.ask("x");
    await().until(() -> !answer.text().isEmpty());
    answer.pause();
    await().until(() -> {
      int before = answer.text().length();
      return peer.awaitRequest("x").response().writeQueueFull() && answer.text().length() == before;
    });
    assertReset("paused", answer, instance);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @DisplayName("is reset while the body of an error is read")
  void errorBody(boolean http2) {
    start(http2);
    peer.on("x", request -> {
      HttpServerResponse response = Peer.begin(request).setStatusCode(500);
      response.write(Buffer.buffer("{\"error\":"));
    });
    Instance instance = stage.instance();
    Answer answer = instance.ask("x");
    peer.awaitRequest("x");
    await()
        .until(() -> stage
                .node
                .meters()
                .get("consoul_provider_request_latency")
                .tag("model", "m")
                .timer()
                .count()
            == 1);
    assertReset("reading an error", answer, instance);
  }

  @Test
  @DisplayName("leaves its slot to the next one at once when it has waited")
  void waiting() {
    stage.slots(1, 1);
    peer.on("held", request -> {});
    Instance instance = stage.instance();
    instance.ask("held");
    peer.awaitRequest("held");
    Answer answer = instance.ask("x");
    long begun = System.nanoTime();
    answer.cancel();
    assertThat(stage.gauge("waiting")).isZero();
    log.info("waiting: left after {} µs", (System.nanoTime() - begun) / 1_000);
  }

  @Test
  @DisplayName("sends nothing when its connection comes later, and has its slot until then")
  void connecting() {
    peer.close();
    peer = new Peer();
    stage.close();
    stage = new CallStage(peer.port()).slots(1, 0);
    Instance instance = stage.instance();
    Answer answer = instance.askAndCancel("x");
    await().until(() -> stage.gauge("in_use") == 0);
    assertThat(instance.ask("next").whole()).isEqualTo("ok");
    assertThat(peer.asked()).containsExactly("next");
    assertThat(answer.isOver()).isFalse();
  }

  @Test
  @DisplayName("gives up its slot at the limit of connecting when no connection comes")
  void neverConnected() throws IOException {
    try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      List<Socket> crowd = crowd(full);
      stage.close();
      stage = new CallStage(full.getLocalPort()).slots(1, 0).connect(Duration.ofMillis(300));
      Instance instance = stage.instance();
      AtomicReference<Answer> answer = new AtomicReference<>();
      int held = instance.askAndLeave("x", answer::set, () -> stage.gauge("in_use"));
      assertThat(held).isEqualTo(1);
      await().until(() -> stage.gauge("in_use") == 0);
      assertThat(instance.watches()).isZero();
      assertThat(answer.get().isOver()).isFalse();
      for (Socket each : crowd) {
        each.close();
      }
    }
  }

  /** Fills the queue of connections that nobody accepts, so that further ones hang. */
  static List<Socket> crowd(ServerSocket full) throws IOException {
    List<Socket> crowd = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Socket socket = new Socket();
      crowd.add(socket);
      try {
        socket.connect(full.getLocalSocketAddress(), 100);
      } catch (IOException hangs) {
        break;
      }
    }
    return crowd;
  }

  private void start(boolean http2) {
    if (http2) {
      stage.close();
      peer.close();
      peer = new Peer(new HttpServerOptions().setHttp2ClearTextEnabled(true));
      stage = new CallStage(peer.port()).http2();
    }
  }

  private void assertReset(String phase, Answer answer, Instance instance) {
    long begun = System.nanoTime();
    answer.cancel();
    long millis = TimeUnit.NANOSECONDS.toMillis(peer.awaitGone("x") - begun);
    log.info("{}: reset after {} ms", phase, millis);
    assertThat(millis).isLessThan(LIMIT_MILLIS);
    assertThat(answer.isOver()).isFalse();
    await().until(() -> stage.gauge("in_use") == 0 && instance.watches() == 0);
    assertThat(instance.ask("next").whole()).isEqualTo("ok");
  }
}
