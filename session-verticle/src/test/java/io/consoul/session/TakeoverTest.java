package io.consoul.session;

import static io.consoul.session.SessionNode.assertFault;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.Accepted;
import io.consoul.message.AnswerTurn;
import io.consoul.message.Answering;
import io.consoul.message.AttachTurn;
import io.consoul.message.BeginTurn;
import io.consoul.message.BusMessage;
import io.consoul.message.ChatMessage;
import io.consoul.message.Completed;
import io.consoul.message.Cuts;
import io.consoul.message.FinishReason;
import io.consoul.message.FollowTurn;
import io.consoul.message.Follower;
import io.consoul.message.Following;
import io.consoul.message.Heard;
import io.consoul.message.Kind;
import io.consoul.message.Listener;
import io.consoul.message.Queued;
import io.consoul.message.ReadSession;
import io.consoul.message.Replayed;
import io.consoul.message.Resumption;
import io.consoul.message.SessionId;
import io.consoul.message.StopAnswer;
import io.consoul.message.Sweep;
import io.consoul.message.Swept;
import io.consoul.message.Tenant;
import io.consoul.message.TurnFailed;
import io.consoul.message.TurnId;
import io.consoul.testkit.ManualClock;
import io.consoul.testkit.ScriptedProvider;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayName("A turn whose provider is lost")
class TakeoverTest {

  private static final Duration LONG_ENOUGH = Duration.ofSeconds(2);
  private static final Duration NOT_LONG = LONG_ENOUGH.minusMillis(1);
  private static final Duration LEASE = Duration.ofSeconds(5);

  private final ManualClock clock = new ManualClock();
  private final Listener back = new Listener("back again", 7, 100, false);
  private SessionNode session;
  private ScriptedProvider lost;
  private BeginTurn turn;
  private AnswerTurn order;

  /** "Good mor" is journalled. */
  @BeforeEach
  void begin(Vertx vertx) throws Exception {
    session = SessionNode.start(vertx, new JsonObject(), clock);
    lost = session.provider();
    turn = session.turn("s", "Hi");
    session.accepted(turn);
    order = lost.received().await(AnswerTurn.class);
    lost.progress(order, 0, "Good mor").await(20, SECONDS);
  }

  @Test
  @DisplayName("goes on at another one with what was journalled and what its listener heard")
  void goesOn() throws Exception {
    ScriptedProvider other = taker();
    lost.close().await(20, SECONDS);
    clock.advance(LONG_ENOUGH);

    Accepted accepted = (Accepted)
        settled(new AttachTurn(turn.turn(), turn.tenant(), 10, 0, heard(5, "morni"), back));

    AnswerTurn next = other.received().await(AnswerTurn.class);
    Cuts cuts = Cuts.NONE.and(10);
    assertThat(next.resumption())
        .isEqualTo(new Resumption("Good morni", cuts, 1, List.of(new Follower(back, 10, 0))));
    assertThat(next.history()).containsExactly(ChatMessage.user("Hi"));
    assertThat(next.deadline()).isAfter(order.deadline());
    assertThat(next.fence()).isGreaterThan(order.fence());
    assertThat(accepted).isEqualTo(new Accepted(turn.turn(), next.fence(), other.inbox(), cuts));
    assertFault(Fault.SESSION_LOCKED, lost.progress(order, 8, "ning, you"));
    other.seal(next, "Good morning").await(20, SECONDS);
    assertThat(((Replayed) session.attach(turn, 0).await(20, SECONDS)).text())
        .isEqualTo("Good morning");
    assertThat(session.load()).isZero();
  }

  @Test
  @DisplayName("lets the next turn of its session begin when its new provider has sealed it")
  void wakes() throws Exception {
    ScriptedProvider other = session.provider();
    lost.close().await(20, SECONDS);
    clock.advance(LONG_ENOUGH);
    Future<BusMessage> waiting = session.ask(session.turn("s", "next"));

    session.attach(turn, 8).await(20, SECONDS);
    other.seal(other.received().await(AnswerTurn.class), "Good morning").await(20, SECONDS);

    assertThat(waiting.await(20, SECONDS)).isInstanceOfAny(Queued.class, Accepted.class);
    assertThat(other.received().await(AnswerTurn.class, 2).get(1).history())
        .contains(ChatMessage.assistant("Good morning"));
  }

  @Test
  @DisplayName("is left with it while its lease is renewed as often as a healthy one does it")
  void partition() throws Exception {
    ScriptedProvider other = session.provider();
    lost.close().await(20, SECONDS);
    clock.advance(NOT_LONG);

    FaultException early = catchThrowableOfType(
        FaultException.class, () -> session.attach(turn, 8).await(20, SECONDS));

    assertThat(early.fault()).isEqualTo(Fault.LLM_UNAVAILABLE);
    assertThat(early.retryAfter()).isEqualTo(1);
    assertThat(other.received().all()).isEmpty();
    lost.progress(order, 8, "ning").await(20, SECONDS);
  }

  @Test
  @DisplayName("is taken as soon from one that says that it does not have it")
  void notRunningThere() throws Exception {
    ScriptedProvider other = taker();
    clock.advance(NOT_LONG);
    assertFault(Fault.LLM_UNAVAILABLE, session.attach(turn, 8));
    clock.advance(Duration.ofMillis(1));

    assertThat(settled(attach(8))).isInstanceOf(Accepted.class);
    assertThat(other.received().await(AnswerTurn.class).resumption().said()).isEqualTo("Good mor");
  }

  @Test
  @DisplayName("is taken from one that says nothing when its lease is over, not before")
  void silent() throws Exception {
    ScriptedProvider other = taker();
    lost.onFollow(follow -> ScriptedProvider.noAnswer());
    clock.advance(LEASE.minusMillis(1));
    assertFault(Fault.LLM_UNAVAILABLE, session.attach(turn, 8));
    clock.advance(Duration.ofMillis(1));

    assertThat(settled(attach(8))).isInstanceOf(Accepted.class);
    assertThat(other.received().await(AnswerTurn.class).resumption().said()).isEqualTo("Good mor");
  }

  @Test
  @DisplayName("is taken at once from one that is found to be gone while it is being asked")
  void goneWhileAsked() throws Exception {
    taker();
    lost.onFollow(follow -> {
      lost.close();
      return ScriptedProvider.noAnswer();
    });
    clock.advance(LONG_ENOUGH);
    assertThat(settled(new AttachTurn(turn.turn(), turn.tenant(), 0, 0, heard(8, ""), back)))
        .isInstanceOf(Accepted.class);
  }

  @Test
  @DisplayName("is settled by a sweep when its lease is over, not before")
  void swept() throws Exception {
    lost.close().await(20, SECONDS);
    clock.advance(LEASE.minusMillis(1));
    assertThat(sweep()).isEqualTo(new Swept(0, 0, false));
    clock.advance(Duration.ofMillis(1));

    assertThat(sweep()).isEqualTo(new Swept(0, 1, false));
    assertThat(((Replayed) session.attach(turn, 0).await(20, SECONDS)).text())
        .isEqualTo("Good mor");
  }

  @Test
  @DisplayName("is taken over once, however many attach; all find it then")
  void manyAttach() throws Exception {
    Promise<BusMessage> meanwhile = Promise.promise();
    ScriptedProvider other = session.provider();
    other
        .onAnswer(next -> session // at once: it is passed over after a moment
            .attach(turn, 0)
            .onComplete(meanwhile::handle)
            .compose(queued -> other.answering(next)))
        .onFollow(
            follow -> Future.succeededFuture(new Following(follow.turn(), 99, Cuts.NONE.and(8))));
    lost.close().await(20, SECONDS);
    clock.advance(LONG_ENOUGH);

    Future<BusMessage> first = session.attach(turn, 8);
    AnswerTurn next = other.received().await(AnswerTurn.class);
    assertThat(meanwhile.future().await(20, SECONDS)).isEqualTo(new Queued(turn.turn(), 0));

    Accepted accepted = new Accepted(turn.turn(), next.fence(), other.inbox(), Cuts.NONE.and(8));
    assertThat(first.await(20, SECONDS)).isIn(accepted, new Queued(turn.turn(), 0));
    BusMessage second = settled(new AttachTurn(turn.turn(), turn.tenant(), 3, 1, null, back));
    assertThat(second).isEqualTo(new Accepted(turn.turn(), 99, other.inbox(), Cuts.NONE.and(8)));
    assertThat(other.received().await(FollowTurn.class))
        .isEqualTo(new FollowTurn(turn.turn(), 3, 0, 1, back));
    assertThat(other.received().all(AnswerTurn.class)).hasSize(1);
  }

  @Test
  @DisplayName("goes past one that does not take it, which may have said something of it")
  void passedOver() throws Exception {
    ScriptedProvider one = session.provider();
    ScriptedProvider two = session.provider();
    one.onAnswer(
        next -> two.received().all().isEmpty() ? ScriptedProvider.noAnswer() : one.answering(next));
    two.onAnswer(
        next -> one.received().all().isEmpty() ? ScriptedProvider.noAnswer() : two.answering(next));
    lost.close().await(20, SECONDS);
    clock.advance(LONG_ENOUGH);

    Future<BusMessage> attached = session.attach(turn, 8);

    AnswerTurn first = one.received().await(AnswerTurn.class);
    AnswerTurn second = two.received().await(AnswerTurn.class);
    AnswerTurn passedOver = first.fence() < second.fence() ? first : second;
    AnswerTurn next = passedOver == first ? second : first;
    ScriptedProvider by = passedOver == first ? two : one;
    Cuts cuts = Cuts.NONE.and(8).and(8);
    assertThat(next.resumption().cuts()).isEqualTo(cuts);
    assertThat(attached.await(20, SECONDS)) // it comes about when an answer may take no longer
        .isIn(
            new Accepted(turn.turn(), next.fence(), by.inbox(), cuts), new Queued(turn.turn(), 0));
    assertFault(Fault.SESSION_LOCKED, one.seal(passedOver, "Good morrow"));
  }

  @Test
  @DisplayName(
      "waits for the only other one, which may be slow, much longer than it would for one of several")
  void slowToTake() throws Exception {
    session.undeploy().await(20, SECONDS);
    session.deploy(new JsonObject().put("leaseSeconds", 60)); // of which it is waited for 36 s
    BeginTurn slow = session.turn("t", "Hi");
    session.accepted(slow);
    Promise<Answering> taking = Promise.promise();
    ScriptedProvider other = session
        .provider()
        .onAnswer(next -> taking.future())
        .onFollow(
            follow -> Future.succeededFuture(new Following(follow.turn(), 99, Cuts.NONE.and(0))));
    lost.close().await(20, SECONDS);
    clock.advance(LONG_ENOUGH);

    assertThat(session.attach(slow, 0).await(20, SECONDS)).isEqualTo(new Queued(slow.turn(), 0));
    AnswerTurn next = other.received().await(AnswerTurn.class);
    // One of several would have been passed over after 0.8 s.
    await("longer than that")
        .pollDelay(Duration.ofSeconds(1))
        .until(() -> session.attach(slow, 0).await(20, SECONDS) instanceof Queued);
    taking.complete(other.answering(next).result());

    await()
        .untilAsserted(() ->
            assertThat(session.attach(slow, 0).await(20, SECONDS)).isInstanceOf(Accepted.class));
    assertThat(other.received().all(AnswerTurn.class)).containsExactly(next);
  }

  @Test
  @DisplayName("is told to be under way when finding a provider takes longer than an answer may")
  void longHandover() throws Exception {
    session.undeploy().await(20, SECONDS);
    session.deploy(new JsonObject().put("leaseSeconds", 2)); // of which it is waited for 1.2 s
    BeginTurn slow = session.turn("t", "Hi");
    session.accepted(slow);
    session.provider().onAnswer(next -> ScriptedProvider.noAnswer());
    lost.close().await(20, SECONDS);
    clock.advance(LONG_ENOUGH);

    assertThat(session.attach(slow, 0).await(20, SECONDS)).isEqualTo(new Queued(slow.turn(), 0));
    await().untilAsserted(() -> assertFault(Fault.SESSION_NOT_FOUND, session.attach(slow, 0)));
  }

  @Test
  @DisplayName("ends as interrupted with what is known of it where nobody goes on with it")
  void nobodyThere() throws Exception {
    lost.close().await(20, SECONDS);
    clock.advance(LONG_ENOUGH);
    Replayed replayed = (Replayed)
        settled(new AttachTurn(turn.turn(), turn.tenant(), 0, 0, heard(8, "ning"), back));

    assertThat(replayed.text()).isEqualTo("Good morning");
    TurnFailed end = (TurnFailed) replayed.end();
    assertThat(end.failure().fault()).isEqualTo(Fault.LLM_UNAVAILABLE);
    assertThat(end.failure().message()).contains("kept");
    assertThat(end.fence()).isGreaterThan(order.fence());
    assertFault(Fault.SESSION_LOCKED, lost.seal(order, "Good morning, all"));
    assertThat(session.load()).isZero();
    assertThat(session.node.meters().get("consoul_turns_interrupted").counter().count())
        .isOne();
  }

  @Test
  @DisplayName("ends as interrupted where the others refuse it")
  void refused() throws Exception {
    session.provider().onAnswer(next -> Future.failedFuture(Fault.MODEL_NOT_AVAILABLE.because()));
    lost.close().await(20, SECONDS);
    clock.advance(LONG_ENOUGH);

    Replayed replayed = (Replayed) settled(attach(0));

    assertThat(replayed.text()).isEqualTo("Good mor");
    assertThat(((TurnFailed) replayed.end()).failure().fault()).isEqualTo(Fault.LLM_UNAVAILABLE);
    assertThat(session.load()).isZero();
  }

  @Test
  @DisplayName("leaves no trace where nothing was said and nobody takes it")
  void nothingSaid() throws Exception {
    BeginTurn unsaid = session.turn("t", "Hi");
    session.get(unsaid);
    lost.close().await(20, SECONDS);
    clock.advance(LONG_ENOUGH);

    FaultException gone = catchThrowableOfType(
        FaultException.class, () -> session.attach(unsaid, 0).await(20, SECONDS));

    assertThat(gone.fault()).isEqualTo(Fault.LLM_UNAVAILABLE);
    assertThat(gone).hasMessageContaining("again");
    assertFault(Fault.SESSION_NOT_FOUND, () -> session.read("t"));
    assertThat(session.load()).as("only the other one").isOne();
  }

  @Test
  @DisplayName("is not given to a seventh: after five cuts it ends as interrupted")
  void oftenLost() throws Exception {
    for (int cuts = 1; cuts <= 5; cuts++) {
      ScriptedProvider next = taker();
      lost.close().await(20, SECONDS);
      clock.advance(LONG_ENOUGH);
      assertThat(((Accepted) settled(attach(8))).cuts().count()).isEqualTo(cuts);
      assertThat(next.received().await(AnswerTurn.class).resumption().rescues()).isEqualTo(cuts);
      lost = next;
    }
    ScriptedProvider seventh = session.provider();
    lost.close().await(20, SECONDS);
    clock.advance(LONG_ENOUGH);

    assertThat(settled(attach(8))).isInstanceOf(Replayed.class);
    assertThat(seventh.received().all()).isEmpty();
  }

  @Test
  @DisplayName("is taken over for a gateway that begins it again, too")
  void begunAgain() throws Exception {
    ScriptedProvider other = taker();
    lost.close().await(20, SECONDS);
    clock.advance(LONG_ENOUGH);

    Accepted accepted = session.accepted(turn);

    assertThat(accepted.providerInbox()).isEqualTo(other.inbox());
    assertThat(other.received().await(AnswerTurn.class).resumption().followers())
        .containsExactly(new Follower(turn.listener(), 0, 0));
  }

  @Test
  @DisplayName("is stopped by a cancel that comes while another one is being asked")
  void cancelled() throws Exception {
    Promise<TurnId> cancelled = Promise.promise();
    AtomicInteger tooEarly = new AtomicInteger(-1);
    ScriptedProvider other = session.provider();
    other.onAnswer(
        next -> { // at once: it is passed over after a moment
          session.cancel("s", null).onComplete(cancelled::handle);
          return session
              .ask(new ReadSession(
                  new SessionId("s"), Tenant.DEFAULT)) // so that the cancel has come
              .compose(read -> {
                tooEarly.set(other.received().all(StopAnswer.class).size());
                return other.answering(next);
              });
        });
    lost.close().await(20, SECONDS);
    clock.advance(LONG_ENOUGH);

    session.attach(turn, 8);

    assertThat(cancelled.future().await(20, SECONDS)).isEqualTo(turn.turn());
    AnswerTurn next = other.received().await(AnswerTurn.class);
    assertThat(other.received().await(StopAnswer.class).fence()).isEqualTo(next.fence());
    assertThat(tooEarly).hasValue(0);
  }

  @Test
  @DisplayName("ends as cancelled where its client wants it no more and nobody takes it")
  void cancelledAndNotTaken() throws Exception {
    Promise<TurnId> cancelled = Promise.promise();
    session
        .provider()
        .onAnswer(
            next -> { // at once: it is passed over after a moment
              session.cancel("s", null).onComplete(cancelled::handle);
              return ScriptedProvider.noAnswer();
            });
    lost.close().await(20, SECONDS);
    clock.advance(LONG_ENOUGH);

    Future<BusMessage> attached = session.attach(turn, 0);

    assertThat(cancelled.future().await(20, SECONDS)).isEqualTo(turn.turn());
    assertThat(attached.await(20, SECONDS)).isInstanceOfAny(Replayed.class, Queued.class);
    Replayed replayed = (Replayed) await("nobody has taken it")
        .until(
            () -> session.attach(turn, 0).await(20, SECONDS), reply -> reply instanceof Replayed);
    assertThat(replayed.text()).isEqualTo("Good mor");
    assertThat(((Completed) replayed.end()).finishReason()).isEqualTo(FinishReason.CANCELLED);
  }

  /** One that takes what it is asked to, and lets those follow who come again since they were told to wait. */
  private ScriptedProvider taker() throws Exception {
    ScriptedProvider taker = session.provider();
    return taker.onFollow(follow -> {
      AnswerTurn order = taker.received().all(AnswerTurn.class).get(0);
      return Future.succeededFuture(
          new Following(follow.turn(), order.fence(), order.resumption().cuts()));
    });
  }

  private AttachTurn attach(int after) {
    return new AttachTurn(turn.turn(), turn.tenant(), after, session.gateway.listener());
  }

  /** What comes of it; a busy machine may take longer than an answer may, and then who has asked asks again. */
  private BusMessage settled(AttachTurn attach) throws Exception {
    return await()
        .pollDelay(Duration.ZERO)
        .until(() -> session.get(attach), reply -> !(reply instanceof Queued));
  }

  private Swept sweep() throws Exception {
    String instance = session.node.directory().pick(Kind.SESSION).orElseThrow().inbox();
    return session
        .node
        .bus()
        .ask(Kind.SESSION, instance, new Sweep(10, true), Swept.class, SessionNode.SOON)
        .await(20, SECONDS);
  }

  private Heard heard(int offset, String text) {
    return new Heard(order.fence(), offset, text);
  }
}
