package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.launcher.Scrape.Family;
import io.consoul.testkit.ChatClient;
import io.consoul.testkit.RedisServer;
import io.consoul.testkit.SocketClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The page about the metrics")
class MetricsPageTest {

  private static final String KEY = "sk-metrics-0123456789";

  /** In whatever a caller can choose. */
  private static final String MARK = "zq";

  private static final int CALLERS = 100;

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Some series come with the first event of their kind, such as a pause of the collector. */
  private static final int FEW = 20;

  private static final Pattern ROW =
      Pattern.compile("\\| `((?:consoul|vertx)_\\w+)` \\| (\\w+)(?:, by ([^|]*))? \\| .* \\|");

  private static final Pattern WORD = Pattern.compile("`(\\w+)`");

  private final HttpClient http = HttpClient.newHttpClient();

  @TempDir
  private Path conf;

  @Test
  @DisplayName(
      "has each that a server gives, with its type and labels; and a server gives each of ours that is there")
  void complete() throws Exception {
    Map<String, Family> page = page();
    try (RedisServer redis = RedisServer.start();
        RunningServer server = new RunningServer(conf, withEverything(redis));
        ChatClient client = server.client.withLimit(PATIENCE).withHeader("X-API-Key", KEY)) {
      talk(client);

      await().atMost(PATIENCE).untilAsserted(() -> {
        Map<String, Family> given = Scrape.of(server, http).families();
        assertThat(with("consoul_", given)).isEqualTo(with("consoul_", page));
        assertThat(page).containsAllEntriesOf(with("vertx_", given));
      });
    }
  }

  @Test
  @DisplayName("is right in that their number does not grow with what callers send")
  void bounded() throws Exception {
    try (RunningServer server = new RunningServer(conf, Map.of())) {
      strangers(server, 0, 20);
      Set<String> before = Scrape.of(server, http).series();

      strangers(server, 20, CALLERS);

      Set<String> grown = new TreeSet<>(Scrape.of(server, http).series());
      grown.removeAll(before);
      assertThat(grown).noneMatch(series -> series.contains(MARK)).hasSizeLessThan(FEW);
      assertThat(before).noneMatch(series -> series.contains(MARK));
    }
  }

  private static Map<String, String> withEverything(RedisServer redis) {
    return Map.of(
        "CONSOUL_API_KEYS", KEY,
        "CONSOUL_RATE_LIMIT_ENABLED", "true",
        "CONSOUL_DEFAULT_LIMITS", "1000 per minute",
        "CONSOUL_REDIS_CONNECT_TIMEOUT", "20",
        "CONSOUL_REDIS_COMMAND_TIMEOUT", "20",
        "CONSOUL_RATE_LIMIT_REDIS_URL", redis.url(),
        "CONSOUL_SESSION_REDIS_URL", redis.url());
  }

  /** A little of everything, answered and refused. */
  private static void talk(ChatClient client) {
    assertThat(client.chat("me", "Hello").status()).isEqualTo(200);
    assertThat(client.post("/chat", new JsonObject()).status()).isEqualTo(422);
    assertThat(client.get("/sessions/nobody").status()).isEqualTo(404);
    client.stream("me", "Hello").awaitEnd();
    JsonArray messages =
        new JsonArray().add(new JsonObject().put("role", "user").put("content", "Hello"));
    client.post("/chat/batch", new JsonObject().put("session_id", "me").put("messages", messages));
    try (SocketClient socket = client.connect("me")) {
      socket.say("Hello").await("done");
    }
  }

  /** Each is another one: its model, its session, its path, its method, its key and its id. */
  private void strangers(RunningServer server, int from, int to) throws Exception {
    for (int i = from; i < to; i++) {
      String name = MARK + i;
      JsonObject chat = new JsonObject()
          .put("session_id", name)
          .put("message", name)
          .put("model", "openai/" + name);
      List<CompletableFuture<HttpResponse<Void>>> answers = List.of(
          send(server, "/chat", "POST", chat.encode(), name),
          send(server, "/" + name + "/" + name, "GET", "", name),
          send(server, "/sessions/" + name, name.toUpperCase(Locale.ROOT), "", name));
      for (CompletableFuture<HttpResponse<Void>> answer : answers) {
        answer.get(30, TimeUnit.SECONDS);
      }
      assertThat(answers.get(0).join().statusCode()).isEqualTo(200);
    }
  }

  private CompletableFuture<HttpResponse<Void>> send(
      RunningServer server, String path, String method, String body, String name) {
    HttpRequest request = HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + server.port + path))
        .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
        .header("Content-Type", "application/json")
        .header("X-API-Key", name)
        .header("X-Request-Id", name)
        .timeout(Duration.ofSeconds(30))
        .build();
    return http.sendAsync(request, BodyHandlers.discarding());
  }

  private static Map<String, Family> page() throws Exception {
    Map<String, Family> families = new TreeMap<>();
    for (String line : Files.readAllLines(Path.of("../docs/metrics.md"))) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        families.put(row.group(1), new Family(row.group(2), labels(row.group(3))));
      }
    }
    assertThat(families).isNotEmpty();
    return families;
  }

  /** The words in quotes, without those in brackets, which are values. */
  private static Set<String> labels(String text) {
    Set<String> labels = new TreeSet<>();
    if (text != null) {
      WORD.matcher(text.replaceAll("\\([^)]*\\)", ""))
          .results()
          .forEach(each -> labels.add(each.group(1)));
    }
    return labels;
  }

  private static Map<String, Family> with(String prefix, Map<String, Family> all) {
    Map<String, Family> some = new TreeMap<>(all);
    some.keySet().removeIf(name -> !name.startsWith(prefix));
    return some;
  }
}
