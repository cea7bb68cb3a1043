package io.consoul.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.AttachTurn;
import io.consoul.message.BeginTurn;
import io.consoul.message.ChatMessage;
import io.consoul.message.Completed;
import io.consoul.message.Cuts;
import io.consoul.message.Heard;
import io.consoul.message.IdempotencyKey;
import io.consoul.message.Listener;
import io.consoul.message.Replayed;
import io.consoul.message.TurnFailed;
import io.consoul.message.TurnId;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.LongStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random turns of several instances that share a store: repeats, late words of holders that were passed over, cancels, lapses
 * and expiries, each step compared with what a simple model of one conversation says. A failure tells its seed;
 * {@code -Dconsoul.seed=…} runs that one again.
 */
abstract class TurnModelContract {

  private static final int RUNS = 3;
  private static final int STEPS = 500;
  private static final String INTERRUPTED = " (interrupted)";
  private static final String CANCELLED = " (cancelled)";

  /** A lease that was given to somebody, who may go on believing in it for ever. */
  private static final class Holder {
    final BeginTurn turn;
    final SessionStore.Lease lease;
    final String inbox;
    String said;
    Cuts cuts = Cuts.NONE;
    Instant sealed;
    String answer;

    Holder(BeginTurn turn, SessionStore.Lease lease, String inbox, String said) {
      this.turn = turn;
      this.lease = lease;
      this.inbox = inbox;
      this.said = said;
    }
  }

  /** A turn that is in the history: whose it was at its end, and how it ended. */
  private record Stored(Holder holder, String answer, String ending) {

    void check(Replayed replayed) {
      assertThat(replayed.turn()).isEqualTo(holder.turn.turn());
      assertThat(answer).startsWith(replayed.text());
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
    final List<String> history = new ArrayList<>();

    /** Instances that were told to wait and have not begun since. */
    final Set<StoreFixture> waiting = new HashSet<>();

    /** Turns that ran when their session was deleted. */
    final Set<TurnId> buried = new HashSet<>();

    Holder holder;

    /** Whose turn was the last one that was aborted: it may be told so again. */
    Holder aborted;

    boolean lapsed;
    boolean created;

    boolean exists() {
      return holder != null || created || !history.isEmpty();
    }

    /** Whoever looks settles the turn whose provider is gone. */
    void settle() {
      if (holder != null && lapsed) {
        end(INTERRUPTED);
      }
    }

    void end(String ending) {
      if (holder.said.isEmpty()) {
        drop();
      } else {
        append(holder.said, ending);
      }
    }

    void drop() {
      keys.remove(holder.turn.key());
      holder = null;
    }

    void append(String answer, String ending) {
      history.add("user " + holder.turn.text());
      history.add("assistant " + answer + ending);
      stored.put(holder.turn.turn(), new Stored(holder, answer, ending));
      holder = null;
    }

    void clear() {
      history.clear();
      stored.clear();
      keys.clear();
      holder = null;
      aborted = null;
      created = false;
    }
  }

  private Random random;
  private List<StoreFixture> instances;
  private final Map<String, Conversation> conversations = new HashMap<>();
  private final List<BeginTurn> turns = new ArrayList<>();
  private final List<Holder> holders = new ArrayList<>();
  private int counter;

  static LongStream seeds() {
    Long given = Long.getLong("consoul.seed");
    return given == null ? new Random().longs(RUNS) : LongStream.of(given);
  }

  /** Opens the instances; their leases must be longer than the test. */
  abstract List<StoreFixture> openAll(JsonObject config);

  /** The lease of the turn in progress is over, if there is one. */
  abstract void lapse(String session);

  /** The session's time to live is over; it has no turn in progress. */
  abstract void expire(String session);

  /** Nobody waits for the session any more. */
  abstract void forgetWaiting(String session);

  /** What an instance has at hand of the session, or null. */
  abstract MemorySession copy(StoreFixture instance, String session);

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  @DisplayName(
      "the history is the acknowledged turns in order, and those cut off that had said something")
  void historyIsWhatWasAcknowledged(long seed) {
    random = new Random(seed);
    instances = openAll(new JsonObject().put("leaseSeconds", 60).put("ttlSeconds", 1_000));
    try {
      for (int step = 0; step < STEPS; step++) {
        step();
        conversations.forEach(this::check);
      }
    } catch (AssertionError | RuntimeException failure) {
      throw new AssertionError("seed " + seed, failure);
    } finally {
      instances.forEach(StoreFixture::close);
    }
  }

  private void step() {
    switch (random.nextInt(19)) {
      case 0, 1, 2, 3, 4 -> begin();
      case 5, 6 -> progress();
      case 7, 8 -> seal();
      case 9 -> abort();
      case 10 -> reassign();
      case 11 -> cancel();
      case 12 -> find();
      case 13 -> beside();
      case 14 -> lapseOne();
      case 15 -> createOrDelete();
      case 16, 17 -> takeOver();
      default -> expireOne();
    }
  }

  /** A new turn, or one that has begun before, of which the first reply may have been lost. */
  private void begin() {
    StoreFixture instance = any(instances);
    boolean repeat = !turns.isEmpty() && random.nextInt(3) == 0;
    BeginTurn turn = repeat ? any(turns) : newTurn();
    turns.add(turn);
    Conversation conversation = conversation(turn);
    if (conversation.buried.contains(turn.turn())) {
      assertThat(refusal(() -> instance.begin(turn))).isEqualTo(Fault.SESSION_NOT_FOUND);
      return;
    }
    conversation.settle();
    Holder holder = conversation.holder;
    BeginTurn first = turn;
    if (!conversation.stored.containsKey(turn.turn())
        && (holder == null || !holder.turn.turn().equals(turn.turn()))) {
      first = conversation.keys.getOrDefault(turn.key(), turn);
      if (!first.text().equals(turn.text())) {
        assertThat(refusal(() -> instance.begin(turn))).isEqualTo(Fault.FIELD_VALIDATION_FAILED);
        return;
      }
    }

    SessionStore.Begun begun = instance.begin(turn);

    if (conversation.stored.containsKey(first.turn())) {
      conversation.stored.get(first.turn()).check(((SessionStore.Known.Ended) begun).replayed());
    } else if (holder != null && holder.turn.turn().equals(first.turn())) {
      assertThat(begun).isEqualTo(known(holder));
    } else if (holder != null) {
      assertThat(begun).isInstanceOf(SessionStore.Begun.Busy.class);
      conversation.waiting.add(instance);
    } else {
      if (begun instanceof SessionStore.Begun.Busy) {
        assertThat(conversation.waiting).anyMatch(other -> other != instance);
        forgetWaiting(turn.session().value());
        conversation.waiting.clear();
        begun = instance.begin(turn);
      }
      granted(conversation, instance, turn, (SessionStore.Begun.Granted) begun);
    }
  }

  /** Some have a key, most of these ask what was asked under it before. */
  private BeginTurn newTurn() {
    String session = "s" + random.nextInt(3);
    StoreFixture any = instances.get(0);
    if (random.nextBoolean()) {
      return any.turn(session, "question " + counter++);
    }
    String key = "key " + random.nextInt(4);
    String text = "question of " + key + (random.nextInt(4) == 0 ? ", another" : "");
    return any.turn(session, text).under(new IdempotencyKey(key));
  }

  private void granted(
      Conversation conversation,
      StoreFixture instance,
      BeginTurn turn,
      SessionStore.Begun.Granted granted) {
    assertThat(lines(granted.history())).containsExactlyElementsOf(sent(conversation, turn));
    conversation.waiting.remove(instance);
    hold(conversation, turn, granted.lease(), "provider", "", Cuts.NONE);
    if (turn.key() != null) {
      conversation.keys.put(turn.key(), turn);
    }
  }

  private void progress() {
    withHolder((holder, conversation) -> {
      // It sends again what was not confirmed, so pieces may overlap.
      int offset = random.nextInt(holder.said.length() + 1);
      String text = holder.said.substring(offset) + (random.nextBoolean() ? "w" + counter++ : "");
      StoreFixture instance = any(instances);
      if (conversation.holder != holder) {
        refused(() -> instance.progress(holder.turn, holder.lease, offset, text));
        return;
      }
      instance.progress(holder.turn, holder.lease, offset, text);
      holder.said = holder.said.substring(0, offset) + text;
      conversation.lapsed = false;
    });
  }

  private void seal() {
    withHolder((holder, conversation) -> {
      StoreFixture instance = any(instances);
      Stored stored = conversation.stored.get(holder.turn.turn());
      if (conversation.holder == holder) {
        holder.answer = holder.said + "end " + counter++;
        instance.pass(Duration.ofMillis(1));
        holder.sealed = instance.seal(holder.turn, holder.lease, holder.answer);
        conversation.append(holder.answer, "");
      } else if (holder.sealed != null && stored != null && stored.holder() == holder) {
        assertThat(instance.seal(holder.turn, holder.lease, holder.answer))
            .isEqualTo(holder.sealed);
      } else {
        refused(() -> instance.seal(holder.turn, holder.lease, "of one passed over"));
      }
    });
  }

  private void abort() {
    withHolder((holder, conversation) -> {
      StoreFixture instance = any(instances);
      if (conversation.holder == holder) {
        instance.abort(holder.turn, holder.lease);
        conversation.drop();
        conversation.aborted = conversation.exists() ? holder : null;
      } else if (conversation.aborted == holder) {
        instance.abort(holder.turn, holder.lease);
      } else {
        refused(() -> instance.abort(holder.turn, holder.lease));
      }
    });
  }

  /** Another one gets the turn, and the first does not know. */
  private void reassign() {
    withHolder((holder, conversation) -> {
      StoreFixture instance = any(instances);
      String inbox = "other " + counter++;
      if (conversation.holder == holder) {
        SessionStore.Lease lease =
            StoreFixture.get(instance.store.reassign(holder.turn, holder.lease, inbox));
        hold(conversation, holder.turn, lease, inbox, "", holder.cuts.and(0));
      } else {
        refused(() -> StoreFixture.get(instance.store.reassign(holder.turn, holder.lease, inbox)));
      }
    });
  }

  /** Its holder gives it away, or somebody believes that it is gone. */
  private void takeOver() {
    withHolder((holder, conversation) -> {
      StoreFixture instance = any(instances);
      boolean given = random.nextBoolean();
      boolean fits = random.nextBoolean();
      int offset = random.nextInt(holder.said.length() + 1);
      String heard = holder.said + "h" + counter++;
      long fence = holder.lease.fence();
      Takeovers.TakeOver order = new Takeovers.TakeOver(
          TurnKey.of(holder.turn),
          fence,
          given ? holder.lease.token() : null,
          Duration.ofSeconds(50),
          new Heard(fits ? fence : fence + 1, offset, heard.substring(offset)),
          "taker " + counter++);
      Stored stored = conversation.stored.get(holder.turn.turn());
      Holder current = conversation.holder;
      if (stored != null) {
        assertThat(StoreFixture.get(instance.store.takeOver(order)))
            .isInstanceOf(SessionStore.Known.Ended.class);
      } else if (current == null || !current.turn.turn().equals(holder.turn.turn())) {
        assertThat(refusal(() -> StoreFixture.get(instance.store.takeOver(order))))
            .isEqualTo(Fault.SESSION_NOT_FOUND);
      } else if (current != holder || !given && !conversation.lapsed) {
        assertThat(StoreFixture.get(instance.store.takeOver(order))).isEqualTo(known(current));
      } else {
        var won = (Takeovers.Takeover.Won) StoreFixture.get(instance.store.takeOver(order));
        assertThat(won.said()).isEqualTo(fits ? heard : holder.said);
        assertThat(won.cuts()).isEqualTo(holder.cuts.and(won.said().length()));
        assertThat(lines(won.granted().history()))
            .containsExactlyElementsOf(sent(conversation, holder.turn));
        hold(
            conversation,
            holder.turn,
            won.granted().lease(),
            order.providerInbox(),
            won.said(),
            won.cuts());
      }
    });
  }

  /** Of a turn that may have ended long ago: then no other one must be hit. */
  private void cancel() {
    withHolder((holder, conversation) -> {
      boolean runs =
          conversation.holder != null && conversation.holder.turn.turn().equals(holder.turn.turn());

      assertThat(StoreFixture.get(any(instances).store.cancel(TurnKey.of(holder.turn))))
          .isEqualTo(runs);

      if (runs) {
        conversation.end(CANCELLED);
      }
    });
  }

  private void find() {
    withHolder((holder, conversation) -> {
      StoreFixture instance = any(instances);
      Stored stored = conversation.stored.get(holder.turn.turn());
      if (stored != null) {
        int after = random.nextInt(stored.answer().length() + 1);
        int seen = random.nextInt(stored.holder().cuts.count() + 1);
        AttachTurn attach = new AttachTurn(
            holder.turn.turn(),
            holder.turn.tenant(),
            after,
            seen,
            null,
            new Listener("listener", 3));
        Replayed piece =
            ((SessionStore.Known.Ended) StoreFixture.get(instance.store.find(attach))).replayed();
        int kept = stored.holder().cuts.kept(after, seen);
        assertThat(stored.answer().substring(kept)).startsWith(piece.text());
        assertThat(piece.cuts()).isEqualTo(stored.holder().cuts.count());
        assertThat(piece.isLast()).isEqualTo(stored.answer().length() <= kept + 3);
      } else if (conversation.holder != null
          && conversation.holder.turn.turn().equals(holder.turn.turn())) {
        assertThat(instance.find(holder.turn, 0, 3)).isEqualTo(known(conversation.holder));
      } else {
        assertThat(refusal(() -> instance.find(holder.turn, 0, 3)))
            .isEqualTo(Fault.SESSION_NOT_FOUND);
      }
    });
  }

  private void beside() {
    BeginTurn turn = instances.get(0).turn("s" + random.nextInt(3), "aside").setAside();
    Conversation conversation = conversation(turn);
    conversation.settle();
    assertThat(lines(StoreFixture.get(any(instances).store.snapshot(turn, 1)).history()))
        .containsExactlyElementsOf(sent(conversation, turn));
  }

  private void lapseOne() {
    conversations.forEach((session, conversation) -> {
      if (conversation.holder != null && random.nextBoolean()) {
        lapse(session);
        conversation.lapsed = true;
      }
    });
  }

  private void expireOne() {
    conversations.forEach((session, conversation) -> {
      if (conversation.holder == null && random.nextInt(4) == 0) {
        expire(session);
        conversation.clear();
      }
    });
  }

  private void createOrDelete() {
    StoreFixture instance = any(instances);
    BeginTurn any = instance.turn("s" + random.nextInt(3), "x");
    String session = any.session().value();
    Conversation conversation = conversation(any);
    conversation.settle();
    if (random.nextBoolean()) {
      if (conversation.exists()) {
        assertThat(refusal(() -> instance.create(session))).isEqualTo(Fault.SESSION_EXISTS);
      } else {
        instance.create(session);
        conversation.created = true;
      }
    } else if (conversation.exists()) {
      Holder holder = conversation.holder;
      assertThat(instance.delete(session).isPresent()).isEqualTo(holder != null);
      if (holder != null) {
        conversation.buried.add(holder.turn.turn());
      }
      conversation.clear();
    } else {
      assertThat(refusal(() -> instance.delete(session))).isEqualTo(Fault.SESSION_NOT_FOUND);
    }
  }

  private void check(String session, Conversation conversation) {
    StoreFixture instance = any(instances);
    assertThat(instance.history(session)).isEqualTo(conversation.history);
    assertThat(instance.exists(session)).isEqualTo(conversation.exists());
    MemorySession copy = copy(instance, session);
    Holder holder = conversation.holder;
    if (copy != null
        && holder != null
        && copy.pending() != null
        && copy.pending().isHeldBy(holder.lease.token())) {
      assertThat(copy.transcript().messages()).isEqualTo(instance.messages(session));
    }
  }

  private void hold(
      Conversation conversation,
      BeginTurn turn,
      SessionStore.Lease lease,
      String inbox,
      String said,
      Cuts cuts) {
    assertThat(lease.fence())
        .isGreaterThan(conversation.stored.values().stream()
            .mapToLong(stored -> stored.holder().lease.fence())
            .max()
            .orElse(0));
    conversation.holder = new Holder(turn, lease, inbox, said);
    conversation.holder.cuts = cuts;
    conversation.lapsed = false;
    holders.add(conversation.holder);
  }

  private static SessionStore.Known known(Holder holder) {
    return new SessionStore.Known.Pending(
        holder.turn.turn(), holder.lease.fence(), holder.inbox, holder.turn.listener());
  }

  private static List<String> lines(List<ChatMessage> messages) {
    return messages.stream()
        .map(message -> message.role().wireName() + " " + message.content())
        .toList();
  }

  private static List<String> sent(Conversation conversation, BeginTurn turn) {
    List<String> sent = new ArrayList<>(conversation.history);
    sent.replaceAll(line -> line.replace(INTERRUPTED, "").replace(CANCELLED, ""));
    sent.add("user " + turn.text());
    return sent;
  }

  /** One of the latest, so that many of them still hold what they believe to hold. */
  private void withHolder(BiConsumer<Holder, Conversation> action) {
    if (!holders.isEmpty()) {
      Holder holder = any(holders.subList(Math.max(0, holders.size() - 6), holders.size()));
      action.accept(holder, conversation(holder.turn));
    }
  }

  private static void refused(ThrowingCallable call) {
    assertThat(refusal(call)).isIn(Fault.SESSION_LOCKED, Fault.SESSION_NOT_FOUND);
  }

  private static Fault refusal(ThrowingCallable call) {
    FaultException refusal = catchThrowableOfType(FaultException.class, call);
    assertThat(refusal).isNotNull();
    return refusal.fault();
  }

  private Conversation conversation(BeginTurn turn) {
    return conversations.computeIfAbsent(turn.turn().session().value(), key -> new Conversation());
  }

  private <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
