package io.consoul.session;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.AbortTurn;
import io.consoul.message.ChatMessage;
import io.consoul.message.Cuts;
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
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("What Redis may have lost")
class ReofferTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private final Random random = new Random(1);
  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();
  private final RecentTurns recent = new RecentTurns(InstantSource.system());
  private final SessionsAtHand atHand = new SessionsAtHand(100);
  private final List<String> offered = new ArrayList<>();

  @AfterEach
  void close() {
    StoreFixture.get(vertx.close());
  }

  @Test
  @DisplayName("is offered also when that of another session cannot be")
  void oneFails() {
    Reoffer reoffer = reoffer(
        1,
        (turn, terms) -> turn.sessionKey().equals("default:bad")
            ? Future.failedFuture(new IllegalStateException())
            : taken(turn));
    recent.add(turn("bad", "one", 1));
    recent.add(turn("good", "two", 1));
    reoffer.prepare(new RedisHealth.Came(false, true));

    StoreFixture.get(OutageFixture.on(context, reoffer::all));

    assertThat(offered).containsExactly("two");
    assertThat(reoffer.isDone()).isFalse();
  }

  @Test
  @DisplayName("is still offered when Redis loses something again before it was")
  void lostTwice() {
    MemorySession session = new MemorySession(
        new MemorySession.Origin(
            Tenant.DEFAULT, new SessionId("s"), null, "model", Settings.NONE, 0, Map.of()),
        NOW);
    session.add(turn("s", "one", 1));
    AcknowledgedTurn second = turn("s", "two", 3);
    session.add(second);
    atHand.keep(session, "token");
    recent.add(second);
    Reoffer reoffer = reoffer(1, (turn, terms) -> taken(turn));

    reoffer.prepare(new RedisHealth.Came(false, false));
    reoffer.prepare(new RedisHealth.Came(false, true));
    StoreFixture.get(OutageFixture.on(context, reoffer::all));

    assertThat(offered).containsExactly("one", "two");
  }

  @Test
  @DisplayName("is offered from the first turn on again when Redis loses that on the way")
  void lostMeanwhile() {
    AtomicInteger calls = new AtomicInteger();
    Reoffer reoffer = reoffer(
        1,
        (turn, terms) -> calls.incrementAndGet() == 2
            ? Future.succeededFuture(MergeTarget.Outcome.MISSING)
            : taken(turn));
    recent.add(turn("s", "two", 3));
    recent.add(turn("s", "one", 1));
    reoffer.prepare(new RedisHealth.Came(false, true));

    StoreFixture.get(OutageFixture.on(context, reoffer::all));

    assertThat(offered).containsExactly("one", "one", "two");
    assertThat(reoffer.isDone()).isTrue();
  }

  @Test
  @DisplayName("follows the turn before it, so that it never comes first where that is lost")
  void follows() {
    List<TurnId> before = new ArrayList<>();
    Reoffer reoffer = reoffer(1, (turn, terms) -> {
      before.add(terms.after());
      return taken(turn);
    });
    AcknowledgedTurn one = turn("s", "one", 1);
    recent.add(one);
    recent.add(turn("s", "two", 3));
    reoffer.prepare(new RedisHealth.Came(false, true));

    StoreFixture.get(OutageFixture.on(context, reoffer::all));

    assertThat(before).containsExactly(null, one.id());
  }

  @Test
  @DisplayName("comes at once when somebody waits for it, also when it is on its way already")
  void hurried() {
    Reoffer reoffer = reoffer(2_000, (turn, terms) -> taken(turn));
    for (int i = 0; i < 10; i++) {
      recent.add(turn("s", "turn " + i, 2 * i + 1));
    }
    reoffer.prepare(new RedisHealth.Came(false, true));
    OutageFixture.on(context, reoffer::all);

    StoreFixture.get(
        OutageFixture.on(context, () -> reoffer.ready("default:s")).timeout(10, SECONDS));

    assertThat(offered).hasSize(10);
  }

  private Future<MergeTarget.Outcome> taken(AcknowledgedTurn turn) {
    offered.add(turn.user().message().content());
    return vertx.timer(1).map(MergeTarget.Outcome.APPENDED);
  }

  private Reoffer reoffer(
      long pauseMillis,
      BiFunction<AcknowledgedTurn, MergeTarget.Terms, Future<MergeTarget.Outcome>> redis) {
    return new Reoffer(vertx, new Offers(redis), recent, atHand, pauseMillis);
  }

  private record Offers(
      BiFunction<AcknowledgedTurn, MergeTarget.Terms, Future<MergeTarget.Outcome>> redis)
      implements MergeTarget {

    @Override
    public Future<Outcome> offer(AcknowledgedTurn turn, Terms terms) {
      return redis.apply(turn, terms);
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
      return Future.succeededFuture();
    }
  }

  private AcknowledgedTurn turn(String session, String text, int answer) {
    TurnId id = TurnId.mint(new SessionId(session), random);
    return new AcknowledgedTurn(
        new MemorySession.Origin(
            Tenant.DEFAULT, new SessionId(session), null, "model", Settings.NONE, 0, Map.of()),
        NOW,
        false,
        new StoredMessage(ChatMessage.user(text), id, NOW, 1, null, null, null),
        new StoredMessage(
            ChatMessage.assistant(text),
            id,
            NOW,
            1,
            "model",
            new Usage(1, 1, 0.5, false),
            FinishReason.STOP),
        new SealedTurn(
            answer, answer, text.length(), "provider", 1, Cuts.NONE, NOW, 5, null, "token"),
        null);
  }
}
