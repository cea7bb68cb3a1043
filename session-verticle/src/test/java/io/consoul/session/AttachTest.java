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
import io.consoul.message.FollowTurn;
import io.consoul.message.Following;
import io.consoul.message.Listener;
import io.consoul.message.Queued;
import io.consoul.message.Replayed;
import io.consoul.message.Tenant;
import io.consoul.message.TurnFailed;
import io.consoul.testkit.ManualClock;
import io.consoul.testkit.ScriptedProvider;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayName("Who attaches to a turn")
class AttachTest {

  @Test
  @DisplayName("follows it at its provider, from the offset that was asked for")
  void running(Vertx vertx) throws Exception {
    SessionNode session = SessionNode.start(vertx, new JsonObject());
    ScriptedProvider provider = session
        .provider()
        .onFollow(follow -> Future.succeededFuture(new Following(follow.turn(), 99)));
    BeginTurn turn = session.turn("s", "one");
    session.get(turn);
    Listener back = new Listener("back again", 7, 100, false);

    var reply = session.get(new AttachTurn(turn.turn(), turn.tenant(), 12, back));

    assertThat(reply).isEqualTo(new Accepted(turn.turn(), 99, provider.inbox()));
    assertThat(provider.received().await(FollowTurn.class))
        .isEqualTo(new FollowTurn(turn.turn(), 12, back));
  }

  @Test
  @DisplayName("reads it from the store when it has ended, in pieces of the window")
  void ended(Vertx vertx) throws Exception {
    SessionNode session = SessionNode.start(vertx, new JsonObject());
    session.provider().sealingWith(order -> "0123456789");
    BeginTurn turn = session.turn("s", "one");
    session.get(turn);
    StringBuilder text = new StringBuilder();
    Replayed piece;
    do {
      Listener small = session.gateway.listener(4);
      piece =
          (Replayed) session.get(new AttachTurn(turn.turn(), turn.tenant(), text.length(), small));
      text.append(piece.text());
    } while (!piece.isLast());

    assertThat(text).hasToString("0123456789");
  }

  @Test
  @DisplayName("reads it from the store when it ends while its provider is being asked")
  void endedMeanwhile(Vertx vertx) throws Exception {
    SessionNode session = SessionNode.start(vertx, new JsonObject());
    ScriptedProvider provider = session.provider();
    BeginTurn turn = session.turn("s", "one");
    session.get(turn);
    AnswerTurn order = provider.received().await(AnswerTurn.class);
    provider.onFollow(follow -> provider
        .seal(order, "eins")
        .compose(stored -> Future.failedFuture(Fault.SESSION_NOT_FOUND.because())));

    Replayed replayed = (Replayed) session.attach(turn, 2).await(20, SECONDS);

    assertThat(replayed.offset()).isEqualTo(2);
    assertThat(replayed.text()).isEqualTo("ns");
  }

  @Test
  @DisplayName(
      "is told to ask again while its provider is gone, and gets what was said when the turn is ended")
  void orphan(Vertx vertx) throws Exception {
    ManualClock clock = new ManualClock();
    SessionNode session = SessionNode.start(vertx, new JsonObject().put("leaseSeconds", 5), clock);
    ScriptedProvider provider = session.provider();
    BeginTurn turn = session.turn("s", "one");
    Accepted accepted = session.accepted(turn);
    provider.progress(provider.received().await(AnswerTurn.class), 0, "ei").await(20, SECONDS);

    FaultException gone = catchThrowableOfType(
        FaultException.class, () -> session.attach(turn, 0).await(20, SECONDS));
    assertThat(gone.fault()).isEqualTo(Fault.LLM_UNAVAILABLE);
    assertThat(gone.retryAfter()).isEqualTo(1);

    clock.advance(Duration.ofSeconds(5));
    session.accepted(session.turn("s", "two")); // ends it, for its lease is over
    await().until(() -> session.attach(turn, 0).otherwiseEmpty().await(20, SECONDS) != null);
    Replayed replayed = (Replayed) session.attach(turn, 0).await(20, SECONDS);
    assertThat(replayed.text()).isEqualTo("ei");
    assertThat(replayed.end()).isInstanceOf(TurnFailed.class);
    assertThat(replayed.end().fence()).isGreaterThan(accepted.fence());
  }

  @Test
  @DisplayName("hears that it waits, for those before it and for a provider")
  void waiting(Vertx vertx) throws Exception {
    SessionNode session =
        SessionNode.start(vertx, new JsonObject().put("queuedIntervalMillis", 50));
    Promise<Answering> taking = Promise.promise();
    ScriptedProvider provider = session.provider().onAnswer(order -> taking.future());
    BeginTurn first = session.turn("s", "one");
    session.ask(first);
    AnswerTurn order = provider.received().await(AnswerTurn.class);
    BeginTurn second = session.turn("s", "two");
    session.get(second);

    assertThat(session.attach(first, 0).await(20, SECONDS)).isEqualTo(new Queued(first.turn(), 0));
    assertThat(session.attach(second, 0).await(20, SECONDS))
        .isEqualTo(new Queued(second.turn(), 1));
    assertThat(provider.received().all(FollowTurn.class)).isEmpty();
    taking.complete(new Answering(order.turn(), order.fence(), "model", provider.inbox()));
    provider.onFollow(follow -> Future.succeededFuture(new Following(follow.turn(), 1)));
    await().until(() -> session.attach(first, 0).await(20, SECONDS) instanceof Accepted);
  }

  @Test
  @DisplayName("hears that there is no such turn when it is unknown, aborted or another tenant's")
  void unknown(Vertx vertx) throws Exception {
    SessionNode session = SessionNode.start(vertx, new JsonObject());
    ScriptedProvider provider = session.provider();
    BeginTurn running = session.turn("s", "one");
    session.get(running);

    assertFault(Fault.SESSION_NOT_FOUND, session.attach(session.turn("s", "never begun"), 0));
    AttachTurn stranger =
        new AttachTurn(running.turn(), new Tenant("other"), 0, session.gateway.listener());
    assertFault(Fault.SESSION_NOT_FOUND, session.ask(stranger));
    provider.abort(provider.received().await(AnswerTurn.class)).await(20, SECONDS);
    assertFault(Fault.SESSION_NOT_FOUND, session.attach(running, 0));
    assertThat(provider.received().all(FollowTurn.class)).isEmpty();
  }
}
