package io.consoul.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.testkit.ChatClient;
import io.consoul.testkit.EventStream;
import io.consoul.testkit.FakeProvider;
import io.consoul.testkit.HttpAnswer;
import io.consoul.testkit.RedisServer;
import io.consoul.testkit.Script;
import io.consoul.testkit.SseEvent;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("Two nodes that share nothing but a Redis")
class TwoNodesIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** After the last sign of whoever holds a session. */
  private static final Duration LEASE = Duration.ofSeconds(5);

  /** What such a one may need besides, to begin a turn. */
  private static final Duration BUSY_MACHINE = Duration.ofSeconds(10);

  @TempDir
  private static Path folder;

  private static Vertx vertx;
  private static RedisServer redis;
  private static FakeProvider openAi;
  private static NodeProcess oneNode;
  private static NodeProcess otherNode;
  private static ChatClient one;
  private static ChatClient other;

  @BeforeAll
  static void start() throws Exception {
    vertx = Vertx.vertx();
    redis = RedisServer.start();
    openAi = FakeProvider.start(vertx).await(20, TimeUnit.SECONDS);
    oneNode = node("one").start();
    otherNode = node("other").start();
    one = new ChatClient(vertx, oneNode.awaitUp().port()).withLimit(LIMIT);
    other = new ChatClient(vertx, otherNode.awaitUp().port()).withLimit(LIMIT);
  }

  @AfterAll
  static void end() throws Exception {
    if (oneNode != null) {
      oneNode.close();
    }
    if (otherNode != null) {
      otherNode.close();
    }
    redis.close();
    vertx.close().await(20, TimeUnit.SECONDS);
  }

  @Test
  @DisplayName("never have two turns of one session at a time, and keep all of them")
  void neverOverlap() {
    openAi.script("overlap", Script.text("a ", "b ", "c").delayEach(Duration.ofMillis(10)));
    one.post("/sessions", session("overlap"));
    List<Future<HttpAnswer>> answers = new ArrayList<>();
    Set<String> sent = new TreeSet<>();
    for (int i = 0; i < 20; i++) {
      String text = "message " + i;
      sent.add(text);
      answers.add((i % 2 == 0 ? one : other).beginChat("overlap", text));
    }
    await().atMost(LIMIT).until(() -> answers.stream().allMatch(Future::isComplete));

    assertThat(answers).allMatch(answer -> answer.result().status() == 200);
    assertThat(openAi.requests().stream().filter(asked -> asked.model().equals("overlap")))
        .extracting(asked -> asked.messages().size())
        .containsExactly(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31, 33, 35, 37, 39);
    List<JsonObject> messages = StoredTurns.messages(one, "overlap");
    assertThat(messages).hasSize(40).isEqualTo(StoredTurns.messages(other, "overlap"));
    Set<String> stored = new TreeSet<>();
    for (int i = 0; i < messages.size(); i += 2) {
      stored.add(messages.get(i).getString("content"));
      assertThat(messages.get(i + 1).getString("content")).isEqualTo("a b c");
      assertThat(messages.get(i + 1).getString("turn_id"))
          .isEqualTo(messages.get(i).getString("turn_id"));
    }
    assertThat(stored).isEqualTo(sent);
  }

  @Test
  @DisplayName("run what both get under one idempotency key once, and answer the same")
  void oneKey() {
    Promise<Void> release = Promise.promise();
    openAi.script("keyed", Script.text("only ", "once").heldAfter(1, release.future()));
    one.post("/sessions", session("keyed"));

    Future<HttpAnswer> first = keyed(one);
    await().until(() -> asked("keyed") == 1);
    Future<HttpAnswer> second = keyed(other);
    vertx.setTimer(500, later -> release.complete());
    await().atMost(LIMIT).until(() -> first.isComplete() && second.isComplete());

    JsonObject answer = first.result().json();
    assertThat(answer.getString("response")).isEqualTo("only once");
    assertThat(second.result().json().getString("response")).isEqualTo("only once");
    assertThat(second.result().json().getString("turn_id")).isEqualTo(answer.getString("turn_id"));
    assertThat(keyed(other).toCompletionStage().toCompletableFuture().join().json())
        .isEqualTo(second.result().json());
    assertThat(asked("keyed")).isEqualTo(1);
    assertThat(StoredTurns.texts(one, "keyed")).containsExactly("Hello", "only once");
    assertThat(
            other.chat("keyed", "Another", Map.of("Idempotency-Key", "the key")).status())
        .isEqualTo(422);
  }

  @Test
  @DisplayName("let a client go on at the other with a stream that it has lost, also after its end")
  void resumed() {
    Promise<Void> release = Promise.promise();
    openAi.script("resumed", Script.text("one ", "two ", "three").heldAfter(1, release.future()));
    one.post("/sessions", session("resumed"));
    EventStream stream = one.stream("resumed", "Hello");
    SseEvent token = stream.awaitFirstToken();
    String turn = token.id().substring(0, token.id().lastIndexOf(':'));
    stream.abort();

    EventStream running = other.follow(turn, token.id());
    vertx.setTimer(300, later -> release.complete());
    assertThat(rest(running.awaitEnd(LIMIT))).isEqualTo("two three");
    assertThat(running.events("done")).hasSize(1);

    EventStream ended = other.follow(turn, token.id());
    assertThat(rest(ended.awaitEnd(LIMIT))).isEqualTo("two three");
    assertThat(ended.events("done")).hasSize(1);
  }

  @Test
  @DisplayName("both get on with a session that both want all the time")
  void fair() {
    openAi.script("fair", Script.text("yes"));
    one.post("/sessions", session("fair"));
    AtomicInteger atOne = new AtomicInteger();
    AtomicInteger atOther = new AtomicInteger();
    AtomicBoolean over = new AtomicBoolean();
    List<Future<Void>> clients = List.of(
        backToBack(one, atOne, over),
        backToBack(one, atOne, over),
        backToBack(other, atOther, over),
        backToBack(other, atOther, over));
    // A node that stood still for a moment has to catch up first; where one is favoured the other
    // never does.
    await()
        .pollDelay(Duration.ofSeconds(3))
        .atMost(LIMIT)
        .until(() -> Math.min(atOne.get(), atOther.get()) >= share(atOne, atOther)
            || clients.stream().anyMatch(Future::failed));
    over.set(true);
    await().atMost(LIMIT).until(() -> clients.stream().allMatch(Future::isComplete));

    assertThat(clients).allMatch(Future::succeeded);
    System.out.println("turns of one session at two nodes: " + atOne + " and " + atOther);
    assertThat(StoredTurns.messages(one, "fair")).hasSize(2 * (atOne.get() + atOther.get()));
  }

  @Test
  @DisplayName("give the session of a killed one to the other when its lease is over")
  void killed() {
    Promise<Void> never = Promise.promise();
    openAi.script(
        "killed", Script.text("half ", "whole").heldAfter(1, never.future()), Script.text("next"));
    one.post("/sessions", session("killed"));
    one.stream("killed", "Hello").awaitFirstToken();
    awaitJournal("killed");

    long killed = System.nanoTime();
    oneNode.kill();
    try {
      assertThat(leftOfLease("killed")).isLessThanOrEqualTo(LEASE.toMillis());
      other.stream("killed", "And now?").awaitFirstToken();
      Duration gap = Duration.ofNanos(System.nanoTime() - killed);
      System.out.println("from the kill of a holder to the first word of the next turn: "
          + gap.toMillis() + " ms");
      assertThat(gap).isLessThan(LEASE.plus(BUSY_MACHINE));

      await()
          .until(() -> StoredTurns.texts(other, "killed")
              .equals(List.of("Hello", "half ", "And now?", "next")));
    } finally {
      oneNode.start().awaitUp();
    }
  }

  @Test
  @DisplayName("do not let one that stood still write what the other went on without")
  void fenced() {
    Promise<Void> release = Promise.promise();
    Promise<Void> releaseNext = Promise.promise();
    openAi.script(
        "fenced",
        Script.text("half ", "whole").heldAfter(1, release.future()),
        Script.text("ne", "xt").heldAfter(1, releaseNext.future()));
    one.post("/sessions", session("fenced"));
    EventStream stale = one.stream("fenced", "Hello");
    stale.awaitFirstToken();
    awaitJournal("fenced");

    EventStream next;
    oneNode.pause();
    try {
      next = other.stream("fenced", "And now?");
      next.awaitFirstToken();
    } finally {
      oneNode.resume();
      release.complete();
    }
    stale.awaitEnd(LIMIT);
    releaseNext.complete();
    assertThat(next.awaitEnd(LIMIT).text()).isEqualTo("next");

    assertThat(stale.events("done"))
        .allMatch(done -> done.json().getString("finish_reason").equals("interrupted"));
    for (ChatClient node : List.of(one, other)) {
      assertThat(StoredTurns.texts(node, "fenced"))
          .containsExactly("Hello", "half ", "And now?", "next");
    }
    assertThat(one.chat("fenced", "Still there?").status()).isEqualTo(200);
  }

  private static NodeProcess node(String name) {
    return NodeProcess.onRedis(
        folder.resolve(name),
        redis,
        "OPENAI_BASE_URL",
        openAi.baseUrl(),
        "CONSOUL_MODEL_NAME",
        "fake",
        "CONSOUL_REDIS_COMMAND_TIMEOUT", // a Redis that is only slow shall not count as away
        "15");
  }

  /** Of a model of its own name, so that it has a script of its own. */
  private static JsonObject session(String name) {
    return new JsonObject().put("session_id", name).put("model", name);
  }

  private static void awaitJournal(String session) {
    RedisConsole console = new RedisConsole(redis);
    await()
        .until(() ->
            console.run("LLEN", "consoul:session:{default:" + session + "}:j").equals("1"));
  }

  /** In milliseconds; Redis has the clock of this machine. */
  private static long leftOfLease(String session) {
    String until =
        new RedisConsole(redis).run("HGET", "consoul:session:{default:" + session + "}:l", "until");
    return Long.parseLong(until) - System.currentTimeMillis();
  }

  private static long asked(String model) {
    return openAi.requests().stream()
        .filter(request -> request.model().equals(model))
        .count();
  }

  private static Future<HttpAnswer> keyed(ChatClient node) {
    return node.begin(
        HttpMethod.POST,
        "/chat",
        Map.of("Idempotency-Key", "the key"),
        new JsonObject().put("session_id", "keyed").put("message", "Hello").toBuffer());
  }

  /** A quarter of all, and some at least. */
  private static int share(AtomicInteger one, AtomicInteger other) {
    return Math.max(5, (one.get() + other.get()) / 4);
  }

  private static Future<Void> backToBack(
      ChatClient node, AtomicInteger served, AtomicBoolean over) {
    if (over.get()) {
      return Future.succeededFuture();
    }
    return node.beginChat("fair", "Me again").compose(answer -> {
      if (answer.status() != 200) {
        return Future.failedFuture(answer.toString());
      }
      served.incrementAndGet();
      return backToBack(node, served, over);
    });
  }

  private static String rest(EventStream stream) {
    return stream.events("token").stream()
        .map(token -> token.json().getString("text"))
        .collect(Collectors.joining());
  }
}
