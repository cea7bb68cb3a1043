package io.consoul.provider.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.provider.UpstreamFailure.Cause;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A call to a provider that takes too long")
class CallLimitsTest {

  private static final Duration SHORT = Duration.ofMillis(300);

  private final Peer peer = new Peer();
  private CallStage stage = new CallStage(peer.port());
  private Instance instance;

  @AfterEach
  void close() {
    stage.close();
    peer.close();
  }

  @Test
  @DisplayName("ends at the limit of the whole, however much there is to read")
  void whole() {
    peer.on("x", request -> drip(Peer.begin(request), ":"));
    Answer answer = start(stage.whole(SHORT));
    assertTimeOut(answer, "did not finish");
    assertThat(answer.text()).isEmpty();
    peer.awaitGone("x");
    assertNothingLeft();
  }

  @Test
  @DisplayName("ends at the limit of the whole while it is paused, too")
  void wholeAndPaused() {
    peer.on("x", request -> Peer.begin(request).write(Peer.event("a")));
    Answer answer = start(stage.whole(SHORT));
    answer.pause();
    assertTimeOut(answer, "did not finish");
    assertNothingLeft();
  }

  @Test
  @DisplayName("ends at the limit of connecting when nobody accepts it")
  void notAccepted() throws IOException {
    try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      List<Socket> crowd = CallCancelTest.crowd(full);
      stage.close();
      stage = new CallStage(full.getLocalPort());
      assertUnreachable(start(stage.connect(SHORT)));
      for (Socket each : crowd) {
        each.close();
      }
    }
  }

  @Test
  @DisplayName("ends at the limit of connecting when the server never shakes hands")
  void noHandshake() throws IOException {
    try (ServerSocket dumb = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      stage.close();
      stage = new CallStage("https://127.0.0.1:" + dumb.getLocalPort());
      assertUnreachable(start(stage.connect(SHORT)));
    }
  }

  @Test
  @DisplayName("ends when the head of its response does not come in time")
  void firstByte() {
    peer.on("x", request -> {});
    Answer answer = start(stage.firstByte(SHORT));
    assertTimeOut(answer, "did not answer");
    peer.awaitGone("x");
    assertNothingLeft();
  }

  @Test
  @DisplayName("ends when the server falls silent in mid-stream, and keeps what it had said")
  void silence() {
    peer.on("x", request -> Peer.begin(request).write(Peer.event("a")));
    Answer answer = start(stage.silence(SHORT));
    assertTimeOut(answer, "fell silent");
    assertThat(answer.text()).isEqualTo("a");
    peer.awaitGone("x");
    assertNothingLeft();
  }

  @Test
  @DisplayName("goes on when it was its reader that paused, and is silent only from then on")
  void pausedIsNotSilent() {
    peer.on("x", request -> Peer.begin(request).write(Peer.event("a")));
    Answer answer = start(stage.silence(SHORT).timeByHand());
    await().until(() -> answer.text().equals("a"));
    answer.pause();
    stage.pass(instance, SHORT.multipliedBy(2));
    assertThat(answer.isOver()).isFalse();
    answer.resume();
    say("b");
    await().until(() -> answer.text().equals("ab"));
    stage.pass(instance, SHORT.minusMillis(1));
    assertThat(answer.isOver()).isFalse();
    stage.pass(instance, Duration.ofMillis(1));
    assertTimeOut(answer, "fell silent");
  }

  @Test
  @DisplayName("goes on as long as each silence is short enough, however long they are in all")
  void slow() {
    peer.on("x", request -> Peer.begin(request).write(Peer.event("a")));
    Answer answer = start(stage.firstByte(SHORT).silence(SHORT).timeByHand());
    for (String text : List.of("a", "ab", "abc")) {
      await().until(() -> answer.text().equals(text));
      stage.pass(instance, SHORT.minusMillis(1));
      say(text.equals("abc") ? "" : text.equals("ab") ? "c" : "b");
    }
    peer.awaitRequest("x").response().end(Peer.closing());
    assertThat(answer.whole()).isEqualTo("abc");
  }

  @Test
  @DisplayName("is whole when its reason to end has come, though its end stays away")
  void finished() {
    peer.on(
        "x",
        request -> Peer.begin(request)
            .write(Peer.event("a") + Peer.closing().replace("data: [DONE]\n\n", "")));
    assertThat(start(stage.silence(SHORT)).whole()).isEqualTo("a");
    peer.awaitGone("x");
    assertNothingLeft();
  }

  @Test
  @DisplayName("is whole at its last event, and its connection is given up when that does not end")
  void noEnd() {
    peer.on("x", request -> Peer.begin(request).write(Peer.event("a") + Peer.closing()));
    Answer answer = start(stage.grace(SHORT, SHORT, SHORT));
    assertThat(answer.whole()).isEqualTo("a");
    assertThat(answer.endedAt()).isLessThan(peer.awaitGone("x"));
    assertNothingLeft();
  }

  @Test
  @DisplayName("fails by its status when the body of an error drips")
  void errorBody() {
    peer.on("x", request -> drip(Peer.begin(request).setStatusCode(429), " "));
    Answer answer = start(stage.grace(SHORT, SHORT, SHORT));
    assertThat(answer.cause()).isEqualTo(Cause.RATE_LIMITED);
    peer.awaitGone("x");
    assertNothingLeft();
  }

  @Test
  @DisplayName("fails by its status, and by what has come of the body of an error that is cut")
  void cutErrorBody() {
    String cut = "{\"error\":{\"code\":\"insufficient_quota\"}}";
    peer.on("x", request -> {
      HttpServerResponse response = request.response().setStatusCode(429);
      response
          .putHeader("Content-Length", "1000")
          .write(cut)
          .onSuccess(written -> request.connection().close());
    });
    assertThat(start(stage).cause()).isEqualTo(Cause.QUOTA);
    assertNothingLeft();
  }

  private Answer start(CallStage with) {
    instance = with.instance();
    return instance.ask("x");
  }

  private void say(String text) {
    peer.awaitRequest("x").response().write(Peer.event(text));
  }

  private void drip(HttpServerResponse response, String piece) {
    peer.vertx.setPeriodic(5, id -> {
      if (response.closed()) {
        peer.vertx.cancelTimer(id);
      } else {
        response.write(piece);
      }
    });
  }

  private void assertTimeOut(Answer answer, String words) {
    assertThat(answer.cause()).isEqualTo(Cause.SILENT);
    assertThat(answer.failure().fault().fault()).isEqualTo(Fault.LLM_TIMEOUT);
    assertThat(answer.failure().fault()).hasMessageContaining(words);
  }

  private void assertUnreachable(Answer answer) {
    assertThat(answer.cause()).isEqualTo(Cause.UNREACHABLE);
    assertNothingLeft();
  }

  private void assertNothingLeft() {
    stage.awaitNothingLeft(instance);
  }
}
