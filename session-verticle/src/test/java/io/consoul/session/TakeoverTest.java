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
import io.consoul.message.Replayed;
import io.consoul.message.Resumption;
import io.consoul.message.StopAnswer;
import io.consoul.message.Sweep;
import io.consoul.message.Swept;
import io.consoul.message.TurnFailed;
import io.consoul.testkit.ManualClock;
import io.consoul.testkit.ScriptedProvider;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.List;
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
    JsonObject config =
        new JsonObject().put("acknowledgementMillis", 600).put("queuedIntervalMillis", 100);
    session = SessionNode.start(vertx, config, clock);
    lost = session.provider();
    turn = session.turn("s", "Hi");
    session.get(turn);
    order = lost.received().await(AnswerTurn.class);
    lost.progress(order, 0, "Good mor").await(5, SECONDS);
  }

  @Test
  @DisplayName("goes on at another one with what was journalled and what its listener heard")
  void goesOn() throws Exception {
    ScriptedProvider other = session.provider();
    lost.close().await(5, SECONDS);
    clock.advance(LONG_ENOUGH);

    Accepted accepted = (Accepted)
        session.get(new AttachTurn(turn.turn(), turn.tenant(), 10, 0, heard(5, "morni"), back));

    AnswerTurn next = other.received().await(AnswerTurn.class);
    Cuts cuts = Cuts.NONE.and(10);
    assertThat(next.resumption())
        .isEqualTo(new Resumption("Good morni", cuts, 1, List.of(new Follower(back, 10, 0))));
    assertThat(next.history()).containsExactly(ChatMessage.user("Hi"));
    assertThat(next.deadline()).isAfter(order.deadline());
    assertThat(next.fence()).isGreaterThan(order.fence());
    assertThat(accepted).isEqualTo(new Accepted(turn.turn(), next.fence(), other.inbox(), cuts));
    assertFault(Fault.SESSION_LOCKED, lost.progress(order, 8, "ning, you"));
    other.seal(next, "Good morning").await(5, SECONDS);
    assertThat(((Replayed) session.attach(turn, 0).await(5, SECONDS)).text())
        .isEqualTo("Good morning");
    assertThat(session.load()).isZero();
  }

  @Test
  @DisplayName("lets the next turn of its session begin when its new provider has sealed it")
  void wakes() throws Exception {
    ScriptedProvider other = session.provider();
    lost.close().await(5, SECONDS);
    clock.advance(LONG_ENOUGH);
    Future<BusMessage> waiting = session.ask(session.turn("s", "next"));

    session.attach(turn, 8).await(5, SECONDS);
    other.seal(other.received().await(AnswerTurn.class), "Good morning").await(5, SECONDS);

    assertThat(waiting.await(5, SECONDS)).isInstanceOfAny(Queued.class, Accepted.class);
    assertThat(other.received().await(AnswerTurn.class, 2).get(1).history())
        .contains(ChatMessage.assistant("Good morning"));
  }

  @Test
  @DisplayName("is left with it while its lease is renewed as often as a healthy one does it")
  void partition() throws Exception {
    ScriptedProvider other = session.provider();
    lost.close().await(5, SECONDS);
    clock.advance(NOT_LONG);

    FaultException early =
        catchThrowableOfType(FaultException.class, () -> session.attach(turn, 8).await(5, SECONDS));

    assertThat(early.fault()).isEqualTo(Fault.LLM_UNAVAILABLE);
    assertThat(early.retryAfter()).isEqualTo(1);
    assertThat(other.received().all()).isEmpty();
    lost.progress(order, 8, "ning").await(5, SECONDS);
  }

  @Test
  @DisplayName("is taken as soon from one that says that it does not have it")
  void notRunningThere() throws Exception {
    ScriptedProvider other = session.provider();
    clock.advance(NOT_LONG);
    assertFault(Fault.LLM_UNAVAILABLE, session.attach(turn, 8));
    clock.advance(Duration.ofMillis(1));

    assertThat(session.attach(turn, 8).await(5, SECONDS)).isInstanceOf(Accepted.class);
    assertThat(other.received().await(AnswerTurn.class).resumption().said()).isEqualTo("Good mor");
  }

  @Test
  @DisplayName("is taken from one that says nothing when its lease is over, not before")
  void silent() throws Exception {
    ScriptedProvider other = session.provider();
    lost.onFollow(follow -> ScriptedProvider.noAnswer());
    clock.advance(LEASE.minusMillis(1));
    assertFault(Fault.LLM_UNAVAILABLE, session.attach(turn, 8));
    clock.advance(Duration.ofMillis(1));

    assertThat(session.attach(turn, 8).await(5, SECONDS)).isInstanceOf(Accepted.class);
    assertThat(other.received().await(AnswerTurn.class).resumption().said()).isEqualTo("Good mor");
  }

  @Test
  @DisplayName("is taken at once from one that is found to be gone while it is being asked")
  void goneWhileAsked() throws Exception {
    session.provider();
    lost.onFollow(follow -> {
      lost.close();
      return ScriptedProvider.noAnswer();
    });
    clock.advance(LONG_ENOUGH);
    assertThat(session.get(new AttachTurn(turn.turn(), turn.tenant(), 0, 0, heard(8, ""), back)))
        .isInstanceOf(Accepted.class);
  }

  @Test
  @DisplayName("is settled by a sweep when its lease is over, not before")
  void swept() throws Exception {
    lost.close().await(5, SECONDS);
    clock.advance(LEASE.minusMillis(1));
    assertThat(sweep()).isEqualTo(new Swept(0, 0, false));
    clock.advance(Duration.ofMillis(1));

    assertThat(sweep()).isEqualTo(new Swept(0, 1, false));
    assertThat(((Replayed) session.attach(turn, 0).await(5, SECONDS)).text()).isEqualTo("Good mor");
  }

  @Test
  @DisplayName("is taken over once, however many attach; all find it then")
  void manyAttach() throws Exception {
    Promise<Answering> taking = Promise.promise();
    ScriptedProvider other = session
        .provider()
        .onAnswer(next -> taking.future())
        .onFollow(
            follow -> Future.succeededFuture(new Following(follow.turn(), 99, Cuts.NONE.and(8))));
    lost.close().await(5, SECONDS);
    clock.advance(LONG_ENOUGH);

    Future<BusMessage> first = session.attach(turn, 8);
    AnswerTurn next = other.received().await(AnswerTurn.class);
    assertThat(session.attach(turn, 0).await(5, SECONDS)).isEqualTo(new Queued(turn.turn(), 0));
    taking.complete(new Answering(next.turn(), next.fence(), "model", other.inbox()));

    Accepted accepted = new Accepted(turn.turn(), next.fence(), other.inbox(), Cuts.NONE.and(8));
    assertThat(first.await(5, SECONDS)).isEqualTo(accepted);
    BusMessage second = session.get(new AttachTurn(turn.turn(), turn.tenant(), 3, 1, null, back));
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
    lost.close().await(5, SECONDS);
    clock.advance(LONG_ENOUGH);

    Future<BusMessage> attached = session.attach(turn, 8);

    AnswerTurn first = one.received().await(AnswerTurn.class);
    AnswerTurn second = two.received().await(AnswerTurn.class);
    AnswerTurn passedOver = first.fence() < second.fence() ? first : second;
    AnswerTurn next = passedOver == first ? second : first;
    ScriptedProvider by = passedOver == first ? two : one;
    Cuts cuts = Cuts.NONE.and(8).and(8);
    assertThat(next.resumption().cuts()).isEqualTo(cuts);
    assertThat(attached.await(5, SECONDS)) // it comes about when an answer may take no longer
        .isIn(
            new Accepted(turn.turn(), next.fence(), by.inbox(), cuts), new Queued(turn.turn(), 0));
    assertFault(Fault.SESSION_LOCKED, one.seal(passedOver, "Good morrow"));
  }

  @Test
  @DisplayName("is told to be under way when finding a provider takes longer than an answer may")
  void longHandover() throws Exception {
    session.undeploy().await(5, SECONDS);
    session.deploy(new JsonObject());
    BeginTurn slow = session.turn("t", "Hi");
    session.get(slow);
    session.provider().onAnswer(next -> ScriptedProvider.noAnswer());
    lost.close().await(5, SECONDS);
    clock.advance(LONG_ENOUGH);

    assertThat(session.attach(slow, 0).await(2, SECONDS)).isEqualTo(new Queued(slow.turn(), 0));
    await().untilAsserted(() -> assertFault(Fault.SESSION_NOT_FOUND, session.attach(slow, 0)));
  }

  @Test
  @DisplayName("ends as interrupted with what is known of it where nobody goes on with it")
  void nobodyThere() throws Exception {
    lost.close().await(5, SECONDS);
    clock.advance(LONG_ENOUGH);
    Replayed replayed = (Replayed)
        session.get(new AttachTurn(turn.turn(), turn.tenant(), 0, 0, heard(8, "ning"), back));

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
    lost.close().await(5, SECONDS);
    clock.advance(LONG_ENOUGH);

    Replayed replayed = (Replayed) session.attach(turn, 0).await(5, SECONDS);

    assertThat(replayed.text()).isEqualTo("Good mor");
    assertThat(((TurnFailed) replayed.end()).failure().fault()).isEqualTo(Fault.LLM_UNAVAILABLE);
    assertThat(session.load()).isZero();
  }

  @Test
  @DisplayName("leaves no trace where nothing was said and nobody takes it")
  void nothingSaid() throws Exception {
    BeginTurn unsaid = session.turn("t", "Hi");
    session.get(unsaid);
    lost.close().await(5, SECONDS);
    clock.advance(LONG_ENOUGH);

    FaultException gone = catchThrowableOfType(
        FaultException.class, () -> session.attach(unsaid, 0).await(5, SECONDS));

    assertThat(gone.fault()).isEqualTo(Fault.LLM_UNAVAILABLE);
    assertThat(gone).hasMessageContaining("again");
    assertFault(Fault.SESSION_NOT_FOUND, () -> session.read("t"));
    assertThat(session.load()).as("only the other one").isOne();
  }

  @Test
  @DisplayName("is not given to a seventh: after five cuts it ends as interrupted")
  void oftenLost() throws Exception {
    for (int cuts = 1; cuts <= 5; cuts++) {
      ScriptedProvider next = session.provider();
      lost.close().await(5, SECONDS);
      clock.advance(LONG_ENOUGH);
      assertThat(((Accepted) session.attach(turn, 8).await(5, SECONDS)).cuts().count())
          .isEqualTo(cuts);
      assertThat(next.received().await(AnswerTurn.class).resumption().rescues()).isEqualTo(cuts);
      lost = next;
    }
    ScriptedProvider seventh = session.provider();
    lost.close().await(5, SECONDS);
    clock.advance(LONG_ENOUGH);

    assertThat(session.attach(turn, 8).await(5, SECONDS)).isInstanceOf(Replayed.class);
    assertThat(seventh.received().all()).isEmpty();
  }

  @Test
  @DisplayName("is taken over for a gateway that begins it again, too")
  void begunAgain() throws Exception {
    ScriptedProvider other = session.provider();
    lost.close().await(5, SECONDS);
    clock.advance(LONG_ENOUGH);

    Accepted accepted = (Accepted) session.get(turn);

    assertThat(accepted.providerInbox()).isEqualTo(other.inbox());
    assertThat(other.received().await(AnswerTurn.class).resumption().followers())
        .containsExactly(new Follower(turn.listener(), 0, 0));
  }

  @Test
  @DisplayName("is stopped by a cancel that comes while another one is being asked")
  void cancelled() throws Exception {
    Promise<Answering> taking = Promise.promise();
    ScriptedProvider other = session.provider().onAnswer(next -> taking.future());
    lost.close().await(5, SECONDS);
    clock.advance(LONG_ENOUGH);
    session.attach(turn, 8);
    AnswerTurn next = other.received().await(AnswerTurn.class);

    var cancelled = session.cancel("s", null);
    session.read("s"); // so that the cancel has come
    assertThat(other.received().all(StopAnswer.class)).isEmpty();
    taking.complete(new Answering(next.turn(), next.fence(), "model", other.inbox()));

    assertThat(cancelled.await(5, SECONDS)).isEqualTo(turn.turn());
    assertThat(other.received().await(StopAnswer.class).fence()).isEqualTo(next.fence());
  }

  @Test
  @DisplayName("ends as cancelled where its client wants it no more and nobody takes it")
  void cancelledAndNotTaken() throws Exception {
    ScriptedProvider other = session.provider().onAnswer(next -> ScriptedProvider.noAnswer());
    lost.close().await(5, SECONDS);
    clock.advance(LONG_ENOUGH);
    Future<BusMessage> attached = session.attach(turn, 0);
    other.received().await(AnswerTurn.class);

    assertThat(session.cancel("s", null).await(5, SECONDS)).isEqualTo(turn.turn());

    assertThat(attached.await(5, SECONDS)).isInstanceOfAny(Replayed.class, Queued.class);
    Replayed replayed = (Replayed) session.attach(turn, 0).await(5, SECONDS);
    assertThat(replayed.text()).isEqualTo("Good mor");
    assertThat(((Completed) replayed.end()).finishReason()).isEqualTo(FinishReason.CANCELLED);
  }

  private Swept sweep() throws Exception {
    String instance = session.node.directory().pick(Kind.SESSION).orElseThrow().inbox();
    return session
        .node
        .bus()
        .ask(Kind.SESSION, instance, new Sweep(10, true), Swept.class, SessionNode.SOON)
        .await(5, SECONDS);
  }

  private Heard heard(int offset, String text) {
    return new Heard(order.fence(), offset, text);
  }
}
