package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.consoul.message.Bus;
import io.consoul.testkit.EventStream;
import io.consoul.testkit.HttpAnswer;
import io.consoul.testkit.Ports;
import io.consoul.testkit.Script;
import io.consoul.testkit.SocketClient;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@DisplayName("A server that is stopped")
class StopTest {

  /** For what finishes, on the slowest machine: it takes no longer than that. */
  private static final Map<String, String> ENOUGH = Map.of("CONSOUL_SHUTDOWN_TIMEOUT", "30");

  @TempDir
  private Path emptyConf;

  @Test
  @DisplayName("is not ready at once, takes nothing new, and lets turns in progress finish")
  void turnsFinish() throws Exception {
    try (RunningServer running = new RunningServer(emptyConf, ENOUGH)) {
      Promise<Void> release = Promise.promise();
      running.openAi.answer(Script.text("one ", "two").heldAfter(1, release.future()));
      EventStream stream = running.client.stream("s", "Hello");
      stream.awaitFirstToken();
      SocketClient socket = running.client.connect("t");

      CompletableFuture<Boolean> stopped = CompletableFuture.supplyAsync(running::stop);
      await().until(() -> running.client.get("/ready").status() == 503);
      assertThat(running.client.chat("u", "new").json().getString("code")).isEqualTo("E022");
      socket.awaitClose();
      assertThat(socket.closeCode()).isEqualTo(1012);
      release.complete();

      stream.awaitEnd();
      assertThat(stream.text()).isEqualTo("one two");
      assertThat(stream.events("done")).hasSize(1);
      assertThat(stopped.get(40, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  @DisplayName("lets a batch finish, also the messages of it that it had not come to")
  void batchesFinish() throws Exception {
    try (RunningServer running = new RunningServer(emptyConf, ENOUGH)) {
      Promise<Void> release = Promise.promise();
      running.openAi.answer(Script.text("one ", "two").heldAfter(1, release.future()));
      JsonArray messages = new JsonArray()
          .add(new JsonObject().put("content", "first"))
          .add(new JsonObject().put("content", "second"));
      Future<HttpAnswer> batch = running.client.begin(
          HttpMethod.POST,
          "/chat/batch",
          Map.of(),
          new JsonObject().put("session_id", "s").put("messages", messages).toBuffer());
      await().until(() -> running.openAi.openStreams() == 1);

      CompletableFuture<Boolean> stopped = CompletableFuture.supplyAsync(running::stop);
      await().until(() -> running.client.get("/ready").status() == 503);
      release.complete();

      JsonObject answer = batch.await(40, TimeUnit.SECONDS).json();
      assertThat(answer.getJsonArray("responses").stream()
              .map(each -> ((JsonObject) each).getString("response")))
          .as(answer.encode())
          .containsExactly("one two", "one two");
      assertThat(stopped.get(40, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  @DisplayName("cuts a turn that does not finish in time, once, for all verticles together")
  void turnsAreCut() throws Exception {
    try (RunningServer running =
        new RunningServer(emptyConf, Map.of("CONSOUL_SHUTDOWN_TIMEOUT", "5"))) {
      running.openAi.answer(Script.text("one ", "two").hangAfter(1));
      EventStream stream = running.client.stream("s", "Hello");
      stream.awaitFirstToken();

      long start = System.nanoTime();
      assertThat(running.stop()).isTrue();

      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .as("less than two of them would take, one after the other")
          .isLessThan(Duration.ofSeconds(10));
      await().until(() -> running.openAi.openStreams() == 0);
    }
  }

  @Test
  @DisplayName(
      "has time after the drain for the last try to seal what was cut, and the pages say how much")
  void timeToSeal() throws Exception {
    Options options = new Options();
    new CommandLine(options).parseArgs("--conf", emptyConf.toString());
    Configuration configuration =
        options.read(Map.of("CONSOUL_METRICS_ENABLED", "false")).configuration();
    // An instance that does not answer, and then another one.
    Duration lastTry = Bus.ACKNOWLEDGEMENT.multipliedBy(2);
    Duration patience = configuration.provider().pace().sealPatience();

    Duration time = new Server(configuration, () -> {}).afterDrain();

    assertThat(time).isGreaterThan(patience.plus(lastTry).plusSeconds(5));
    assertThat(Path.of("../docs/runbook.md"))
        .content()
        .contains("`CONSOUL_SHUTDOWN_TIMEOUT` (60 s) + " + time.toSeconds() + " s");
  }

  @Test
  @DisplayName("while it starts breaks that off, and does not wait until it would have failed")
  void duringStart() throws Exception {
    try (ServerSocket mute = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      Options options = new Options();
      new CommandLine(options).parseArgs();
      Options.Read read = options.read(Map.of(
          "CONSOUL_CONF",
          emptyConf.toString(),
          "CONSOUL_PORT",
          "" + Ports.free(),
          "CONSOUL_METRICS_PORT",
          "0",
          "CONSOUL_REDIS_COMMAND_TIMEOUT",
          "60",
          "CONSOUL_SESSION_REDIS_URL",
          "redis://127.0.0.1:" + mute.getLocalPort()));
      read.report().throwIfBad();
      Server server = new Server(read.configuration(), () -> {});
      Thread starting = new Thread(server::start, "starting");
      starting.setDaemon(true);
      starting.setUncaughtExceptionHandler((thread, brokenOff) -> {});
      starting.start();
      mute.setSoTimeout(30_000);
      mute.accept(); // and says nothing: the session verticle waits for it

      CompletableFuture<Boolean> stopped = CompletableFuture.supplyAsync(server::stop);

      assertThat(stopped.get(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  @DisplayName("that cannot listen says why in one line")
  void portInUse() throws Exception {
    try (RunningServer running = new RunningServer(emptyConf, Map.of())) {
      assertThatThrownBy(
              () -> new RunningServer(emptyConf, Map.of("CONSOUL_PORT", "" + running.port)))
          .isInstanceOf(StartException.class)
          .hasMessageMatching(
              "Cannot listen on 127.0.0.1 port \\d+: Address already in use.* --port or --host\\.");
    }
  }
}
