package io.consoul.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.BeginTurn;
import io.consoul.message.Completed;
import io.consoul.message.Heard;
import io.consoul.message.IdempotencyKey;
import io.consoul.message.Replayed;
import io.consoul.message.SessionChanged;
import io.consoul.message.SessionChanged.Change;
import io.consoul.message.Swept;
import io.consoul.message.TurnFailed;
import io.consoul.message.TurnId;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.stream.LongStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random orders, repeats, late words of holders that were passed over, cancels, deletes, lapses and expiries, each step
 * compared with what a simple model of one conversation says. A failure tells its seed: let {@link #seeds} give that one to
 * run it again.
 */
@DisplayName("Whatever happens to turns, in whatever order")
class MemoryStoreModelTest {

  private static final int RUNS = 20;
  private static final int STEPS = 2_000;
  private static final Duration LEASE = Duration.ofSeconds(5);
  private static final Duration TTL = Duration.ofSeconds(60);
  private static final Duration TOMBSTONE = Duration.ofMinutes(10);
  private static final String INTERRUPTED = " (interrupted)";
  private static final String CANCELLED = " (cancelled)";

  /** A lease that was given to somebody, who may go on believing in it for ever. */
  private static final class Holder {
    final BeginTurn turn;
    final SessionStore.Lease lease;
    final String inbox;
    String said = "";
    Instant leaseEnd;
    Instant sealed;
    String answer;

    Holder(BeginTurn turn, SessionStore.Lease lease, String inbox, String said, Instant leaseEnd) {
      this.turn = turn;
      this.lease = lease;
      this.inbox = inbox;
      this.said = said;
      this.leaseEnd = leaseEnd;
    }

    SessionStore.Begun known() {
      return new SessionStore.Known.Pending(turn.turn(), lease.fence(), inbox, turn.listener());
    }
  }

  /** A turn that is in the history: whose it was at its end, and how it ended. */
  private record Stored(Holder holder, String answer, String ending) {

    void check(SessionStore.Begun begun) {
      Replayed replayed = ((SessionStore.Known.Ended) begun).replayed();
      assertThat(replayed.turn()).isEqualTo(holder.turn.turn());
      assertThat(replayed.text()).isEqualTo(answer);
      assertThat(replayed.end())
          .isInstanceOf(ending.equals(INTERRUPTED) ? TurnFailed.class : Completed.class);
      if (ending.isEmpty()) {
        assertThat(replayed.end().fence()).isEqualTo(holder.lease.fence());
      } else {
        assertThat(replayed.end().fence()).isGreaterThan(holder.lease.fence());
      }
    }
  }

  /** What a session should hold. */
  private static final class Conversation {
    final Map<TurnId, Stored> stored = new HashMap<>();
    final Map<IdempotencyKey, BeginTurn> keys = new HashMap<>();
    final Map<TurnId, Instant> tombstones = new HashMap<>();
    final List<String> history = new ArrayList<>();
    Holder holder;
    boolean created;
    Instant expires = Instant.MIN;

    boolean exists() {
      return holder != null || isKept();
    }

    boolean isKept() {
      return created || !history.isEmpty();
    }

    boolean isBuried(BeginTurn turn, Instant now) {
      return tombstones.getOrDefault(turn.turn(), Instant.MIN).isAfter(now);
    }

    /** @return whether a turn had lost its provider */
    boolean settle(Instant now) {
      if (holder == null || holder.leaseEnd.isAfter(now)) {
        return false;
      }
      end(INTERRUPTED, now);
      return true;
    }

    /** Without its provider. */
    void end(String ending, Instant now) {
      if (holder.said.isEmpty()) {
        drop();
      } else {
        append(holder.said, ending, now);
      }
    }

    void drop() {
      keys.remove(holder.turn.key());
      holder = null;
    }

    void append(String answer, String ending, Instant now) {
      history.add("user " + holder.turn.text());
      history.add("assistant " + answer + ending);
      stored.put(holder.turn.turn(), new Stored(holder, answer, ending));
      expires = now.plus(TTL);
      holder = null;
    }

    void expire(Instant now) {
      if (holder == null && isKept() && !expires.isAfter(now)) {
        clear();
      }
    }

    void clear() {
      history.clear();
      stored.clear();
      keys.clear();
      holder = null;
      created = false;
    }
  }

  private Random random;
  private StoreFixture fixture;
  private final Map<String, Conversation> conversations = new HashMap<>();
  private final List<BeginTurn> turns = new ArrayList<>();
  private final List<Holder> holders = new ArrayList<>();
  private final Map<String, Long> lastFences = new HashMap<>();
  private int counter;

  static LongStream seeds() {
    return new Random().longs(RUNS);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  @DisplayName(
      "the history is the acknowledged turns in order, and those cut off that had said something")
  void historyIsWhatWasAcknowledged(long seed) {
    random = new Random(seed);
    JsonObject config =
        new JsonObject().put("leaseSeconds", LEASE.toSeconds()).put("ttlSeconds", TTL.toSeconds());
    try (StoreFixture opened = open(config, random)) {
      fixture = opened;
      run();
      conversations.forEach(this::checkChanges);
    } catch (AssertionError | RuntimeException failure) {
      throw new AssertionError("seed " + seed, failure);
    }
  }

  /** A store that nothing is in; it draws from the same source, so that a seed tells all. */
  StoreFixture open(JsonObject config, Random source) {
    return new MemoryFixture(config, source);
  }

  private void run() {
    for (int step = 0; step < STEPS; step++) {
      switch (random.nextInt(18)) {
        case 0, 1, 2, 3 -> begin();
        case 4, 5 -> progress();
        case 6, 7 -> seal();
        case 8 -> abort();
        case 9 -> reassign();
        case 10 -> sweep();
        case 11 -> cancel();
        case 12 -> createOrDelete();
        case 13, 14 -> takeOver();
        case 15, 16 -> fixture.pass(Duration.ofMillis(random.nextInt(3_000)));
        default -> fixture.pass(random.nextInt(20) == 0 ? TTL : Duration.ofMillis(1));
      }
      conversations.forEach((session, expected) -> {
        expected.expire(fixture.now());
        assertThat(fixture.history(session)).isEqualTo(expected.history);
      });
    }
  }

  /** A new turn, or one that has begun before, of which the first reply may have been lost. */
  private void begin() {
    boolean repeat = !turns.isEmpty() && random.nextInt(3) == 0;
    BeginTurn turn = repeat ? any(turns) : newTurn();
    turns.add(turn);
    Conversation conversation = conversation(turn);
    if (conversation.isBuried(turn, fixture.now())) {
      assertThat(refusal(() -> fixture.begin(turn))).isEqualTo(Fault.SESSION_NOT_FOUND);
      return;
    }
    conversation.settle(fixture.now());
    conversation.expire(fixture.now());
    Holder holder = conversation.holder;
    BeginTurn first = turn;
    if (!conversation.stored.containsKey(turn.turn())
        && (holder == null || !holder.turn.turn().equals(turn.turn()))) {
      first = conversation.keys.getOrDefault(turn.key(), turn);
      if (!first.text().equals(turn.text())) {
        assertThat(refusal(() -> fixture.begin(turn))).isEqualTo(Fault.FIELD_VALIDATION_FAILED);
        return;
      }
    }

    SessionStore.Begun begun = fixture.begin(turn);

    if (conversation.stored.containsKey(first.turn())) {
      conversation.stored.get(first.turn()).check(begun);
    } else if (holder != null && holder.turn.turn().equals(first.turn())) {
      assertThat(begun).isEqualTo(holder.known());
    } else if (holder != null) {
      assertThat(begun).isInstanceOf(SessionStore.Begun.Busy.class);
    } else {
      granted(conversation, turn, (SessionStore.Begun.Granted) begun);
    }
  }

  /** Some have a key, most of these ask what was asked under it before. */
  private BeginTurn newTurn() {
    String session = "s" + random.nextInt(3);
    if (random.nextBoolean()) {
      return fixture.turn(session, "question " + counter++);
    }
    String key = "key " + random.nextInt(4);
    String text = "question of " + key + (random.nextInt(4) == 0 ? ", another" : "");
    return fixture.turn(session, text).under(new IdempotencyKey(key));
  }

  private void granted(
      Conversation conversation, BeginTurn turn, SessionStore.Begun.Granted granted) {
    List<String> sent = new ArrayList<>(conversation.history);
    sent.replaceAll(line -> line.replace(INTERRUPTED, "").replace(CANCELLED, ""));
    sent.add("user " + turn.text());
    assertThat(granted.history().stream()
            .map(message -> message.role().wireName() + " " + message.content()))
        .containsExactlyElementsOf(sent);
    hold(conversation, turn, granted.lease(), "provider", "");
    if (turn.key() != null) {
      conversation.keys.put(turn.key(), turn);
    }
    conversation.expires = fixture.now().plus(TTL);
  }

  private void progress() {
    withHolder((holder, conversation) -> {
      // It sends again what was not confirmed, so pieces may overlap.
      int offset = random.nextInt(holder.said.length() + 1);
      String text = holder.said.substring(offset) + (random.nextBoolean() ? "w" + counter++ : "");
      if (!isHeldBy(holder, conversation)) {
        refused(holder, () -> fixture.progress(holder.turn, holder.lease, offset, text));
        return;
      }
      fixture.progress(holder.turn, holder.lease, offset, text);
      holder.said = holder.said.substring(0, offset) + text;
      holder.leaseEnd = fixture.now().plus(LEASE);
      conversation.expires = fixture.now().plus(TTL);
    });
  }

  private void seal() {
    withHolder((holder, conversation) -> {
      if (isHeldBy(holder, conversation)) {
        holder.answer = holder.said + "end " + counter++;
        holder.sealed = fixture.seal(holder.turn, holder.lease, holder.answer);
        conversation.append(holder.answer, "", fixture.now());
      } else if (holder.sealed != null && isRemembered(holder, conversation)) {
        assertThat(fixture.seal(holder.turn, holder.lease, holder.answer)).isEqualTo(holder.sealed);
      } else {
        refused(holder, () -> fixture.seal(holder.turn, holder.lease, "of one passed over"));
      }
    });
  }

  private void abort() {
    withHolder((holder, conversation) -> {
      if (isHeldBy(holder, conversation)) {
        fixture.abort(holder.turn, holder.lease);
        conversation.drop();
      } else {
        refused(holder, () -> fixture.abort(holder.turn, holder.lease));
      }
    });
  }

  /** Another one gets the turn, and the first does not know. */
  private void reassign() {
    withHolder((holder, conversation) -> {
      if (isHeldBy(holder, conversation)) {
        String inbox = "other " + counter++;
        SessionStore.Lease lease =
            StoreFixture.get(fixture.store.reassign(holder.turn, holder.lease, inbox));
        hold(conversation, holder.turn, lease, inbox, "");
      } else {
        refused(
            holder,
            () -> StoreFixture.get(fixture.store.reassign(holder.turn, holder.lease, "other")));
      }
    });
  }

  /** Its holder gives it away, or somebody believes that it is gone. */
  private void takeOver() {
    withHolder((holder, conversation) -> {
      Duration unrenewed = Duration.ofMillis(random.nextInt(2) * 2_000 + 1_000);
      boolean given = random.nextInt(3) == 0;
      String heard = holder.said + "h" + counter++;
      Takeovers.TakeOver order = new Takeovers.TakeOver(
          TurnKey.of(holder.turn),
          holder.lease.fence(),
          given ? holder.lease.token() : null,
          unrenewed,
          new Heard(holder.lease.fence(), 0, heard),
          "taker " + counter++);
      Holder current = conversation.holder;
      if (conversation.stored.containsKey(holder.turn.turn())) {
        assertThat(StoreFixture.get(fixture.store.takeOver(order)))
            .isInstanceOf(SessionStore.Known.Ended.class);
      } else if (current == null || !current.turn.turn().equals(holder.turn.turn())) {
        assertThat(refusal(() -> StoreFixture.get(fixture.store.takeOver(order))))
            .isEqualTo(Fault.SESSION_NOT_FOUND);
      } else if (current != holder
          || !given && holder.leaseEnd.minus(LEASE).plus(unrenewed).isAfter(fixture.now())) {
        assertThat(StoreFixture.get(fixture.store.takeOver(order))).isEqualTo(current.known());
      } else {
        var won = (Takeovers.Takeover.Won) StoreFixture.get(fixture.store.takeOver(order));
        assertThat(won.said()).isEqualTo(heard);
        hold(conversation, holder.turn, won.granted().lease(), order.providerInbox(), heard);
        conversation.expires = fixture.now().plus(TTL);
      }
    });
  }

  /** Of a turn that may have ended long ago: then no other one must be hit. */
  private void cancel() {
    withHolder((holder, conversation) -> {
      boolean runs =
          conversation.holder != null && conversation.holder.turn.turn().equals(holder.turn.turn());

      assertThat(StoreFixture.get(fixture.store.cancel(TurnKey.of(holder.turn))))
          .isEqualTo(runs);

      if (runs) {
        conversation.end(CANCELLED, fixture.now());
      }
    });
  }

  private void createOrDelete() {
    String session = "s" + random.nextInt(3);
    Conversation conversation = conversation(session);
    conversation.settle(fixture.now());
    conversation.expire(fixture.now());
    if (random.nextBoolean()) {
      if (conversation.exists()) {
        assertThat(refusal(() -> fixture.create(session))).isEqualTo(Fault.SESSION_EXISTS);
      } else {
        fixture.create(session);
        conversation.created = true;
        conversation.expires = fixture.now().plus(TTL);
      }
    } else if (conversation.exists()) {
      Holder holder = conversation.holder;
      assertThat(fixture.delete(session).isPresent()).isEqualTo(holder != null);
      if (holder != null) {
        conversation.tombstones.put(holder.turn.turn(), fixture.now().plus(TOMBSTONE));
      }
      conversation.clear();
    } else {
      assertThat(refusal(() -> fixture.delete(session))).isEqualTo(Fault.SESSION_NOT_FOUND);
    }
  }

  private void sweep() {
    boolean orphansOnly = random.nextBoolean();
    int orphans = 0;
    for (Conversation conversation : conversations.values()) {
      orphans += conversation.settle(fixture.now()) ? 1 : 0;
    }
    Swept swept = StoreFixture.get(fixture.store.sweep(100, orphansOnly));
    assertThat(swept.orphans()).isEqualTo(orphans);
    assertThat(swept.more()).isFalse();
  }

  /** Each session comes, goes, comes and so on, and is there at the end when its last word is that it came. */
  private void checkChanges(String session, Conversation conversation) {
    List<Change> changes = fixture.changes.stream()
        .filter(change -> change.session().value().equals(session))
        .map(SessionChanged::change)
        .toList();
    for (int i = 0; i < changes.size(); i++) {
      assertThat(changes.get(i) == Change.CREATED).isEqualTo(i % 2 == 0);
    }
    assertThat(changes.size() % 2 == 1).isEqualTo(conversation.isKept());
  }

  private void hold(
      Conversation conversation,
      BeginTurn turn,
      SessionStore.Lease lease,
      String inbox,
      String said) {
    Long before = lastFences.put(turn.sessionKey(), lease.fence());
    assertThat(lease.fence()).isGreaterThan(before == null ? 0 : before);
    conversation.holder = new Holder(turn, lease, inbox, said, fixture.now().plus(LEASE));
    holders.add(conversation.holder);
  }

  private static boolean isHeldBy(Holder holder, Conversation conversation) {
    return conversation.holder == holder;
  }

  /** Not after the session has expired, and not when the turn has run once more since. */
  private static boolean isRemembered(Holder holder, Conversation conversation) {
    Stored stored = conversation.stored.get(holder.turn.turn());
    return stored != null && stored.holder() == holder;
  }

  /** One of the latest, so that many of them still hold what they believe to hold. */
  private void withHolder(BiConsumer<Holder, Conversation> action) {
    if (!holders.isEmpty()) {
      Holder holder = any(holders.subList(Math.max(0, holders.size() - 6), holders.size()));
      action.accept(holder, conversation(holder.turn));
    }
  }

  private void refused(Holder holder, ThrowingCallable call) {
    if (conversation(holder.turn).isBuried(holder.turn, fixture.now())) {
      assertThat(refusal(call)).isEqualTo(Fault.SESSION_NOT_FOUND);
    } else {
      assertThat(refusal(call)).isIn(Fault.SESSION_LOCKED, Fault.SESSION_NOT_FOUND);
    }
  }

  private static Fault refusal(ThrowingCallable call) {
    FaultException refusal = catchThrowableOfType(FaultException.class, call);
    assertThat(refusal).isNotNull();
    return refusal.fault();
  }

  private Conversation conversation(BeginTurn turn) {
    return conversation(turn.turn().session().value());
  }

  private Conversation conversation(String session) {
    return conversations.computeIfAbsent(session, key -> new Conversation());
  }

  private <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
