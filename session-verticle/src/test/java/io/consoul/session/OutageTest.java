package io.consoul.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.BeginTurn;
import io.consoul.message.ChatMessage;
import io.consoul.message.Cuts;
import io.consoul.message.IdempotencyKey;
import io.consoul.message.Owner;
import io.consoul.message.StoreState;
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
    return open(new JsonObject(), OutageJournal.MAX_BYTES);
  }

  private OutageFixture open(JsonObject config, long maxJournal) {
    return new OutageFixture(
        redis, folder.resolve("outage.journal"), config, maxJournal, new Random(seed++), null);
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
  @DisplayName("a turn is taken over as ever, and Redis knows afterwards where its attempts part")
  void takenOver() {
    BeginTurn turn = node.turn("s", "one");
    var first = node.granted(turn).lease();
    node.progress(turn, first, 0, "O");
    var second = (Takeovers.Takeover.Won) node.takeOver(turn, first, null);

    redis.kill();
    node.progress(turn, second.granted().lease(), 1, "N");
    var third = (Takeovers.Takeover.Won) node.takeOver(turn, second.granted().lease(), null);
    assertThat(third.said()).isEqualTo("ON");
    assertThat(third.cuts()).isEqualTo(new Cuts(List.of(1, 2)));
    node.seal(turn, third.granted().lease(), "ONE");
    node.crash();
    node = open();
    redis.restart();
    node.awaitWhole();

    assertThat(node.history("s")).containsExactly("user one", "assistant ONE");
    assertThat(node.replayed(turn).cuts()).isEqualTo(2);
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
    node.awaitBack();
    node.pass(Duration.ofMillis(500)); // it tries to merge
    node.progress(turn, lease, 0, "O");
    node.seal(turn, lease, "ONE");
    node.say("s", "two", "TWO");
    node.awaitWhole();

    assertThat(node.history("s")).containsExactly(said("one two"));
  }

  @Test
  @DisplayName(
      "a turn that left no trace in it is over in Redis, too: nobody ends it, nobody waits for it")
  void withoutTrace() {
    node.say("s", "one", "ONE");
    BeginTurn turn = node.turn("s", "two");
    var lease = node.granted(turn).lease();
    BeginTurn only = node.turn("t", "one");
    var onlyLease = node.granted(only).lease();

    redis.kill();
    node.awaitOutage();
    assertThat(StoreFixture.get(node.store.cancel(TurnKey.of(turn)))).isTrue();
    node.abort(only, onlyLease);
    redis.restart();
    node.awaitWhole();

    assertThatThrownBy(() -> node.seal(turn, lease, "TWO")).isInstanceOf(FaultException.class);
    assertThatThrownBy(() -> node.seal(only, onlyLease, "ONE")).isInstanceOf(FaultException.class);
    node.say("s", "three", "THREE");
    assertThat(node.history("s")).containsExactly(said("one three"));
    assertThat(node.exists("t")).isFalse();
  }

  @Test
  @DisplayName(
      "a paused Redis is an outage like any other, and what it was asked before does no harm")
  void paused() {
    node.close();
    JsonObject timeOuts =
        new JsonObject().put("commandTimeoutSeconds", 1).put("connectTimeoutSeconds", 1);
    node = open(new JsonObject().put("redis", timeOuts), OutageJournal.MAX_BYTES);
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
  @DisplayName("a session that begins is in the list of its owner afterwards, also after kill -9")
  void lists() {
    Owner one = new Owner("key-1");
    redis.kill();
    node.awaitOutage();
    node.say("said", "one", "ONE", one);
    node.create("made", one);
    node.crash();
    node = open();
    node.say("later", "one", "ONE", one);
    node.say("said", "two", "TWO", new Owner("key-2"));

    redis.restart();
    node.awaitWhole();

    assertThat(node.list(one)).containsExactlyInAnyOrder("said", "made", "later");
    assertThat(node.list((Owner) null)).isEmpty();
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

  @Test
  @DisplayName(
      "what is deleted stays deleted, and what is begun anew under its name is all there is of it")
  void deleted() {
    node.say("gone", "one", "ONE");
    node.say("anew", "one", "ONE");
    redis.kill();
    node.say("gone", "two", "TWO");
    node.say("anew", "two", "TWO");
    node.delete("gone");
    node.delete("anew");
    node.say("anew", "three", "THREE");
    assertThat(
            catchThrowableOfType(FaultException.class, () -> node.read("gone")).fault())
        .isEqualTo(Fault.SESSION_NOT_FOUND);

    redis.restart();
    node.awaitWhole();

    assertThat(node.exists("gone")).isFalse();
    assertThat(node.history("anew")).containsExactly(said("three"));
  }

  @Test
  @DisplayName(
      "a Redis that comes back empty gets back what was acknowledged of late, whole sessions of it")
  void comesBackEmpty() {
    node.close();
    redis.close();
    redis = RedisServer.start("--appendonly", "no");
    node = open();
    node.say("s", "one", "ONE");
    node.say("s", "two", "TWO");
    Owner owner = new Owner("key-1");
    node.say("t", "one", "ONE", owner);

    redis.kill();
    node.say("s", "three", "THREE");
    redis.restart();
    node.awaitWhole();
    node.say("s", "four", "FOUR");
    node.say("t", "two", "TWO");

    assertThat(node.list(owner)).containsExactly("t");
    assertThat(node.list((Owner) null)).containsExactly("s");
    assertThat(node.history("s")).containsExactly(said("one two three four"));
    assertThat(node.history("t")).containsExactly(said("one two"));
  }

  @Test
  @DisplayName(
      "a Redis that comes back empty before anybody noticed has no part in what goes to the model")
  void replacedInNoTime() {
    node.close();
    redis.close();
    redis = RedisServer.start("--appendonly", "no");
    node = open();
    for (int i = 0; i < 5; i++) {
      String session = "s" + i;
      node.say(session, "one", "ONE");
      node.say(session, "two", "TWO");

      redis.kill();
      redis.restart();
      BeginTurn third = node.turn(session, "three");
      var granted = node.granted(third);
      assertThat(granted.history())
          .extracting(ChatMessage::content)
          .containsExactly("one", "ONE", "two", "TWO", "three");
      node.seal(third, granted.lease(), "THREE");
      node.awaitWhole();

      assertThat(node.history(session)).containsExactly(said("one two three"));
    }
  }

  @Test
  @DisplayName(
      "what is at hand of a session is given back to it also when a turn in it finds it gone")
  void replacedUnderATurn() {
    node.close();
    redis.close();
    redis = RedisServer.start("--appendonly", "no");
    node = open();
    node.say("s", "one", "ONE");
    node.close();
    node = open(); // which has acknowledged nothing of it
    node.say("s", "two", "TWO");
    BeginTurn turn = node.turn("s", "three");
    var lease = node.granted(turn).lease();

    redis.kill();
    redis.restart();
    assertThat(catchThrowableOfType(FaultException.class, () -> node.progress(turn, lease, 0, "T")))
        .isNotNull();
    node.awaitWhole();
    node.say("s", "four", "FOUR");

    assertThat(node.history("s")).containsExactly(said("one two four"));
  }

  @Test
  @DisplayName("one outage after the other loses nothing and doubles nothing")
  void flapping() {
    for (String word : List.of("one", "two", "three")) {
      redis.kill();
      node.say("s", word, word.toUpperCase(Locale.ROOT));
      redis.restart();
      node.pass(Duration.ofMillis(600)); // about when it is used again, in the middle of the merge
    }
    node.awaitWhole();

    assertThat(node.history("s")).containsExactly(said("one two three"));
  }

  @Test
  @DisplayName("a turn of a session that is not at hand is refused where that is configured")
  void unknownIsRefused() {
    node.close();
    node = open(
        new JsonObject()
            .put(
                "redis",
                new JsonObject().put("fallback", new JsonObject().put("unknown", "refuse"))),
        OutageJournal.MAX_BYTES);
    node.say("s", "one", "ONE");
    redis.kill();
    node.say("s", "two", "TWO");

    assertUnavailable(() -> node.begin(node.turn("t", "one")));
  }

  @Test
  @DisplayName("nothing is acknowledged that the journal has no room for")
  void journalIsFull() {
    node.close();
    node = open(new JsonObject(), 3_000);
    redis.kill();
    node.awaitOutage();
    int[] turns = {0};
    assertUnavailable(() -> {
      while (true) {
        node.say("s", "one", "ONE");
        turns[0]++;
      }
    });

    redis.restart();
    node.awaitWhole();
    assertThat(node.messages("s")).hasSize(2 * turns[0]);
    node.say("s", "one", "ONE");
  }

  @Test
  @DisplayName("without the fallback requests are refused at once, and it recovers by itself")
  void withoutFallback() {
    node.close();
    node = open(
        new JsonObject()
            .put("redis", new JsonObject().put("fallback", new JsonObject().put("enabled", false))),
        OutageJournal.MAX_BYTES);
    node.say("s", "one", "ONE");
    redis.kill();
    assertUnavailable(() -> node.begin(node.turn("s", "?")));
    await().until(() -> node.state() == StoreState.DOWN);
    assertThat(node.meter("consoul.redis.degraded")).isZero();
    assertThat(node.meter("consoul.redis.up")).isZero();

    redis.restart();
    node.awaitWhole();
    assertThat(node.meter("consoul.redis.up")).isEqualTo(1);
    node.say("s", "two", "TWO");
    assertThat(node.history("s")).containsExactly(said("one two"));
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
