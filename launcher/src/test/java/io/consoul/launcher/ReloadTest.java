package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.consoul.config.ConfigReport;
import io.consoul.testkit.LoggedBy;
import io.consoul.testkit.ProviderKind;
import io.consoul.testkit.SocketClient;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

@DisplayName("A configuration that changes while the node runs")
class ReloadTest {

  private static final Map<String, String> FAST = Map.of("CONSOUL_RELOAD_INTERVAL", "0.05");

  @TempDir
  private Path conf;

  private final HttpClient http = HttpClient.newHttpClient();

  @Test
  @DisplayName("is taken over without a restart")
  void takenOver() throws Exception {
    write("gateway.json", "{\"allowAnonymous\":false}");
    try (RunningServer server = new RunningServer(conf, FAST)) {
      assertThat(statusOfForwarded(server)).isEqualTo(403);

      write("gateway.json", "{\"allowAnonymous\":true}");

      await().until(() -> statusOfForwarded(server) == 404);
    }
  }

  @Test
  @DisplayName("has another level of the log without a line that is lost")
  void logLevel() throws Exception {
    Logger ours = (Logger) LoggerFactory.getLogger("io.consoul");
    Level before = ours.getLevel();
    ListAppender<ILoggingEvent> appender = new ListAppender<>();
    ours.addAppender(appender);
    try (RunningServer server = new RunningServer(conf, FAST)) {
      write("node.json", "{\"logLevel\":\"DEBUG\"}");
      await().until(() -> ours.getLevel() == Level.DEBUG);
      assertThat(ours.isAttached(appender)).isTrue();

      write("node.json", "{\"logLevel\":\"ERROR\"}");
      await().until(() -> ours.getLevel() == Level.ERROR);
      assertThat(server.client.get("/health").status()).isEqualTo(200);
    } finally {
      ours.detachAppender(appender);
      ours.setLevel(before);
    }
  }

  @Test
  @DisplayName("withdraws API keys and adds others, without a restart and without a gap")
  void keys() throws Exception {
    Path key = conf.resolve("key");
    Files.writeString(key, "sk-second-0123456789");
    write("gateway.json", "{\"auth\":{\"keys\":[\"sk-first-0123456789\"]}}");
    try (RunningServer server = new RunningServer(conf, FAST);
        SocketClient socket =
            server.client.withHeader("X-API-Key", "sk-first-0123456789").connect("me")) {
      assertThat(statusWithKey(server, "sk-second-0123456789")).isEqualTo(401);

      write(
          "gateway.json",
          "{\"auth\":{\"keys\":[\"sk-first-0123456789\",\"${file:" + key + "}\"]}}");
      await().until(() -> statusWithKey(server, "sk-second-0123456789") == 404);
      assertThat(statusWithKey(server, "sk-first-0123456789")).isEqualTo(404);
      assertThat(socket.isClosed()).isFalse();

      write("gateway.json", "{\"auth\":{\"keys\":[\"${file:" + key + "}\"]}}");
      await().until(() -> statusWithKey(server, "sk-first-0123456789") == 401);
      socket.awaitClose(Duration.ofSeconds(30));
      assertThat(socket.closeCode()).isEqualTo(1008);

      Files.writeString(key, "sk-third-0123456789");
      await().until(() -> statusWithKey(server, "sk-third-0123456789") == 404);
      assertThat(statusWithKey(server, "sk-second-0123456789")).isEqualTo(401);
    }
  }

  private static int statusWithKey(RunningServer server, String key) {
    return server.client.get("/sessions/none", Map.of("X-API-Key", key)).status();
  }

  @Test
  @DisplayName("stays as it was as a whole where there is a mistake in it, until that is put right")
  void mistake() throws Exception {
    write("gateway.json", "{\"allowAnonymous\":true}");
    ConfigWatchedBy watched = new ConfigWatchedBy();

    write("gateway.json", "{\"allowAnonymous\":false, \"prot\": 1}");
    watched.look();
    assertThat(watched.told).isNull();

    write("gateway.json", "{\"allowAnonymous\":false}");
    watched.look();
    assertThat(watched.told.gateway().allowAnonymous()).isFalse();
  }

  @Test
  @DisplayName("has a line where a mistake in it is gone and nothing else is new")
  void putRight() throws Exception {
    ((Logger) LoggerFactory.getLogger(ConfigWatch.class)).setLevel(Level.INFO);
    write("gateway.json", "{}");
    ConfigWatchedBy watched = new ConfigWatchedBy();
    try (LoggedBy<ConfigWatch> log = new LoggedBy<>(ConfigWatch.class)) {
      write("gateway.json", "{\"appName\":\"x\"");
      watched.look();
      write("gateway.json", "{}");
      watched.look();
      write("gateway.json", "{ }");
      watched.look();

      assertThat(log.lines())
          .satisfiesExactly(
              wrong -> assertThat(wrong)
                  .contains("gateway.json: not valid JSON at line 1", "line: 1, column: 1)")
                  .doesNotContain("Source"),
              right -> assertThat(right)
                  .isEqualTo(
                      "the configuration has no mistake any more; nothing that is in force here has changed"));
    }
  }

  @Test
  @DisplayName("is not read while a file is still being written")
  void beingWritten() throws Exception {
    ConfigWatchedBy watched = new ConfigWatchedBy();
    write("gateway.json", "{\"allowAnonymous\":tr");
    watched.watch.look();
    write("gateway.json", "{\"allowAnonymous\":true}");
    watched.watch.look();
    assertThat(watched.told).isNull();

    watched.watch.look();

    assertThat(watched.told.gateway().allowAnonymous()).isTrue();
  }

  @Test
  @DisplayName("may have changed in a file that another one refers to")
  void referredTo() throws Exception {
    Path name = conf.resolve("name");
    Files.writeString(name, "one");
    write("gateway.json", "{\"appName\":\"${file:" + name + "}\"}");
    ConfigWatchedBy watched = new ConfigWatchedBy();

    Files.writeString(name, "another");
    watched.look();

    assertThat(watched.told.gateway().appName()).isEqualTo("another");
  }

  @Test
  @DisplayName("is found where it changed between its reading and the first look")
  void changedSinceItWasRead() throws Exception {
    write("gateway.json", "{\"appName\":\"one\"}");
    Options.Read atStart = read();
    write("gateway.json", "{\"appName\":\"another\"}");
    ConfigWatchedBy watched = new ConfigWatchedBy(atStart, this::read);

    watched.look();

    assertThat(watched.told.gateway().appName()).isEqualTo("another");
  }

  @Test
  @DisplayName("is found where it changed while it was read, along with a file that is new to it")
  void changedWhileItWasRead() throws Exception {
    Path name = Files.writeString(conf.resolve("name"), "one");
    write("gateway.json", "{}");
    ConfigWatchedBy watched = new ConfigWatchedBy(read(), () -> {
      Options.Read read = read();
      if (read.configuration().gateway().appName().equals("one")) {
        writeText(name, "another");
      }
      return read;
    });

    write("gateway.json", "{\"appName\":\"${file:" + name + "}\"}");
    watched.look();
    assertThat(watched.told.gateway().appName()).isEqualTo("one");
    watched.look();
    watched.look();

    assertThat(watched.told.gateway().appName()).isEqualTo("another");
  }

  @Test
  @DisplayName("stays as it was while a file that it refers to is missing")
  void missingReference() throws Exception {
    Path key = Files.writeString(conf.resolve("key"), "sk-first-0123456789");
    write("gateway.json", "{\"auth\":{\"keys\":[\"${file:" + key + "}\"]}}");
    ConfigWatchedBy watched = new ConfigWatchedBy();

    Files.delete(key);
    watched.look();
    assertThat(watched.told).isNull();

    Files.writeString(key, "sk-second-0123456789");
    watched.look();
    assertThat(watched.told.gateway().keys().keys()).hasSize(1);
  }

  @Test
  @DisplayName("stays as it was where a whole file is gone, with the keys and limits that it held")
  void fileGone() throws Exception {
    write("gateway.json", "{\"auth\":{\"keys\":[\"sk-first-0123456789\"]}}");
    ConfigWatchedBy watched = new ConfigWatchedBy();

    Files.delete(conf.resolve("gateway.json"));
    watched.look();
    assertThat(watched.told).isNull();

    write("gateway.json", "{}");
    watched.look();
    assertThat(watched.told.gateway().keys().keys()).isEmpty();
  }

  @Test
  @DisplayName("may do without a file that nothing refers to any more")
  void referenceGone() throws Exception {
    Path name = Files.writeString(conf.resolve("name"), "one");
    write("gateway.json", "{\"appName\":\"${file:" + name + "}\"}");
    ConfigWatchedBy watched = new ConfigWatchedBy();

    Files.delete(name);
    write("gateway.json", "{\"appName\":\"another\"}");
    watched.look();

    assertThat(watched.told.gateway().appName()).isEqualTo("another");
  }

  @Test
  @DisplayName("is warned of where something in it is unwise, once")
  void warnings() throws Exception {
    Logger logger = (Logger) LoggerFactory.getLogger(ConfigWatch.class);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);
    try {
      ConfigWatchedBy watched = new ConfigWatchedBy();
      write("gateway.json", "{\"auth\":{\"keys\":[\"guess-me\"]}}");
      watched.look();
      write("gateway.json", "{\"auth\":{\"keys\":[\"guess-me\"]}, \"appName\":\"other\"}");
      watched.look();

      assertThat(log.list.stream().map(ILoggingEvent::getFormattedMessage))
          .filteredOn(line -> line.contains("auth.keys[0].key has fewer than 16 characters"))
          .hasSize(1);
      assertThat(log.list).noneMatch(line -> line.getFormattedMessage().contains("guess-me"));
    } finally {
      logger.detachAppender(log);
    }
  }

  @Test
  @DisplayName("adds a provider and takes one away, without a restart")
  void providers() throws Exception {
    try (RunningServer server = new RunningServer(conf, FAST)) {
      server.openAi.answer("well");
      write(
          "provider.json",
          "{\"providers\":[{\"name\":\"more\",\"kind\":\"ANTHROPIC\",\"baseUrl\":\""
              + server.openAi.baseUrl(ProviderKind.ANTHROPIC) + "\"}]}");
      await().until(() -> models(server).contains("more/"));
      JsonObject question = new JsonObject().put("session_id", "s").put("message", "hi");
      assertThat(server.client.post("/chat", question.put("model", "more/m")).status())
          .isEqualTo(200);
      assertThat(server.openAi.requests().get(0).kind()).isEqualTo(ProviderKind.ANTHROPIC);

      write("provider.json", "{}");
      await().until(() -> !models(server).contains("more/"));
    }
  }

  private static String models(RunningServer server) {
    return server.client.get("/v1/models").text();
  }

  @Test
  @DisplayName("names what is in force now, with its values, and what only a restart brings")
  void named() throws Exception {
    write("gateway.json", "{\"allowAnonymous\":true,\"port\":8001}");
    write(
        "provider.json",
        "{\"maxTurns\":5,\"instances\":2,\"providers\":["
            + "{\"name\":\"a\",\"apiKey\":\"key-1\",\"models\":[\"x\"]},{\"name\":\"b\"}]}");
    ConfigReport before = read().report();
    write("gateway.json", "{\"allowAnonymous\":false,\"port\":8002}");
    write(
        "provider.json",
        "{\"maxTurns\":6,\"instances\":3,\"providers\":["
            + "{\"name\":\"c\"},{\"name\":\"a\",\"apiKey\":\"key-2\",\"timeoutSeconds\":5,"
            + "\"models\":[\"y\",\"x\"]}],\"retry\":{\"maxRetries\":2},\"rescue\":{\"enabled\":true}}");

    ConfigChange change = ConfigChange.between(before, read().report());

    assertThat(change.live())
        .containsExactlyInAnyOrder(
            "gateway.json: allowAnonymous (true → false)",
            "provider.json: maxTurns (5 → 6)",
            "provider.json: providers[a].apiKey (another one)",
            "provider.json: providers[a].timeoutSeconds (120 → 5)",
            "provider.json: providers[a].firstByteSeconds (120 → 5)",
            "provider.json: providers[a].silenceSeconds (120 → 5)",
            "provider.json: providers[a].models[y] (added)",
            "provider.json: providers[b] (removed)",
            "provider.json: providers[c] (added)");
    assertThat(change.waiting())
        .containsExactly("gateway.json: port (8001 → 8002)", "provider.json: instances (2 → 3)");
  }

  @Test
  @DisplayName("never shows a system prompt where it is told of")
  void untold() throws Exception {
    write("session.json", "{\"newSessions\":{\"systemPrompt\":\"be kind\"}}");
    ConfigReport before = read().report();
    write("session.json", "{\"newSessions\":{\"systemPrompt\":\"be brief\"}}");

    assertThat(ConfigChange.between(before, read().report()).waiting())
        .containsExactly("session.json: newSessions.systemPrompt (another one)");
  }

  @Test
  @DisplayName("is no news where none of the kinds run that go by it")
  void elsewhere() throws Exception {
    ((Logger) LoggerFactory.getLogger(ConfigWatch.class)).setLevel(Level.INFO);
    write("node.json", "{\"cluster\":true,\"verticles\":[\"gateway\"]}");
    try (LoggedBy<ConfigWatch> log = new LoggedBy<>(ConfigWatch.class)) {
      ConfigWatchedBy watched = new ConfigWatchedBy();
      write("provider.json", "{\"maxTurns\":7}");
      write("gateway.json", "{\"allowAnonymous\":true}");
      watched.look();

      assertThat(log.lines())
          .containsExactly(
              "the configuration was changed; now in force: gateway.json: allowAnonymous (false → true)");
    }
  }

  @Test
  @DisplayName("is told without a secret, wherever one may stand")
  void secrets() throws Exception {
    ConfigReport before = readWith("hidden-0123456789-1").report();
    Options.Read after = readWith("hidden-0123456789-2");
    assertThat(after.report().problems()).isEmpty();

    ConfigChange change = ConfigChange.between(before, after.report());

    assertThat(change.live())
        .hasSize(6)
        .allMatch(line -> line.endsWith(" (another one)"))
        .noneMatch(line -> line.contains("hidden"));
    assertThat(change.waiting())
        .hasSize(4)
        .allMatch(line -> line.endsWith(" (another one)"))
        .noneMatch(line -> line.contains("hidden"));
  }

  private Options.Read readWith(String secret) throws Exception {
    write("session.json", """
        {"newSessions":{"systemPrompt":"%1$s"},"redis":{"url":"redis://:%1$s@r:1"}}""".formatted(secret));
    write("node.json", """
        {"tracing":{"headers":"authorization=%1$s"},
         "eventBus":{"keyStore":"k.p12","keyStorePassword":"%1$s"}}""".formatted(secret));
    write("gateway.json", """
        {"auth":{"keys":["%1$s"],"keyTiers":{"%1$s":"t"}},"rateLimit":{"tiers":{"t":"1/minute"}}}""".formatted(secret));
    write("provider.json", """
        {"providers":[
          {"name":"a","apiKey":"%1$s","headers":[{"name":"h","value":"%1$s"}]},
          {"name":"b","baseUrl":"https://u:%1$s@h/v1"},
          {"name":"c","baseUrl":"https://h/v1?key=%1$s"}]}""".formatted(secret));
    return read();
  }

  @Test
  @DisplayName("is a mistake where the model is gone that new sessions have until a restart")
  void modelInForce() throws Exception {
    write(
        "provider.json",
        "{\"providers\":[{\"name\":\"a\",\"kind\":\"ANTHROPIC\"},{\"name\":\"b\",\"kind\":\"ANTHROPIC\"}]}");
    write("session.json", "{\"newSessions\":{\"model\":\"a/m\"}}");
    ConfigWatchedBy watched = new ConfigWatchedBy();

    write("provider.json", "{\"providers\":[{\"name\":\"b\",\"kind\":\"ANTHROPIC\"}]}");
    write("session.json", "{\"newSessions\":{\"model\":\"b/m\"}}");
    watched.look();

    assertThat(watched.told).isNull();
  }

  @Test
  @DisplayName(
      "says what waits for a restart when that has changed, and when nothing waits any more")
  void waiting() throws Exception {
    ((Logger) LoggerFactory.getLogger(ConfigWatch.class)).setLevel(Level.INFO);
    try (LoggedBy<ConfigWatch> log = new LoggedBy<>(ConfigWatch.class)) {
      write("gateway.json", "{\"port\":8001}");
      ConfigWatchedBy watched = new ConfigWatchedBy();
      write("gateway.json", "{\"port\":18002}");
      watched.look();
      write("gateway.json", "{\"port\":18002,\"allowAnonymous\":true}");
      watched.look();
      write("gateway.json", "{\"port\":8001,\"allowAnonymous\":true}");
      watched.look();

      assertThat(log.lines())
          .containsExactly(
              "the configuration was changed; only a restart brings into force: gateway.json: port (8001 → 18002)",
              "the configuration was changed; now in force: gateway.json: allowAnonymous (false → true)",
              "the configuration was changed; nothing in it waits for a restart any more");
    }
  }

  @Test
  @DisplayName("is tried again until every verticle has taken it over, which is told once each")
  void stuck() throws Exception {
    ((Logger) LoggerFactory.getLogger(ConfigWatch.class)).setLevel(Level.INFO);
    int[] tries = {0};
    try (LoggedBy<ConfigWatch> log = new LoggedBy<>(ConfigWatch.class)) {
      ConfigWatch watch = new ConfigWatch(read(), this::read, configuration -> {
        if (++tries[0] < 3) {
          throw new IllegalStateException("a verticle did not take it over");
        }
      });
      write("gateway.json", "{\"allowAnonymous\":true}");
      for (int look = 0; look < 6; look++) {
        watch.look();
      }

      assertThat(tries).containsExactly(3);
      assertThat(log.lines())
          .containsExactly(
              "the configuration was changed and is not in force as a whole, a verticle did not take it over;"
                  + " it is tried again until it is",
              "the configuration was changed; now in force: gateway.json: allowAnonymous (false → true)");
    }
  }

  @Test
  @DisplayName("is looked at no more once the node is about to close")
  void stopped() throws Exception {
    write("gateway.json", "{\"appName\":\"one\"}");
    AtomicReference<String> told = new AtomicReference<>("one");
    ConfigWatch watch = new ConfigWatch(
        read(), this::read, configuration -> told.set(configuration.gateway().appName()));
    Vertx vertx = Vertx.vertx();
    try {
      watch.start(vertx, Duration.ofMillis(5));
      write("gateway.json", "{\"appName\":\"another\"}");
      await().until(() -> told.get().equals("another"));

      watch.stop();

      write("gateway.json", "{\"appName\":\"the third\"}");
      await().during(Duration.ofMillis(300)).until(() -> told.get().equals("another"));
    } finally {
      vertx.close().await(20, TimeUnit.SECONDS);
    }
  }

  private Options.Read read() {
    Options options = new Options();
    new CommandLine(options).parseArgs("--conf", conf.toString());
    return options.read(Map.of());
  }

  private static void writeText(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private void write(String file, String json) throws Exception {
    Files.writeString(conf.resolve(file), json);
  }

  private int statusOfForwarded(RunningServer server) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + server.port + "/sessions/none");
    HttpRequest request =
        HttpRequest.newBuilder(uri).header("X-Forwarded-For", "203.0.113.7").build();
    return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  private final class ConfigWatchedBy {

    private Configuration told;
    private final ConfigWatch watch;

    ConfigWatchedBy() {
      this(read(), ReloadTest.this::read);
    }

    ConfigWatchedBy(Options.Read inForce, Supplier<Options.Read> reader) {
      watch = new ConfigWatch(inForce, reader, configuration -> told = configuration);
    }

    /** Twice: the first look finds that something has changed, the second that it has settled. */
    private void look() {
      watch.look();
      watch.look();
    }
  }
}
