package io.consoul.session;

import static io.consoul.session.SessionNode.assertFault;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.fault.Fault;
import io.consoul.message.Accepted;
import io.consoul.message.AnswerTurn;
import io.consoul.message.Answering;
import io.consoul.message.BeginTurn;
import io.consoul.message.BusMessage;
import io.consoul.message.Completed;
import io.consoul.message.Delta;
import io.consoul.message.FollowTurn;
import io.consoul.message.Following;
import io.consoul.message.IdempotencyKey;
import io.consoul.message.Queued;
import io.consoul.message.Replayed;
import io.consoul.message.StopAnswer;
import io.consoul.message.TurnFailed;
import io.consoul.testkit.ListeningInbox;
import io.consoul.testkit.ManualClock;
import io.consoul.testkit.ScriptedProvider;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayName("A turn under an idempotency key")
class KeyedTurnTest {

  /** Stands still, for a turn that nobody has heard of for long, and that its provider denies, is given to another. */
  private final ManualClock clock = new ManualClock();

  private SessionNode session;
  private ScriptedProvider provider;
  private ListeningInbox repeater;

  @BeforeEach
  void start(Vertx vertx) throws Exception {
    session = SessionNode.start(vertx, new JsonObject().put("queuedIntervalMillis", 100), clock);
    provider = session.provider().onFollow(KeyedTurnTest::following);
    repeater = ListeningInbox.open(session.node.bus()).await(20, SECONDS);
  }

  @Test
  @DisplayName("is followed by its repeat while it runs, past a turn that waits in between")
  void repeatWhileRunning() throws Exception {
    BeginTurn first = keyed("one");
    session.accepted(first);
    BeginTurn between = session.turn("s", "two");
    assertThat(session.get(between)).isInstanceOf(Queued.class);

    Accepted accepted = taken(repeat("one"));

    assertThat(accepted.turn()).isEqualTo(first.turn());
    assertThat(accepted.providerInbox()).isEqualTo(provider.inbox());
    FollowTurn follow = provider.received().await(FollowTurn.class);
    assertThat(follow.after()).isZero();
    assertThat(follow.listener().inbox()).isEqualTo(repeater.address());
    assertThat(provider.received().all(AnswerTurn.class)).hasSize(1);
  }

  @Test
  @DisplayName("is replayed to its repeat when it is stored, though another turn runs by now")
  void repeatWhenStored() throws Exception {
    BeginTurn first = keyed("one");
    session.accepted(first);
    seal(0, "eins");
    session.get(session.turn("s", "two"));

    Replayed replayed = (Replayed) session.get(repeat("one"));

    assertThat(replayed.turn()).isEqualTo(first.turn());
    assertThat(replayed.text()).isEqualTo("eins");
    assertThat(provider.received().all(AnswerTurn.class)).hasSize(2);
  }

  @Test
  @DisplayName("is what a cancel means that names its repeat, also when that has found it")
  void cancelledAsRepeat() throws Exception {
    BeginTurn first = keyed("one");
    session.accepted(first);
    BeginTurn repeat = repeat("one");
    taken(repeat);

    assertThat(session.cancel("s", repeat.turn()).await(20, SECONDS)).isEqualTo(first.turn());
    assertThat(provider.received().await(StopAnswer.class).turn()).isEqualTo(first.turn());
  }

  @Test
  @DisplayName("is not run by a waiting repeat that was cancelled together with it")
  void cancelledAsWaitingRepeat() throws Exception {
    provider.onFollow(follow -> Future.failedFuture(Fault.SESSION_NOT_FOUND.because()));
    BeginTurn first = keyed("one");
    session.accepted(first);
    BeginTurn repeat = repeat("one");
    assertThat(session.get(repeat)).isInstanceOf(Queued.class);

    assertThat(session.cancel("s", repeat.turn()).await(20, SECONDS)).isEqualTo(first.turn());
    assertThat(repeater.received().await(TurnFailed.class).failure().fault())
        .isEqualTo(Fault.LLM_CANCELLED);
    provider.abort(provider.received().await(AnswerTurn.class)).await(20, SECONDS);
    assertFault(Fault.SESSION_NOT_FOUND, () -> session.read("s"));
    assertThat(provider.received().all(AnswerTurn.class)).hasSize(1);
  }

  @Test
  @DisplayName("is found by its repeat although the session's queue is full")
  void repeatWithFullQueue() throws Exception {
    BeginTurn first = keyed("one");
    session.accepted(first);
    for (int i = 0; i < 100; i++) {
      session.ask(session.turn("s", "other"));
    }
    assertFault(Fault.SERVER_BUSY, session.ask(session.turn("s", "one too many")));
    assertFault(
        Fault.SERVER_BUSY,
        session.ask(session.turn("s", "another").under(new IdempotencyKey("another key"))));

    assertThat(taken(repeat("one")).turn()).isEqualTo(first.turn());
  }

  @Test
  @DisplayName("refuses another message with its key at once, whoever waits")
  void otherMessage() throws Exception {
    session.get(keyed("one"));
    session.ask(session.turn("s", "two"));

    assertFault(Fault.FIELD_VALIDATION_FAILED, session.ask(repeat("another")));
  }

  @Test
  @DisplayName("takes its waiting repeats along when it begins, and fails those that ask otherwise")
  void repeatsThatWait() throws Exception {
    session.accepted(session.turn("s", "before"));
    BeginTurn first = keyed("one");
    session.get(first);
    BeginTurn between = session.turn("s", "between");
    session.get(between);
    assertThat(session.get(repeat("one"))).isInstanceOf(Queued.class);
    assertThat(session.get(repeat("another"))).isInstanceOf(Queued.class);

    seal(0, "eins");

    assertThat(repeater.received().await(Accepted.class).turn()).isEqualTo(first.turn());
    TurnFailed failed = repeater.received().await(TurnFailed.class);
    assertThat(failed.failure().fault()).isEqualTo(Fault.FIELD_VALIDATION_FAILED);
    assertThat(provider.received().await(FollowTurn.class).turn()).isEqualTo(first.turn());
    assertThat(provider.received().all(AnswerTurn.class)).hasSize(2);
  }

  @Test
  @DisplayName(
      "fails those that ask otherwise before a provider has it, and takes the others along then")
  void repeatsDuringHandover() throws Exception {
    session.accepted(session.turn("s", "before"));
    BeginTurn first = keyed("one");
    session.get(first);
    session.get(repeat("one"));
    session.get(repeat("another"));
    Promise<Answering> taking = Promise.promise();
    provider.onAnswer(order -> taking.future());
    seal(0, "eins");

    repeater.received().await(TurnFailed.class);
    assertThat(repeater.received().all(Accepted.class)).isEmpty();
    assertThat(provider.received().all(FollowTurn.class)).isEmpty();
    AnswerTurn order = provider.received().await(AnswerTurn.class, 2).get(1);
    taking.complete(new Answering(order.turn(), order.fence(), "model", provider.inbox()));

    assertThat(repeater.received().await(Accepted.class).turn()).isEqualTo(first.turn());
  }

  @Test
  @DisplayName("lets the first of its waiting repeats run when it is aborted, and that one alone")
  void aborted() throws Exception {
    BeginTurn first = keyed("one");
    provider.onFollow(follow -> follow.turn().equals(first.turn())
        ? Future.failedFuture(Fault.SESSION_NOT_FOUND.because())
        : following(follow));
    session.accepted(first);
    BeginTurn second = repeat("one");
    assertThat(session.get(second)).isInstanceOf(Queued.class);
    BeginTurn third = repeat("one");
    assertThat(session.get(third)).isInstanceOf(Queued.class);

    provider.abort(provider.received().await(AnswerTurn.class)).await(20, SECONDS);

    AnswerTurn order = provider.received().await(AnswerTurn.class, 2).get(1);
    assertThat(order.turn()).isEqualTo(second.turn());
    assertThat(order.history()).hasSize(1);
    assertThat(repeater.received().await(Accepted.class, 2))
        .allSatisfy(accepted -> assertThat(accepted.turn()).isEqualTo(second.turn()));
    assertThat(provider.received().all(AnswerTurn.class)).hasSize(2);
  }

  @Test
  @DisplayName(
      "streams its beginning and its end to a repeat that was told to wait when it is stored")
  void storedWhileTheRepeatWaits() throws Exception {
    provider.onFollow(follow -> Future.failedFuture(Fault.SESSION_NOT_FOUND.because()));
    BeginTurn first = keyed("one");
    session.accepted(first);
    BeginTurn repeat = repeat("one");
    Future<BusMessage> begun = session.ask(
        new BeginTurn(repeat.turn(), repeat.tenant(), repeat.text(), null, repeater.listener(3))
            .under(repeat.key()));
    assertThat(begun.await(20, SECONDS)).isInstanceOf(Queued.class);

    seal(0, "eins");

    Completed end = repeater.received().await(Completed.class);
    assertThat(end.turn()).isEqualTo(first.turn());
    assertThat(end.length()).isEqualTo(4);
    assertThat(repeater.received().await(Accepted.class).turn()).isEqualTo(first.turn());
    assertThat(repeater.received().await(Delta.class))
        .isEqualTo(new Delta(first.turn(), end.fence(), 0, "ein"));
  }

  @Test
  @DisplayName("makes its repeat wait no longer than the lock time-out for a provider that is gone")
  void providerGone() throws Exception {
    Vertx another = Vertx.vertx();
    try {
      SessionNode impatient =
          SessionNode.start(another, new JsonObject().put("lockTimeoutSeconds", 0.3), clock);
      impatient.provider();
      IdempotencyKey key = new IdempotencyKey("key");
      impatient.get(impatient.turn("s", "one").under(key));

      assertFault(Fault.SESSION_LOCKED, impatient.ask(impatient.turn("s", "one").under(key)));
    } finally {
      another.close().await(20, SECONDS);
    }
  }

  private void seal(int order, String answer) throws Exception {
    provider
        .seal(provider.received().await(AnswerTurn.class, order + 1).get(order), answer)
        .await(20, SECONDS);
  }

  /** Whose turn the repeat gets: that is the reply, or is told later where it took longer than a reply may. */
  private Accepted taken(BeginTurn repeat) throws Exception {
    return session.get(repeat) instanceof Accepted accepted
        ? accepted
        : repeater.received().await(Accepted.class);
  }

  private BeginTurn keyed(String text) {
    return session.turn("s", text).under(new IdempotencyKey("key"));
  }

  /** Another turn under the same key, for another listener. */
  private BeginTurn repeat(String text) {
    BeginTurn turn = keyed(text);
    return new BeginTurn(turn.turn(), turn.tenant(), text, null, repeater.listener())
        .under(turn.key());
  }

  private static Future<Following> following(FollowTurn follow) {
    return Future.succeededFuture(new Following(follow.turn(), 1));
  }
}
