package io.consoul.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.BeginTurn;
import io.consoul.message.ChatMessage;
import io.consoul.message.IdempotencyKey;
import io.consoul.testkit.RedisServer;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("While Redis is away")
class OutageTest {

  @TempDir
  Path folder;

  private RedisServer redis;
  private OutageFixture node;
  private int seed;

  @BeforeEach
  void start() {
    redis = RedisServer.start();
    node = open();
  }

  private OutageFixture open() {
    return new OutageFixture(
        redis,
        folder.resolve("outage.journal"),
        new JsonObject(),
        OutageJournal.MAX_BYTES,
        new Random(seed++),
        null);
  }

  @AfterEach
  void stop() {
    node.close();
    redis.close();
  }

  @Test
  @DisplayName(
      "a session goes on with all that was said, and Redis has it all afterwards, once and in order")
  void goesOn() {
    node.say("s", "one", "ONE");
    node.say("s", "two", "TWO");

    redis.kill();
    BeginTurn third = node.turn("s", "three");
    var granted = node.granted(third);
    assertThat(granted.history())
        .extracting(ChatMessage::content)
        .containsExactly("one", "ONE", "two", "TWO", "three");
    assertThat(granted.historyUnavailable()).isFalse();
    node.seal(third, granted.lease(), "THREE");
    node.say("s", "four", "FOUR");
    assertThat(node.meter("consoul.redis.degraded")).isEqualTo(1);

    redis.restart();
    node.awaitWhole();
    assertThat(node.meter("consoul.redis.degraded")).isEqualTo(0);
    assertThat(node.meter("consoul.redis.recovered")).isEqualTo(1);
    node.say("s", "five", "FIVE");

    assertThat(node.history("s")).containsExactly(said("one two three four five"));
    assertThat(node.replayed(third).text()).isEqualTo("THREE");
  }

  @Test
  @DisplayName("a turn that began before goes on under its lease and is sealed")
  void turnInProgress() {
    node.say("s", "one", "ONE");
    BeginTurn turn = node.turn("s", "two");
    var lease = node.granted(turn).lease();
    node.progress(turn, lease, 0, "T");

    redis.kill();
    node.progress(turn, lease, 1, "W");
    assertThat(node.begin(node.turn("s", "three"))).isInstanceOf(SessionStore.Begun.Busy.class);
    node.seal(turn, lease, "TWO");
    node.say("s", "three", "THREE");

    redis.restart();
    node.awaitWhole();
    assertThat(node.history("s")).containsExactly(said("one two three"));
  }

  @Test
  @DisplayName(
      "a turn that is still in progress when Redis is back ends in the shelter, and is merged then")
  void turnAcrossTheEnd() {
    redis.kill();
    node.awaitOutage();
    BeginTurn turn = node.turn("s", "one");
    var lease = node.granted(turn).lease();

    redis.restart();
    node.pass(Duration.ofSeconds(4));
    node.progress(turn, lease, 0, "O");
    node.seal(turn, lease, "ONE");
    node.say("s", "two", "TWO");
    node.awaitWhole();

    assertThat(node.history("s")).containsExactly(said("one two"));
  }

  @Test
  @DisplayName(
      "a paused Redis is an outage like any other, and what it was asked before does no harm")
  void paused() {
    node.say("s", "one", "ONE");
    redis.pause();
    node.say("s", "two", "TWO");
    node.say("s", "three", "THREE");
    redis.resume();
    node.awaitWhole();
    node.say("s", "four", "FOUR");

    assertThat(node.history("s")).containsExactly(said("one two three four"));
  }

  @Test
  @DisplayName("a repeat under an idempotency key gets the first answer, during and after")
  void keys() {
    redis.kill();
    node.awaitOutage();
    BeginTurn first = node.turn("s", "one").under(new IdempotencyKey("key"));
    node.seal(first, node.granted(first).lease(), "ONE");
    BeginTurn repeat = node.turn("s", "one").under(new IdempotencyKey("key"));
    assertThat(node.begin(repeat)).isInstanceOf(SessionStore.Known.Ended.class);

    redis.restart();
    node.awaitWhole();
    assertThat(node.begin(repeat)).isInstanceOf(SessionStore.Known.Ended.class);
    assertThat(node.history("s")).containsExactly(said("one"));
  }

  @Test
  @DisplayName("a session that is not at hand begins without its history, and says so")
  void unknownIsServed() {
    node.say("s", "one", "ONE");
    node.atHand.forget("default:s");
    redis.kill();
    node.awaitOutage();

    BeginTurn turn = node.turn("s", "two");
    var granted = node.granted(turn);
    assertThat(granted.historyUnavailable()).isTrue();
    node.seal(turn, granted.lease(), "TWO");

    redis.restart();
    node.awaitWhole();
    assertThat(node.history("s")).containsExactly(said("one two"));
  }

  @Test
  @DisplayName("a session that is not at hand is never said not to exist")
  void unknownIsNotMissing() {
    node.say("s", "one", "ONE");
    node.atHand.forget("default:s");
    redis.kill();
    node.awaitOutage();

    assertUnavailable(() -> node.read("s"));
    assertUnavailable(() -> node.list(null, 10, null));
    assertUnavailable(() -> node.find(node.turn("s", "?"), 0, 10));
  }

  @Test
  @DisplayName("what was acknowledged survives kill -9 of the node")
  void survivesACrash() {
    node.say("s", "one", "ONE");
    redis.kill();
    node.awaitOutage();
    node.say("s", "two", "TWO");
    node.say("t", "one", "ONE");
    node.crash();

    node = open();
    node.say("s", "three", "THREE");
    redis.restart();
    node.awaitWhole();

    assertThat(node.history("s")).containsExactly(said("one two three"));
    assertThat(node.history("t")).containsExactly(said("one"));
    assertThat(folder.resolve("outage.journal")).isEmptyFile();
  }

  @Test
  @DisplayName(
      "what a crashed node left is merged before its sessions are served, when Redis is there at the start")
  void crashedAndBack() {
    node.say("s", "one", "ONE");
    redis.kill();
    node.awaitOutage();
    node.say("s", "two", "TWO");
    node.crash();
    redis.restart();

    node = open();
    node.say("s", "three", "THREE");
    node.awaitWhole();

    assertThat(node.history("s")).containsExactly(said("one two three"));
  }

  /** A message and its answer for each word. */
  static String[] said(String words) {
    return List.of(words.split(" ")).stream()
        .flatMap(word -> Stream.of("user " + word, "assistant " + word.toUpperCase(Locale.ROOT)))
        .toArray(String[]::new);
  }

  private static void assertUnavailable(ThrowingCallable call) {
    FaultException failure = catchThrowableOfType(FaultException.class, call);
    assertThat(failure).isNotNull();
    assertThat(failure.fault()).isEqualTo(Fault.SESSION_STORAGE_UNAVAILABLE);
  }
}
