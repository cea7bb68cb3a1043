package io.consoul.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.testkit.ChatClient;
import io.consoul.testkit.CutProxy;
import io.consoul.testkit.EventStream;
import io.consoul.testkit.FakeProvider;
import io.consoul.testkit.HttpAnswer;
import io.consoul.testkit.ModelRequest;
import io.consoul.testkit.RedisServer;
import io.consoul.testkit.Script;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(VertxExtension.class)
@DisplayName("An outage of Redis in a cluster, with fallback")
class ClusterOutageIT {

  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final String DEGRADED = "consoul_redis_degraded";

  @TempDir
  private Path home;

  private final List<AutoCloseable> opened = new ArrayList<>();
  private RedisServer redis;
  private FakeProvider openAi;
  private Vertx vertx;

  /** A node, who talks to it, and what it measures. */
  private record Place(NodeProcess node, ChatClient client, ChatClient metrics) {}

  @BeforeEach
  void start(Vertx vertx) throws Exception {
    this.vertx = vertx;
    redis = RedisServer.start();
    openAi = FakeProvider.start(vertx).await(5, TimeUnit.SECONDS);
    ClusterFile.forTwo(home);
  }

  @AfterEach
  void end() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
    redis.close();
  }

  @Test
  @DisplayName(
      "every conversation goes on at every node, also when one is killed in it, and Redis has all"
          + " of it afterwards, once and in order")
  void everywhere() {
    Place one = place("one", redis.url());
    Place other = place("other", redis.url());
    awaitCluster(one);
    say(one, "me", "One");
    say(one, "me", "Two");
    say(other, "idle", "Hello");

    redis.kill();
    JsonObject three = say(other, "me", "Three");
    assertThat(heard()).isEqualTo(prompt("One", "Two", "Three"));
    assertThat(three.getString("history")).isNull();
    say(one, "me", "Four");
    assertThat(heard()).isEqualTo(prompt("One", "Two", "Three", "Four"));
    say(one, "new", "First");
    say(other, "new", "Second");
    assertThat(heard()).isEqualTo(prompt("First", "Second"));
    awaitDegraded(one, 1);
    awaitDegraded(other, 1);
    assertThat(StoredTurns.texts(one.client, "idle")).isEqualTo(said("Hello"));

    one.node.kill();
    assertThat(StoredTurns.texts(other.client, "new")).isEqualTo(said("First", "Second"));
    say(other, "me", "Five");
    assertThat(heard()).isEqualTo(prompt("One", "Two", "Three", "Four", "Five"));

    one.node.start().awaitUp();
    say(one, "me", "Six");
    assertThat(heard()).isEqualTo(prompt("One", "Two", "Three", "Four", "Five", "Six"));
    redis.restart();
    awaitDegraded(one, 0);
    awaitDegraded(other, 0);
    assertThat(gauge(one, "consoul_redis_recovered_total")).isEqualTo(1);
    assertThat(gauge(other, "consoul_redis_recovered_total")).isEqualTo(1);
    RedisConsole console = new RedisConsole(redis);
    assertThat(console.run("LLEN", "consoul:session:{default:me}:m")).isEqualTo("12");
    say(one, "me", "Seven");
    assertThat(StoredTurns.texts(other.client, "me"))
        .isEqualTo(said("One", "Two", "Three", "Four", "Five", "Six", "Seven"));
    assertThat(StoredTurns.texts(other.client, "new")).isEqualTo(said("First", "Second"));
    assertThat(StoredTurns.texts(other.client, "idle")).isEqualTo(said("Hello"));
    assertThat(home.resolve("one/outage.journal")).doesNotExist();
  }

  @Test
  @DisplayName(
      "a node that alone does not reach it serves through the other, and nothing is degraded")
  void oneNode() throws Exception {
    CutProxy proxy = CutProxy.to(redis.port());
    opened.add(proxy);
    Place cut = place("cut", proxy.redisUrl());
    Place whole = place("whole", redis.url());
    awaitCluster(cut);
    say(cut, "me", "One");
    say(whole, "theirs", "One");
    Promise<Void> released = Promise.promise();
    openAi.script("slow", Script.text("half ", "whole").heldAfter(1, released.future()));
    cut.client.post("/sessions", new JsonObject().put("session_id", "slow").put("model", "slow"));
    EventStream running = cut.client.stream("slow", "Begun before");
    running.awaitFirstToken();

    proxy.refuse();
    assertWhole(say(cut, "me", "Two"));
    assertThat(heard()).isEqualTo(prompt("One", "Two"));
    assertWhole(say(cut, "theirs", "Two"));
    assertThat(heard()).isEqualTo(prompt("One", "Two"));
    assertWhole(say(cut, "new", "One"));
    assertThat(StoredTurns.texts(cut.client, "theirs")).isEqualTo(said("One", "Two"));
    awaitDegraded(cut, 1);
    assertThat(gauge(whole, DEGRADED)).isZero();
    assertWhole(say(cut, "me", "Three"));
    assertThat(heard()).isEqualTo(prompt("One", "Two", "Three"));
    assertThat(cut.client.get("/sessions").status()).isEqualTo(200);
    assertThat(cut.client.get("/ready").json().getString("message"))
        .isNotEqualTo("Running in fallback mode");

    released.complete();
    running.awaitEnd();
    RedisConsole console = new RedisConsole(redis);
    await()
        .atMost(LIMIT)
        .until(() -> console.run("LLEN", "consoul:session:{default:slow}:m").equals("2"));
    assertThat(console.run("LLEN", "consoul:session:{default:me}:m")).isEqualTo("6");
    assertThat(StoredTurns.texts(whole.client, "slow"))
        .containsExactly("Begun before", "half whole");

    proxy.accept();
    awaitDegraded(cut, 0);
    assertThat(gauge(cut, "consoul_redis_recovered_total")).isEqualTo(1);
    assertWhole(say(cut, "me", "Four"));
    assertThat(StoredTurns.texts(whole.client, "me"))
        .isEqualTo(said("One", "Two", "Three", "Four"));
  }

  @Test
  @DisplayName("a node whose requests to it stay without an answer serves through the other")
  void stalled() {
    CutProxy proxy = CutProxy.to(redis.port());
    opened.add(proxy);
    Place cut = place("cut", proxy.redisUrl());
    Place whole = place("whole", redis.url());
    awaitCluster(cut);
    say(whole, "theirs", "One");
    say(cut, "mine", "One");

    proxy.mode(CutProxy.Mode.STALL);

    assertWhole(say(cut, "theirs", "Two"));
    assertThat(heard()).isEqualTo(prompt("One", "Two"));
    assertWhole(say(cut, "mine", "Two"));
    assertThat(heard()).isEqualTo(prompt("One", "Two"));
    assertThat(StoredTurns.texts(whole.client, "theirs")).isEqualTo(said("One", "Two"));
    assertThat(StoredTurns.texts(whole.client, "mine")).isEqualTo(said("One", "Two"));
  }

  private Place place(String name, String redisUrl) {
    NodeProcess node = NodeProcess.onRedis(
            home.resolve(name),
            redis,
            "CONSOUL_SESSION_REDIS_URL",
            redisUrl,
            "CONSOUL_REDIS_FALLBACK_ENABLED",
            "true",
            "OPENAI_BASE_URL",
            openAi.baseUrl(),
            "CONSOUL_MODEL_NAME",
            "fake")
        .inCluster(home)
        .start();
    opened.add(node);
    node.awaitUp();
    Place place = new Place(
        node,
        new ChatClient(vertx, node.port()).withLimit(LIMIT),
        new ChatClient(vertx, node.metricsPort()));
    opened.add(place.client);
    opened.add(place.metrics);
    return place;
  }

  private static void awaitCluster(Place place) {
    await()
        .atMost(LIMIT)
        .until(() ->
            place.client.get("/ready").json().getJsonObject("checks").getInteger("cluster") == 2);
  }

  private static JsonObject say(Place place, String session, String text) {
    HttpAnswer answer = place.client.chat(session, text);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.json().getString("response")).isEqualTo("You said: " + text);
    return answer.json();
  }

  private static void assertWhole(JsonObject answer) {
    assertThat(answer.getString("history")).isNull();
    assertThat(answer.getBoolean("degraded", false)).isFalse();
  }

  /** What the model was given for the latest turn. */
  private List<String> heard() {
    List<ModelRequest> requests = openAi.requests();
    return requests.get(requests.size() - 1).messages().stream()
        .map(message -> message.getString("content"))
        .toList();
  }

  /** Each with its answer. */
  private static List<String> said(String... messages) {
    return Stream.of(messages)
        .flatMap(each -> Stream.of(each, "You said: " + each))
        .toList();
  }

  /** Each with its answer, but for the last. */
  private static List<String> prompt(String... messages) {
    List<String> all = said(messages);
    return all.subList(0, all.size() - 1);
  }

  private static void awaitDegraded(Place place, int value) {
    await().atMost(LIMIT).until(() -> gauge(place, DEGRADED) == value);
  }

  private static double gauge(Place place, String name) {
    String text = place.metrics.get("/metrics").text();
    return Pattern.compile("(?m)^" + name + "(?:\\{.*})? ([0-9.eE+-]+)$")
        .matcher(text)
        .results()
        .mapToDouble(found -> Double.parseDouble(found.group(1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + name + " in " + text));
  }
}
