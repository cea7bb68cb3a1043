package io.consoul.session;

import static io.consoul.session.SessionNode.SOON;
import static io.consoul.session.SessionNode.assertFault;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.message.Accepted;
import io.consoul.message.AnswerTurn;
import io.consoul.message.BeginTurn;
import io.consoul.message.Cuts;
import io.consoul.message.Follower;
import io.consoul.message.HandOn;
import io.consoul.message.HandedOn;
import io.consoul.message.Heard;
import io.consoul.message.Kind;
import io.consoul.message.Listener;
import io.consoul.message.Replayed;
import io.consoul.message.Resumption;
import io.consoul.message.TurnFailed;
import io.consoul.testkit.ListeningInbox;
import io.consoul.testkit.ScriptedProvider;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayName("A turn that its provider hands on")
class HandOnTest {

  private Vertx vertx;
  private SessionNode session;
  private ScriptedProvider leaving;
  private BeginTurn turn;
  private AnswerTurn order;

  /** "Good mor" is journalled. */
  @BeforeEach
  void begin(Vertx vertx) throws Exception {
    this.vertx = vertx;
    session = SessionNode.start(vertx, new JsonObject().put("acknowledgementMillis", 10_000));
    leaving = session.provider();
    turn = session.turn("s", "Hi");
    session.get(turn);
    order = leaving.received().await(AnswerTurn.class);
    leaving.progress(order, 0, "Good mor").await(20, SECONDS);
  }

  @Test
  @DisplayName("goes on at another one at once, and all who follow are told where")
  void goesOn() throws Exception {
    ScriptedProvider other = session.provider();
    ListeningInbox plain = ListeningInbox.open(session.node.bus()).await(20, SECONDS);
    List<JsonObject> json = new CopyOnWriteArrayList<>();
    vertx
        .eventBus()
        .<JsonObject>consumer("outside", message -> json.add(message.body()))
        .completion()
        .await(20, SECONDS);
    List<Follower> followers = List.of(
        new Follower(plain.listener(), 11, 0),
        new Follower(new Listener("outside", 7, 100, true), 4, 0));

    HandedOn handedOn = handOn(followers).await(20, SECONDS);

    AnswerTurn next = other.received().await(AnswerTurn.class);
    Cuts cuts = Cuts.NONE.and(12);
    assertThat(next.resumption()).isEqualTo(new Resumption("Good morning", cuts, 3, followers));
    assertThat(handedOn).isEqualTo(new HandedOn(turn.turn(), next.fence()));
    Accepted accepted = new Accepted(turn.turn(), next.fence(), other.inbox(), cuts);
    assertThat(plain.received().await(Accepted.class)).isEqualTo(accepted);
    await().untilAsserted(() -> assertThat(json).containsExactly(accepted.to(7).toTypedJson()));
    assertFault(Fault.SESSION_LOCKED, leaving.seal(order, "Good morning"));
    other.seal(next, "Good morning, all").await(20, SECONDS);
    assertThat(session.load()).isZero();
  }

  @Test
  @DisplayName("is not given away a second time when the reply was lost")
  void repeated() throws Exception {
    ScriptedProvider other = session.provider();
    HandedOn first = handOn(List.of()).await(20, SECONDS);

    assertThat(handOn(List.of()).await(20, SECONDS)).isEqualTo(first);
    assertThat(other.received().all(AnswerTurn.class)).hasSize(1);
    other.seal(other.received().await(AnswerTurn.class), "Good morning").await(20, SECONDS);
    assertFault(Fault.SESSION_LOCKED, handOn(List.of()));
  }

  @Test
  @DisplayName("stays with its provider where there is no other one")
  void noOther() throws Exception {
    assertFault(Fault.LLM_UNAVAILABLE, handOn(List.of()));

    leaving.seal(order, "Good morning").await(20, SECONDS);
  }

  @Test
  @DisplayName("ends as interrupted where none of the others takes it, in the time of a request")
  void notTaken() throws Exception {
    session.provider().onAnswer(next -> ScriptedProvider.noAnswer());
    session.provider().onAnswer(next -> ScriptedProvider.noAnswer());
    Instant asked = Instant.now();

    assertFault(Fault.LLM_UNAVAILABLE, handOn(List.of()));

    // 1.6 s, and what a busy machine takes; with the acknowledgement of a begin it would be 20 s.
    assertThat(Duration.between(asked, Instant.now())).isLessThan(Duration.ofSeconds(15));
    assertFault(Fault.SESSION_LOCKED, leaving.seal(order, "Good morning"));
    Replayed replayed = (Replayed) session.attach(turn, 0).await(20, SECONDS);
    assertThat(replayed.text()).isEqualTo("Good morning");
    assertThat(replayed.end()).isInstanceOf(TurnFailed.class);
  }

  /** "ning" was said beyond the journal, after two rescues. */
  private Future<HandedOn> handOn(List<Follower> followers) {
    HandOn request = new HandOn(
        turn.turn(),
        turn.tenant(),
        order.fence(),
        order.token(),
        2,
        new Heard(order.fence(), 8, "ning"),
        followers);
    return session
        .node
        .bus()
        .ask(Kind.SESSION, order.sessionInbox(), request, HandedOn.class, SOON);
  }
}
