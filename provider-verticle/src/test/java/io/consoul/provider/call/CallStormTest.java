package io.consoul.provider.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("After many calls of which most went wrong")
class CallStormTest {

  private static final int CALLS = 1_000;

  private static final int AT_ONCE = 16;

  private static final Duration SHORT = Duration.ofMillis(25);

  private final Random random = new Random(20_251_125);
  private final List<Answer> answers = new ArrayList<>();
  private final Semaphore places = new Semaphore(AT_ONCE);

  @ParameterizedTest(name = "over HTTP/2 {0}")
  @ValueSource(booleans = {false, true})
  @DisplayName("nothing of them is left, and the next ones are answered")
  void nothingLeft(boolean http2) throws InterruptedException {
    try (Peer peer = new Peer(new HttpServerOptions().setHttp2ClearTextEnabled(http2));
        CallStage stage = new CallStage(peer.port())) {
      peer.otherwise(request -> misbehave(peer, request));
      if (http2) {
        stage.http2();
      }
      stage
          .slots(8, 12)
          .idle(2, Duration.ofSeconds(1))
          .firstByte(SHORT)
          .silence(SHORT)
          .whole(SHORT.multipliedBy(4))
          .grace(SHORT, SHORT, Duration.ofSeconds(5));
      List<Instance> instances = List.of(stage.instance(), stage.instance());
      for (int i = 0; i < CALLS; i++) {
        assertThat(places.tryAcquire(10, TimeUnit.SECONDS))
            .as("an end of those before")
            .isTrue();
        ask(stage, instances.get(i % 2), i + "-" + random.nextInt(12));
      }
      await().until(() -> places.availablePermits() == AT_ONCE);
      instances.forEach(stage::awaitNothingLeft);
      assertThat(answers).allMatch(answer -> answer.afterEnd() == 0);
      await().until(() -> stage.gauge("idle") <= 2 && stage.gauge("idle") == peer.open());
      peer.otherwise(Peer::whole);
      IntStream.range(0, 8).forEach(i -> awaitWhole(instances.get(i % 2), "last " + i));
      instances.forEach(stage::awaitNothingLeft);
      await().until(() -> peer.open() == 0 && stage.gauge("idle") == 0);
    }
  }

  /** The limits are short, and the machine may be busy with other things for longer. */
  private static void awaitWhole(Instance instance, String text) {
    await().pollInterval(SHORT).until(() -> {
      Answer answer = instance.ask(text);
      await().pollInterval(Duration.ofMillis(2)).until(answer::isOver);
      return answer.text().equals("ok");
    });
  }

  private void ask(CallStage stage, Instance instance, String text) {
    Answer answer = instance.ask(text);
    answers.add(answer);
    answer.onEnd(failure -> places.release());
    int turn = random.nextInt(6);
    if (turn == 0) {
      cancel(answer);
    } else if (turn == 1) {
      stage.vertx.setTimer(1 + random.nextInt(80), late -> cancel(answer));
    } else if (turn == 2) {
      stage.vertx.setTimer(1 + random.nextInt(20), soon -> answer.pauseFor(stage.vertx, 10));
    }
  }

  private void cancel(Answer answer) {
    answer.cancelUnlessOver(places::release);
  }

  /** What it does is said by the last number of the text. */
  private static void misbehave(Peer peer, HttpServerRequest request) {
    HttpServerResponse response = request.response();
    switch (peer.text(request).replaceAll(".*-", "")) {
      case "0" -> {
        // hangs
      }
      case "1" -> reset(request);
      case "2" -> Peer.begin(request).write(Peer.event("a")).onComplete(written -> reset(request));
      case "3" -> Peer.begin(request).end(Peer.event("a"));
      case "4" -> Peer.begin(request).write(Peer.event("a"));
      case "5" -> response.setStatusCode(500).end("no");
      case "6" -> Peer.begin(request).setStatusCode(429).write("{");
      case "7" -> Peer.begin(request).putHeader("Content-Type", "text/html").end("no");
      case "8" -> Peer.begin(request).write(Peer.event("a") + Peer.closing());
      case "9" -> Peer.begin(request).setStatusCode(400).end("x".repeat(100_000));
      case "10" -> peer.vertx.setTimer(15, later -> Peer.whole(request));
      default -> Peer.whole(request);
    }
  }

  private static void reset(HttpServerRequest request) {
    if (request.version() == HttpVersion.HTTP_2) {
      request.response().reset(2);
    } else {
      request.connection().close();
    }
  }
}
