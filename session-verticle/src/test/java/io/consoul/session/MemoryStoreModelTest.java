package io.consoul.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.BeginTurn;
import io.consoul.message.Swept;
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
 * Random orders, repeats, late words of holders that were passed over, lapses and expiries, each step compared with what a
 * simple model of one conversation says. A failure tells its seed: let {@link #seeds} give that one to run it again.
 */
@DisplayName("Whatever happens to turns, in whatever order")
class MemoryStoreModelTest {

  private static final int RUNS = 20;
  private static final int STEPS = 2_000;
  private static final Duration LEASE = Duration.ofSeconds(5);
  private static final Duration TTL = Duration.ofSeconds(60);

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
      return new SessionStore.Begun.Known(lease.fence(), inbox);
    }
  }

  /** What a session should hold. */
  private static final class Conversation {
    final Map<TurnId, SessionStore.Begun> known = new HashMap<>();
    final List<String> history = new ArrayList<>();
    Holder holder;
    Instant expires = Instant.MIN;

    /** @return whether a turn had lost its provider */
    boolean settle(Instant now) {
      if (holder == null || holder.leaseEnd.isAfter(now)) {
        return false;
      }
      if (!holder.said.isEmpty()) {
        append(holder.said + " (interrupted)", now);
      }
      holder = null;
      return true;
    }

    void append(String answer, Instant now) {
      history.add("user " + holder.turn.text());
      history.add("assistant " + answer);
      known.put(holder.turn.turn(), holder.known());
      expires = now.plus(TTL);
    }

    /** @return whether there was something to forget */
    boolean expire(Instant now) {
      boolean over = holder == null && !history.isEmpty() && !expires.isAfter(now);
      if (over) {
        history.clear();
        known.clear();
      }
      return over;
    }
  }

  private Random random;
  private StoreFixture fixture;
  private final Map<String, Conversation> conversations = new HashMap<>();
  private final List<BeginTurn> turns = new ArrayList<>();
  private final List<Holder> holders = new ArrayList<>();
  private long lastFence;
  private int counter;

  static LongStream seeds() {
    return new Random().longs(RUNS);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  @DisplayName(
      "the history is the acknowledged turns in order, and interrupted ones that had said something")
  void historyIsWhatWasAcknowledged(long seed) {
    random = new Random(seed);
    JsonObject config =
        new JsonObject().put("leaseSeconds", LEASE.toSeconds()).put("ttlSeconds", TTL.toSeconds());
    fixture = new StoreFixture(config, random);
    try {
      run();
    } catch (AssertionError | RuntimeException failure) {
      throw new AssertionError("seed " + seed, failure);
    }
  }

  private void run() {
    for (int step = 0; step < STEPS; step++) {
      switch (random.nextInt(12)) {
        case 0, 1, 2 -> begin();
        case 3, 4 -> progress();
        case 5, 6 -> seal();
        case 7 -> abort();
        case 8 -> reassign();
        case 9 -> sweep();
        case 10 -> fixture.pass(Duration.ofMillis(random.nextInt(3_000)));
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
    BeginTurn turn =
        repeat ? any(turns) : fixture.turn("s" + random.nextInt(3), "question " + counter++);
    turns.add(turn);
    Conversation conversation = conversation(turn);
    conversation.settle(fixture.now());
    conversation.expire(fixture.now());

    SessionStore.Begun begun = fixture.begin(turn);

    Holder holder = conversation.holder;
    if (conversation.known.containsKey(turn.turn())) {
      assertThat(begun).isEqualTo(conversation.known.get(turn.turn()));
    } else if (holder != null && holder.turn.turn().equals(turn.turn())) {
      assertThat(begun).isEqualTo(holder.known());
    } else if (holder != null) {
      assertThat(begun).isInstanceOf(SessionStore.Begun.Busy.class);
    } else {
      granted(conversation, turn, (SessionStore.Begun.Granted) begun);
    }
  }

  private void granted(
      Conversation conversation, BeginTurn turn, SessionStore.Begun.Granted granted) {
    List<String> sent = new ArrayList<>(conversation.history);
    sent.replaceAll(line -> line.replace(" (interrupted)", ""));
    sent.add("user " + turn.text());
    assertThat(granted.history().stream()
            .map(message -> message.role().wireName() + " " + message.content()))
        .containsExactlyElementsOf(sent);
    hold(conversation, turn, granted.lease(), "provider", "");
    conversation.expires = fixture.now().plus(TTL);
  }

  private void progress() {
    withHolder((holder, conversation) -> {
      // It sends again what was not confirmed, so pieces may overlap.
      int offset = random.nextInt(holder.said.length() + 1);
      String text = holder.said.substring(offset) + (random.nextBoolean() ? "w" + counter++ : "");
      if (!isHeldBy(holder, conversation)) {
        refused(() -> fixture.progress(holder.turn, holder.lease, offset, text));
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
        conversation.append(holder.answer, fixture.now());
        conversation.holder = null;
      } else if (holder.sealed != null && isRemembered(holder, conversation)) {
        assertThat(fixture.seal(holder.turn, holder.lease, holder.answer)).isEqualTo(holder.sealed);
      } else {
        refused(() -> fixture.seal(holder.turn, holder.lease, "of one that was passed over"));
      }
    });
  }

  private void abort() {
    withHolder((holder, conversation) -> {
      if (isHeldBy(holder, conversation)) {
        fixture.abort(holder.turn, holder.lease);
        conversation.holder = null;
      } else {
        refused(() -> fixture.abort(holder.turn, holder.lease));
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
        hold(conversation, holder.turn, lease, inbox, holder.said);
      } else {
        refused(() -> StoreFixture.get(fixture.store.reassign(holder.turn, holder.lease, "other")));
      }
    });
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

  private void hold(
      Conversation conversation,
      BeginTurn turn,
      SessionStore.Lease lease,
      String inbox,
      String said) {
    assertThat(lease.fence()).isGreaterThan(lastFence);
    lastFence = lease.fence();
    conversation.holder = new Holder(turn, lease, inbox, said, fixture.now().plus(LEASE));
    holders.add(conversation.holder);
  }

  private static boolean isHeldBy(Holder holder, Conversation conversation) {
    return conversation.holder == holder;
  }

  /** Not after the session has expired, and not when the turn has run once more since. */
  private static boolean isRemembered(Holder holder, Conversation conversation) {
    return holder.known().equals(conversation.known.get(holder.turn.turn()));
  }

  /** One of the latest, so that many of them still hold what they believe to hold. */
  private void withHolder(BiConsumer<Holder, Conversation> action) {
    if (!holders.isEmpty()) {
      Holder holder = any(holders.subList(Math.max(0, holders.size() - 6), holders.size()));
      action.accept(holder, conversation(holder.turn));
    }
  }

  private static void refused(ThrowingCallable call) {
    FaultException refusal = catchThrowableOfType(FaultException.class, call);
    assertThat(refusal).isNotNull();
    assertThat(refusal.fault()).isIn(Fault.SESSION_LOCKED, Fault.SESSION_NOT_FOUND);
  }

  private Conversation conversation(BeginTurn turn) {
    return conversations.computeIfAbsent(turn.turn().session().value(), key -> new Conversation());
  }

  private <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
