package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.config.ConfigReport;
import io.consoul.testkit.SocketClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
      socket.awaitClose(Duration.ofSeconds(5));
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
  @DisplayName("names what is in force now and what only a restart brings")
  void named() throws Exception {
    write("gateway.json", "{\"allowAnonymous\":true,\"port\":8001}");
    write(
        "provider.json", "{\"providers\":[{\"name\":\"a\",\"type\":\"openai\",\"apiKey\":\"1\"}]}");
    ConfigReport before = read().report();
    write("gateway.json", "{\"allowAnonymous\":false,\"port\":8002}");
    write(
        "provider.json", "{\"providers\":[{\"name\":\"a\",\"type\":\"openai\",\"apiKey\":\"2\"}]}");

    ConfigChange change = ConfigChange.between(before, read().report());

    assertThat(change.live()).containsExactly("gateway.json: allowAnonymous");
    assertThat(change.waiting()).containsExactly("gateway.json: port", "provider.json: providers");
  }

  private Options.Read read() {
    Options options = new Options();
    new CommandLine(options).parseArgs("--conf", conf.toString());
    return options.read(Map.of());
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
    private final ConfigWatch watch =
        new ConfigWatch(read(), ReloadTest.this::read, configuration -> told = configuration);

    /** Twice: the first look finds that something has changed, the second that it has settled. */
    private void look() {
      watch.look();
      watch.look();
    }
  }
}
