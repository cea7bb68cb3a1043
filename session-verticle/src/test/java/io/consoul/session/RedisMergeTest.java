package io.consoul.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.fault.Fault;
import io.consoul.message.BeginTurn;
import io.consoul.message.ChatMessage;
import io.consoul.message.Completed;
import io.consoul.message.Cuts;
import io.consoul.message.Failed;
import io.consoul.message.FinishReason;
import io.consoul.message.IdempotencyKey;
import io.consoul.message.Owner;
import io.consoul.message.Replayed;
import io.consoul.message.SessionId;
import io.consoul.message.SessionInfo;
import io.consoul.message.Settings;
import io.consoul.message.Tenant;
import io.consoul.message.Usage;
import io.consoul.session.MergeTarget.Outcome;
import io.consoul.testkit.RedisServer;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Merged into Redis")
class RedisMergeTest {

  static final MergeTarget.Terms THERE = new MergeTarget.Terms(false, false);
  private static final MergeTarget.Terms MAKE = new MergeTarget.Terms(true, false);
  private static final Instant CREATED = Instant.parse("2026-01-01T00:00:00Z");

  private static RedisServer redis;
  private RedisFixture store;
  private MergeTarget target;

  @BeforeAll
  static void startRedis() {
    redis = RedisServer.start();
  }

  @AfterAll
  static void stopRedis() {
    redis.close();
  }

  @BeforeEach
  void open() {
    store = new RedisFixture(redis, new JsonObject());
    target = store.merge();
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  @DisplayName("a turn is the newest of its session, and once only, however often it is offered")
  void appended() {
    store.say("s", "one", "ONE");
    AcknowledgedTurn turn = turn(store.turn("s", "two"), "TWO", "token");

    assertThat(offer(turn, THERE)).isEqualTo(Outcome.APPENDED);
    assertThat(offer(turn, THERE)).isEqualTo(Outcome.KNOWN);
    store.say("s", "three", "THREE");

    assertThat(store.history("s")).containsExactly(OutageTest.said("one two three"));
    SessionInfo info = store.read("s");
    assertThat(info.turns()).isEqualTo(3);
    assertThat(info.usage()).isEqualTo(new Usage(12, 22, 0.25, false));
    Replayed replayed =
        ((SessionStore.Known.Ended) store.find(turn.id(), Tenant.DEFAULT, 0, 100)).replayed();
    assertThat(replayed.text()).isEqualTo("TWO");
    assertThat(((Completed) replayed.end()).rescues()).isEqualTo(2);
    assertThat(store.send(Command.PTTL, store.key("s").messages()).toLong()).isPositive();
  }

  @Test
  @DisplayName(
      "a session that is missing is made only where that is wanted, with what it was made with")
  void missing() {
    AcknowledgedTurn turn = turn(store.turn("s", "one"), "ONE", "token");

    assertThat(offer(turn, THERE)).isEqualTo(Outcome.MISSING);
    assertThat(store.exists("s")).isFalse();
    assertThat(offer(turn, MAKE)).isEqualTo(Outcome.APPENDED);

    SessionInfo info = store.read("s");
    assertThat(info.model()).isEqualTo("provider-1/model-1");
    assertThat(info.metadata()).containsEntry("colour", "blue");
    assertThat(info.created()).isEqualTo(CREATED);
    assertThat(info.settings().systemPrompt()).isEqualTo("Be brief.");
    store.say("s", "two", "TWO");
    assertThat(store.history("s")).containsExactly(OutageTest.said("one two"));
  }

  @Test
  @DisplayName("a turn is not taken in where the one that it follows is lost")
  void follows() {
    AcknowledgedTurn one = turn(store.turn("s", "one"), "ONE", "token");
    AcknowledgedTurn two = turn(store.turn("s", "two"), "TWO", "token");
    MergeTarget.Terms afterOne = MAKE.after(one.id());

    assertThat(offer(two, afterOne)).isEqualTo(Outcome.MISSING);
    assertThat(store.exists("s")).isFalse();
    store.say("s", "of another session", "of this name");
    assertThat(offer(two, afterOne)).isEqualTo(Outcome.MISSING);
    assertThat(offer(one, MAKE)).isEqualTo(Outcome.APPENDED);
    assertThat(offer(two, afterOne)).isEqualTo(Outcome.APPENDED);

    assertThat(store.history("s"))
        .endsWith("user one", "assistant ONE", "user two", "assistant TWO")
        .hasSize(6);
  }

  @Test
  @DisplayName("a session that was made without a turn is there")
  void made() {
    MemorySession.Origin origin = origin("s");

    assertThat(StoreFixture.get(target.make(origin, CREATED, MAKE))).isEqualTo(Outcome.MADE);
    assertThat(StoreFixture.get(target.make(origin, CREATED, MAKE))).isEqualTo(Outcome.KNOWN);

    assertThat(store.read("s").turns()).isZero();
  }

  @Test
  @DisplayName("a session is in the list of whoever made it, unless it is in another one already")
  void lists() {
    Owner one = new Owner("key-1");
    Owner other = new Owner("key-2");

    StoreFixture.get(target.make(origin("made", one), CREATED, MAKE));
    store.say("there", "one", "ONE", other);
    StoreFixture.get(target.make(origin("there", one), CREATED, MAKE));
    store.create("of all");
    StoreFixture.get(target.make(origin("of all", one), CREATED, MAKE));

    assertThat(store.list(one)).containsExactly("made");
    assertThat(store.list(other)).containsExactly("there");
    assertThat(store.list((Owner) null)).containsExactly("of all");
  }

  @Test
  @DisplayName("the whole answer takes the place of what others settled, where that stands")
  void replaced() {
    BeginTurn turn = store.turn("s", "one");
    SessionStore.Lease lease = store.granted(turn).lease();
    store.progress(turn, lease, 0, "O");
    store.lapse();
    store.say("s", "two", "TWO");
    assertThat(store.history("s"))
        .containsExactly("user one", "assistant O (interrupted)", "user two", "assistant TWO");

    assertThat(offer(turn(turn, "ONE", lease.token()), THERE)).isEqualTo(Outcome.REPLACED);
    assertThat(offer(turn(turn, "ONE", lease.token()), THERE)).isEqualTo(Outcome.KNOWN);

    assertThat(store.history("s")).containsExactly(OutageTest.said("one two"));
    assertThat(store.read("s").usage())
        .extracting(Usage::inputTokens, Usage::outputTokens)
        .containsExactly(11L, 21L);
    assertThat(store.replayed(turn).text()).isEqualTo("ONE");
  }

  @Test
  @DisplayName("what others settled does not take the place of anything")
  void settledIsLess() {
    BeginTurn turn = store.turn("s", "one");
    store.seal(turn, store.granted(turn).lease(), "ONE");

    assertThat(offer(turn(turn, "O", null), THERE)).isEqualTo(Outcome.KNOWN);

    assertThat(store.history("s")).containsExactly(OutageTest.said("one"));
  }

  @Test
  @DisplayName("a turn that is pending there frees its session; another one stays")
  void pending() {
    BeginTurn turn = store.turn("s", "one");
    SessionStore.Lease lease = store.granted(turn).lease();
    assertThat(offer(turn(turn, "ONE", lease.token()), THERE)).isEqualTo(Outcome.APPENDED);
    BeginTurn next = store.turn("s", "three");
    SessionStore.Lease held = store.granted(next).lease();

    assertThat(offer(turn(store.turn("s", "two"), "TWO", "token"), THERE))
        .isEqualTo(Outcome.APPENDED);
    store.seal(next, held, "THREE");

    assertThat(store.history("s")).containsExactly(OutageTest.said("one two three"));
    assertThat(store.replayed(next).text()).isEqualTo("THREE");
  }

  @Test
  @DisplayName(
      "a turn of a session that was deleted after it stays deleted, and one of its successor does not")
  void deleted() {
    store.say("s", "one", "ONE");
    AcknowledgedTurn before = turn(store.turn("s", "two"), "TWO", "token", 1);
    BeginTurn pending = store.turn("s", "three");
    SessionStore.Lease lease = store.granted(pending).lease();
    store.delete("s");

    assertThat(offer(before, MAKE)).isEqualTo(Outcome.DROPPED);
    assertThat(offer(turn(pending, "THREE", lease.token()), MAKE)).isEqualTo(Outcome.DROPPED);
    assertThat(store.exists("s")).isFalse();

    AcknowledgedTurn after = turn(store.turn("s", "four"), "FOUR", "token", 2);
    assertThat(offer(after, new MergeTarget.Terms(true, true))).isEqualTo(Outcome.APPENDED);
    assertThat(store.history("s")).containsExactly(OutageTest.said("four"));
  }

  @Test
  @DisplayName("a turn keeps its idempotency key")
  void key() {
    BeginTurn turn = store.turn("s", "one").under(new IdempotencyKey("key"));
    offer(turn(turn, "ONE", "token"), MAKE);

    BeginTurn repeat = store.turn("s", "one").under(new IdempotencyKey("key"));
    assertThat(store.begin(repeat)).isInstanceOf(SessionStore.Known.Ended.class);
  }

  private Outcome offer(AcknowledgedTurn turn, MergeTarget.Terms terms) {
    return StoreFixture.get(target.offer(turn, terms));
  }

  static AcknowledgedTurn turn(BeginTurn begin, String answer, String token) {
    return turn(begin, answer, token, Long.MAX_VALUE / 4096);
  }

  private static AcknowledgedTurn turn(BeginTurn begin, String answer, String token, long fence) {
    Instant now = Instant.parse("2026-01-01T00:01:00Z");
    boolean cut = token == null;
    return new AcknowledgedTurn(
        origin(begin.session().value()),
        CREATED,
        false,
        new StoredMessage(ChatMessage.user(begin.text()), begin.turn(), now, 3, null, null, null),
        new StoredMessage(
            ChatMessage.assistant(answer),
            begin.turn(),
            now,
            4,
            "model-1",
            new Usage(10, 20, 0.25, false),
            cut ? FinishReason.INTERRUPTED : FinishReason.STOP),
        new SealedTurn(
            7,
            fence,
            answer.length(),
            "provider-1",
            2,
            Cuts.NONE,
            now,
            5,
            cut ? Failed.of(Fault.LLM_UNAVAILABLE.because()) : null,
            token),
        begin.key() == null
            ? null
            : new IdempotencyKeys.KeyUse(
                IdempotencyKeys.hash(begin), IdempotencyKeys.fingerprint(begin)));
  }

  private static MemorySession.Origin origin(String session) {
    return origin(session, null);
  }

  private static MemorySession.Origin origin(String session, Owner owner) {
    return new MemorySession.Origin(
        Tenant.DEFAULT,
        new SessionId(session),
        owner,
        "provider-1/model-1",
        new Settings("Be brief.", null, null),
        3,
        Map.of("colour", "blue"));
  }
}
