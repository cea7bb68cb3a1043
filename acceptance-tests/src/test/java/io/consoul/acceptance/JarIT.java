package io.consoul.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.testkit.ChatClient;
import io.consoul.testkit.EventStream;
import io.consoul.testkit.FakeProvider;
import io.consoul.testkit.HttpAnswer;
import io.consoul.testkit.Ports;
import io.consoul.testkit.Script;
import io.consoul.testkit.ServerProcess;
import io.consoul.testkit.SocketClient;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(VertxExtension.class)
@DisplayName("The jar, as a process")
class JarIT {

  private static final Duration START = Duration.ofSeconds(180);
  private static final Duration STOP = Duration.ofSeconds(60);
  private static final Duration LEASE = Duration.ofSeconds(3);
  private static final String JAR = System.getProperty("consoul.jar");

  @TempDir
  private Path conf;

  private final int port = Ports.free();
  private ServerProcess server;

  @AfterEach
  void end() {
    if (server != null) {
      server.close();
    }
  }

  @Test
  @DisplayName(
      "starts with nothing set up, says where it is, chats over HTTP, a stream and a WebSocket, and ends with 0 after Ctrl-C")
  void chats(Vertx vertx) {
    start(Map.of());
    server.awaitLine("model +echo", START);
    server.awaitLine("Ctrl-C stops", START);

    try (ChatClient client = new ChatClient(vertx, port)) {
      HttpAnswer answer = client.chat("me", "Hello jar");
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.json().getString("response")).contains("Hello jar");
      assertThat(client.stream("me", "Hello stream").awaitEnd().text()).contains("Hello stream");
      try (SocketClient socket = client.connect("me")) {
        // As a page in a browser does it: no field beyond the seed's.
        socket.send(new JsonObject().put("type", "message").put("content", "Hello socket"));
        JsonObject done = socket.await("done").getJsonObject("data");
        assertThat(socket.text(done.getString("turn_id"))).contains("Hello socket");
        assertThat(done.getJsonObject("usage").getInteger("total_tokens")).isPositive();
        socket.sendText("{\"type\":\"message\"");
        assertThat(socket.await("error").getJsonObject("data").getString("code"))
            .isEqualTo("E001");
      }
    }
    // In the background of a script SIGINT is ignored.
    server.signal(
        ServerProcess.heedsInterrupts() ? ServerProcess.Signal.INT : ServerProcess.Signal.TERM);
    assertThat(server.exitCode(STOP)).isZero();
  }

  @Test
  @DisplayName("finishes the turn in progress when it gets SIGTERM, and ends with 0")
  void terminates(Vertx vertx) throws Exception {
    FakeProvider openAi = FakeProvider.start(vertx).await(20, TimeUnit.SECONDS);
    Promise<Void> release = Promise.promise();
    openAi.answer(Script.text("one ", "two").heldAfter(1, release.future()));
    start(Map.of("OPENAI_BASE_URL", openAi.baseUrl(), "CONSOUL_MODEL_NAME", "fake"));
    server.awaitLine("Ctrl-C stops", START);

    try (ChatClient client = new ChatClient(vertx, port)) {
      EventStream stream = client.stream("me", "Hello");
      stream.awaitFirstToken();
      server.signal(ServerProcess.Signal.TERM);
      server.awaitLine("stopping", STOP);
      release.complete();

      stream.awaitEnd();
      assertThat(stream.text()).isEqualTo("one two");
      assertThat(stream.events("done")).hasSize(1);
    }
    assertThat(server.exitCode(STOP)).isZero();
  }

  @Test
  @DisplayName("goes on with its turns after it stood still for longer than a lease")
  void standsStill(Vertx vertx) throws Exception {
    FakeProvider openAi = FakeProvider.start(vertx).await(20, TimeUnit.SECONDS);
    Promise<Void> release = Promise.promise();
    openAi.answer(Script.text("one ", "two").heldAfter(1, release.future()));
    start(Map.of(
        "OPENAI_BASE_URL",
        openAi.baseUrl(),
        "CONSOUL_MODEL_NAME",
        "fake",
        "CONSOUL_SESSION_LEASE",
        Long.toString(LEASE.toSeconds()),
        "CONSOUL_SESSION_GC_ORPHAN_INTERVAL",
        "0.1"));
    server.awaitLine("Ctrl-C stops", START);

    try (ChatClient client = new ChatClient(vertx, port)) {
      EventStream stream = client.stream("me", "Hello");
      stream.awaitFirstToken();
      server.signal(ServerProcess.Signal.STOP);
      await().pollDelay(LEASE.plusSeconds(1)).until(() -> true);
      server.signal(ServerProcess.Signal.CONT);
      release.complete();

      stream.awaitEnd();
      assertThat(stream.text()).isEqualTo("one two");
      assertThat(stream.events("done")).hasSize(1);
      assertThat(client.chat("me", "Again").status()).isEqualTo(200);
    }
  }

  @Test
  @DisplayName("tells all problems of a bad configuration and ends with 2, without a stack trace")
  void badConfiguration() throws Exception {
    Files.writeString(conf.resolve("gateway.json"), "{\"prot\": 1}");
    Files.writeString(conf.resolve("session.json"), "{\"ttlSeconds\": \"long\"}");

    start(Map.of("CONSOUL_SESSION_GC_BATCH_SIZE", "0"));

    assertThat(server.exitCode(START)).isEqualTo(2);
    assertThat(server.lines())
        .containsSubsequence(
            "The configuration has 3 problems:",
            " - gateway.json: prot is not a known key; did you mean port?",
            " - session.json: ttlSeconds must be a number of seconds from 1 to 31536000, got long",
            " - CONSOUL_SESSION_GC_BATCH_SIZE must be an integer from 1 to 10000, got 0")
        .noneMatch(line -> line.contains("\tat "));
  }

  @Test
  @DisplayName("ends with 1 and one line when its port is in use")
  void portInUse(Vertx vertx) throws Exception {
    vertx
        .createHttpServer()
        .requestHandler(request -> request.response().end())
        .listen(port, "127.0.0.1")
        .await(20, TimeUnit.SECONDS);

    start(Map.of());

    assertThat(server.exitCode(START)).isEqualTo(1);
    assertThat(server.lines())
        .singleElement()
        .asString()
        .startsWith("Cannot listen on 127.0.0.1 port " + port);
  }

  @Test
  @DisplayName("checks the configuration without starting, and shows no secret")
  void check() {
    start(Map.of("OPENAI_API_KEY", "sk-very-secret", "CONSOUL_PROT", "1"), "check");

    assertThat(server.exitCode(START)).isZero();
    assertThat(server.lines())
        .contains("The configuration is good.")
        .anyMatch(line -> line.startsWith("warning: CONSOUL_PROT is not known"))
        .anyMatch(line -> line.matches(" +port +" + port + " +CONSOUL_PORT"))
        .anyMatch(line -> line.contains("apiKey") && line.contains("***"))
        .noneMatch(line -> line.contains("sk-very-secret"));
  }

  @Test
  @DisplayName("refuses an option that it does not know with 2")
  void unknownOption() {
    start(Map.of(), "--prot", "1");

    assertThat(server.exitCode(START)).isEqualTo(2);
    server.awaitLine("Unknown option.*--prot", START);
  }

  @Test
  @DisplayName("logs neither a key nor what is said, also when the provider fails, at any level")
  void noSecretsInTheLog(Vertx vertx) throws Exception {
    FakeProvider openAi = FakeProvider.start(vertx).await(20, TimeUnit.SECONDS);
    start(Map.of(
        "OPENAI_API_KEY", "sk-very-secret",
        "OPENAI_BASE_URL", openAi.baseUrl(),
        "CONSOUL_MODEL_NAME", "fake",
        "CONSOUL_LOG_LEVEL", "TRACE",
        "CONSOUL_LOG_FORMAT", "json"));
    server.awaitLine("Ctrl-C stops", START);

    try (ChatClient client = new ChatClient(vertx, port)) {
      client.chat("me", "unspeakable words");
      for (String fault :
          List.of("fault-500", "fault-context", "fault-cut", "fault-malformed", "fault-429")) {
        client.post(
            "/chat",
            new JsonObject()
                .put("session_id", fault)
                .put("message", "unspeakable words")
                .put("model", fault));
      }
      client.post(
          "/chat", "{\"message\": unspeakable words", Map.of("Content-Type", "application/json"));
    }
    server.signal(ServerProcess.Signal.TERM);

    assertThat(server.exitCode(STOP)).isZero();
    assertThat(server.lines())
        .anyMatch(line -> line.startsWith("{") && line.contains("\"level\":\"WARN\""))
        .noneMatch(line -> line.contains("unspeakable") || line.contains("sk-very-secret"));
  }

  private void start(Map<String, String> environment, String... arguments) {
    List<String> command = new ArrayList<>(
        List.of(ServerProcess.java(), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-jar", JAR));
    command.addAll(List.of(arguments));
    Map<String, String> all = new HashMap<>(Map.of(
        "CONSOUL_PORT",
        "" + port,
        "CONSOUL_METRICS_PORT",
        "0",
        "CONSOUL_CONF",
        conf.toString(),
        "CONSOUL_RATE_LIMIT_ENABLED",
        "false",
        "CONSOUL_ECHO_DELAY_MS",
        "1"));
    all.putAll(environment);
    server = ServerProcess.start(command, all, conf);
  }
}
