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
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first node reaches Redis through a proxy. A test that ends a node leaves it to the next one to start it again. */
@DisplayName("An outage of Redis in a cluster, with fallback")
class ClusterOutageIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** Of the node that finds out by its time-out that Redis does not answer it. */
  private static final int STALL_NOTICED_SECONDS = 4;

  /** For the other a Redis that is only slow shall not count as away. */
  private static final int PATIENT_SECONDS = 15;

  private static final String DEGRADED = "consoul_redis_degraded";
  private static final String RECOVERED = "consoul_redis_recovered_total";

  @TempDir
  private static Path home;

  private static Vertx vertx;
  private static RedisServer redis;
  private static CutProxy proxy;
  private static FakeProvider openAi;
  private static Place one;
  private static Place other;

  /** A node, who talks to it, and what it measures. */
  private record Place(NodeProcess node, ChatClient client, ChatClient metrics) {

    void close() {
      client.close();
      metrics.close();
      if (node.isStarted()) {
        node.close();
      }
    }
  }

  @BeforeAll
  static void start() throws Exception {
    vertx = Vertx.vertx();
    redis = RedisServer.start();
    proxy = CutProxy.to(redis.port());
    openAi = FakeProvider.start(vertx).await(20, TimeUnit.SECONDS);
    ClusterFile.forTwo(home);
    one = place("one", proxy.redisUrl(), STALL_NOTICED_SECONDS);
    other = place("other", redis.url(), PATIENT_SECONDS);
  }

  @AfterAll
  static void end() throws Exception {
    // What the beginning did not get to is not there; nothing of the rest may stay behind.
    if (redis != null) {
      redis.close();
    }
    Stream.of(one, other).filter(Objects::nonNull).forEach(Place::close);
    if (proxy != null) {
      proxy.close();
    }
    vertx.close().await(30, TimeUnit.SECONDS);
  }

  @BeforeEach
  void whole() {
    for (Place place : List.of(one, other)) {
      if (!place.node.isStarted() || !place.node.isAlive()) {
        place.node.start().awaitUp();
      }
    }
    for (Place place : List.of(one, other)) {
      awaitCluster(place);
      awaitDegraded(place, 0);
    }
  }

  @Test
  @DisplayName(
      "every conversation goes on at every node, also when one is killed in it, and Redis has all"
          + " of it afterwards, once and in order")
  void everywhere() {
    double recovered = gauge(other, RECOVERED);
    say(one, "me", "One");
    say(one, "me", "Two");
    say(other, "idle", "Hello");

    redis.kill();
    try {
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
      assertThat(StoredTurns.textsAtOnce(one.client, "idle")).isEqualTo(said("Hello"));

      one.node.kill();
      // Whoever asks for what it had, before the others know, may have to ask again.
      assertThat(StoredTurns.texts(other.client, "new")).isEqualTo(said("First", "Second"));
      say(other, "me", "Five");
      assertThat(heard()).isEqualTo(prompt("One", "Two", "Three", "Four", "Five"));

      one.node.start().awaitUp();
      awaitCluster(one);
      say(one, "me", "Six");
      assertThat(heard()).isEqualTo(prompt("One", "Two", "Three", "Four", "Five", "Six"));
    } finally {
      redis.restart();
    }
    awaitDegraded(one, 0);
    awaitDegraded(other, 0);
    assertThat(gauge(one, RECOVERED)).isPositive();
    assertThat(gauge(other, RECOVERED)).isGreaterThan(recovered);
    RedisConsole console = new RedisConsole(redis);
    assertThat(console.run("LLEN", "consoul:session:{default:me}:m")).isEqualTo("12");
    say(one, "me", "Seven");
    assertThat(StoredTurns.textsAtOnce(other.client, "me"))
        .isEqualTo(said("One", "Two", "Three", "Four", "Five", "Six", "Seven"));
    assertThat(StoredTurns.textsAtOnce(other.client, "new")).isEqualTo(said("First", "Second"));
    assertThat(StoredTurns.textsAtOnce(other.client, "idle")).isEqualTo(said("Hello"));
    assertThat(home.resolve("one/outage.journal")).doesNotExist();
  }

  @Test
  @DisplayName(
      "a node that alone does not reach it serves through the other, and nothing is degraded")
  void oneNode() {
    double recovered = gauge(one, RECOVERED);
    say(one, "mine", "One");
    say(other, "theirs", "One");
    Promise<Void> released = Promise.promise();
    openAi.script("slow", Script.text("half ", "whole").heldAfter(1, released.future()));
    one.client.post("/sessions", new JsonObject().put("session_id", "slow").put("model", "slow"));
    EventStream running = one.client.stream("slow", "Begun before");
    running.awaitFirstToken();

    proxy.refuse();
    try {
      assertWhole(say(one, "mine", "Two"));
      assertThat(heard()).isEqualTo(prompt("One", "Two"));
      assertWhole(say(one, "theirs", "Two"));
      assertThat(heard()).isEqualTo(prompt("One", "Two"));
      assertWhole(say(one, "fresh", "One"));
      assertThat(StoredTurns.textsAtOnce(one.client, "theirs")).isEqualTo(said("One", "Two"));
      awaitDegraded(one, 1);
      assertThat(gauge(other, DEGRADED)).isZero();
      assertWhole(say(one, "mine", "Three"));
      assertThat(heard()).isEqualTo(prompt("One", "Two", "Three"));
      assertThat(one.client.get("/sessions").status()).isEqualTo(200);
      assertThat(one.client.get("/ready").json().getString("message"))
          .isNotEqualTo("Running in fallback mode");

      released.complete();
      running.awaitEnd();
      RedisConsole console = new RedisConsole(redis);
      await()
          .atMost(LIMIT)
          .until(() -> console.run("LLEN", "consoul:session:{default:slow}:m").equals("2"));
      assertThat(console.run("LLEN", "consoul:session:{default:mine}:m")).isEqualTo("6");
      assertThat(StoredTurns.textsAtOnce(other.client, "slow"))
          .containsExactly("Begun before", "half whole");
    } finally {
      proxy.accept();
    }
    awaitDegraded(one, 0);
    assertThat(gauge(one, RECOVERED)).isGreaterThan(recovered);
    assertWhole(say(one, "mine", "Four"));
    assertThat(StoredTurns.textsAtOnce(other.client, "mine"))
        .isEqualTo(said("One", "Two", "Three", "Four"));
  }

  @Test
  @DisplayName("a node whose requests to it stay without an answer serves through the other")
  void stalled() {
    say(other, "of-the-other", "One");
    say(one, "of-the-one", "One");

    proxy.mode(CutProxy.Mode.STALL);
    try {
      assertWhole(say(one, "of-the-other", "Two"));
      assertThat(heard()).isEqualTo(prompt("One", "Two"));
      assertWhole(say(one, "of-the-one", "Two"));
      assertThat(heard()).isEqualTo(prompt("One", "Two"));
      assertThat(StoredTurns.textsAtOnce(other.client, "of-the-other"))
          .isEqualTo(said("One", "Two"));
      assertThat(StoredTurns.textsAtOnce(other.client, "of-the-one")).isEqualTo(said("One", "Two"));
    } finally {
      proxy.mode(CutProxy.Mode.PASS);
    }
  }

  private static Place place(String name, String redisUrl, int commandTimeoutSeconds) {
    NodeProcess node = NodeProcess.onRedis(
            home.resolve(name),
            redis,
            "CONSOUL_SESSION_REDIS_URL",
            redisUrl,
            "CONSOUL_REDIS_FALLBACK_ENABLED",
            "true",
            "CONSOUL_REDIS_COMMAND_TIMEOUT",
            "" + commandTimeoutSeconds,
            "OPENAI_BASE_URL",
            openAi.baseUrl(),
            "CONSOUL_MODEL_NAME",
            "fake")
        .inCluster(home);
    return new Place(
        node,
        new ChatClient(vertx, node.port()).withLimit(LIMIT),
        new ChatClient(vertx, node.metricsPort()).withLimit(LIMIT));
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
  private static List<String> heard() {
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
