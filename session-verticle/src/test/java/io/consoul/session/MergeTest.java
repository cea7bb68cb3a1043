package io.consoul.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.consoul.fault.Fault;
import io.consoul.message.AbortTurn;
import io.consoul.message.ChatMessage;
import io.consoul.message.Cuts;
import io.consoul.message.DeleteSession;
import io.consoul.message.FinishReason;
import io.consoul.message.SessionId;
import io.consoul.message.Settings;
import io.consoul.message.Tenant;
import io.consoul.message.TurnId;
import io.consoul.message.Usage;
import io.consoul.redis.RedisHealth;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("A session that goes back to Redis")
class MergeTest {

  private static final Instant NOW = Instant.now();
  private static final String SESSION = "default:s";

  @TempDir
  Path folder;

  private final Random random = new Random(1);
  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();
  private final RecentTurns recent = new RecentTurns(InstantSource.system());
  private final SessionsAtHand atHand = new SessionsAtHand(100);

  /** What Redis says to the turns that it is offered. */
  private final Queue<Supplier<Future<MergeTarget.Outcome>>> replies = new ArrayDeque<>();

  private final MemoryShelter shelter = new MemoryShelter(
      SessionConfig.from(new JsonObject()), InstantSource.system(), random, change -> {});
  private final List<String> offered = new ArrayList<>();
  private int deletes;
  private OutageJournal journal;
  private MemorySession session;
  private Reoffer reoffer;
  private Merge merge;

  @BeforeEach
  void shelterOneTurn() {
    journal = journal();
    StoreFixture.get(journal.open());
    MergeTarget redis = new MergeTarget() {
      @Override
      public Future<Outcome> offer(AcknowledgedTurn turn, Terms terms) {
        offered.add(turn.user().message().content());
        return replies.remove().get();
      }

      @Override
      public Future<Outcome> make(MemorySession.Origin origin, Instant created, Terms terms) {
        return Future.succeededFuture(Outcome.MADE);
      }

      @Override
      public Future<Void> abort(AbortTurn turn) {
        return Future.succeededFuture();
      }

      @Override
      public Future<Void> delete(String sessionKey) {
        deletes++;
        return Future.succeededFuture();
      }
    };
    reoffer = new Reoffer(vertx, redis, recent, atHand, 1);
    ShelterNotes notes = new ShelterNotes(shelter, Optional.of(journal));
    merge = new Merge(vertx, shelter, redis, notes, recent, reoffer, atHand, 1);
    session = new MemorySession(turn("one", 1).origin(), NOW);
    session.add(turn("one", 1));
    StoreFixture.get(shelter.adopt(session));
    StoreFixture.get(notes.note(SESSION));
  }

  @AfterEach
  void close() {
    StoreFixture.get(journal.close());
    StoreFixture.get(vertx.close());
  }

  @Test
  @DisplayName("leaves shelter and journal")
  void merged() {
    replies.add(() -> Future.succeededFuture(MergeTarget.Outcome.APPENDED));

    assertThat(move()).isTrue();

    assertThat(StoreFixture.get(shelter.guests())).isEmpty();
    assertThat(folder.resolve("outage.journal")).isEmptyFile();
  }

  @Test
  @DisplayName("stays in the journal when Redis is replaced before it has all of it")
  void replacedMeanwhile() {
    replies.add(() -> {
      reoffer.prepare(new RedisHealth.Came(false, false));
      return Future.succeededFuture(MergeTarget.Outcome.APPENDED);
    });
    replies.add(() -> Future.failedFuture(Fault.SESSION_STORAGE_UNAVAILABLE.because()));

    assertThatThrownBy(this::move).isNotNull();

    StoreFixture.get(journal.close()); // and kill -9
    journal = journal();
    assertThat(StoreFixture.get(journal.open())).containsOnlyKeys(SESSION);
  }

  @Test
  @DisplayName("is offered from its first turn on again when Redis loses that on the way")
  void lostMeanwhile() {
    session.add(turn("two", 2));
    List.of(
            MergeTarget.Outcome.APPENDED,
            MergeTarget.Outcome.MISSING,
            MergeTarget.Outcome.APPENDED,
            MergeTarget.Outcome.APPENDED)
        .forEach(outcome -> replies.add(() -> Future.succeededFuture(outcome)));

    assertThat(move()).isTrue();

    assertThat(offered).containsExactly("one", "two", "one", "two");
    assertThat(recent.size()).isEqualTo(2);
  }

  @Test
  @DisplayName("does not leave the shelter when Redis loses it on the way again and again")
  void lostAgain() {
    session.add(turn("two", 2));
    List.of(
            MergeTarget.Outcome.APPENDED,
            MergeTarget.Outcome.MISSING,
            MergeTarget.Outcome.APPENDED,
            MergeTarget.Outcome.MISSING)
        .forEach(outcome -> replies.add(() -> Future.succeededFuture(outcome)));
    replies.add(() -> Future.failedFuture(Fault.SESSION_STORAGE_UNAVAILABLE.because()));

    assertThatThrownBy(this::move).isNotNull();

    assertThat(StoreFixture.get(shelter.guests())).containsExactly(SESSION);
    assertThat(folder.resolve("outage.journal")).isNotEmptyFile();
  }

  @Test
  @DisplayName("is deleted in Redis, too, when it is deleted on its way, and never offered again")
  void deletedMeanwhile() {
    replies.add(() -> {
      shelter.catalog().delete(new DeleteSession(new SessionId("s"), Tenant.DEFAULT));
      shelter.delete(SESSION);
      reoffer.forget(SESSION);
      return Future.succeededFuture(MergeTarget.Outcome.APPENDED);
    });

    assertThat(move()).isTrue();

    assertThat(deletes).isOne();
    assertThat(recent.size()).isZero();
  }

  private boolean move() {
    return StoreFixture.get(OutageFixture.on(context, () -> merge.session(SESSION, false)));
  }

  private OutageJournal journal() {
    return new OutageJournal(
        vertx, new JournalFile(folder.resolve("outage.journal")), OutageJournal.MAX_BYTES);
  }

  private AcknowledgedTurn turn(String text, int fence) {
    SessionId session = new SessionId("s");
    TurnId id = TurnId.mint(session, random);
    return new AcknowledgedTurn(
        new MemorySession.Origin(
            Tenant.DEFAULT, session, null, "model", Settings.NONE, 0, Map.of()),
        NOW,
        false,
        new StoredMessage(ChatMessage.user(text), id, NOW, 1, null, null, null),
        new StoredMessage(
            ChatMessage.assistant("answer"),
            id,
            NOW,
            1,
            "model",
            new Usage(1, 1, 0.5, false),
            FinishReason.STOP),
        new SealedTurn(2 * fence - 1, fence, 6, "provider", 1, Cuts.NONE, NOW, 5, null, "token"),
        null);
  }
}
