package io.consoul.session;

import static io.consoul.session.SessionNode.assertFault;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.fault.Fault;
import io.consoul.message.AnswerTurn;
import io.consoul.message.Batch;
import io.consoul.message.BeginTurn;
import io.consoul.message.DeleteSession;
import io.consoul.message.EndBatch;
import io.consoul.message.IdempotencyKey;
import io.consoul.message.Kind;
import io.consoul.message.Queued;
import io.consoul.message.Replayed;
import io.consoul.message.SessionId;
import io.consoul.message.Tenant;
import io.consoul.testkit.ManualClock;
import io.consoul.testkit.ScriptedProvider;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayName("The turns of a sequential batch")
class BatchTurnTest {

  private final ManualClock clock = new ManualClock();
  private SessionNode session;
  private ScriptedProvider provider;

  @Test
  @DisplayName("go past those that wait, which begin at once when the last one has ended")
  void pastTheQueue(Vertx vertx) throws Exception {
    start(vertx, 30);
    session.accepted(batched("b", false));
    BeginTurn waiting = session.turn("s", "other");
    assertThat(session.get(waiting)).isInstanceOf(Queued.class);
    seal(0);
    assertThat(session.get(waiting)).isInstanceOf(Queued.class);

    session.accepted(batched("b", false));
    seal(1);
    session.accepted(batched("b", true));
    assertThat(provider.received().all(AnswerTurn.class)).hasSize(3);
    seal(2);

    assertThat(order(3).turn()).isEqualTo(waiting.turn());
    assertThat(order(3).history()).hasSize(7);
  }

  @Test
  @DisplayName("stay together also when they come before the first of them has begun")
  void allAtOnce(Vertx vertx) throws Exception {
    start(vertx, 30);
    session.accepted(session.turn("s", "before"));
    BeginTurn first = batched("b", false);
    session.ask(first);
    BeginTurn between = session.turn("s", "between");
    session.ask(between);
    BeginTurn second = batched("b", false);
    session.ask(second);
    BeginTurn third = batched("b", true);
    session.ask(third);

    for (int i = 0; i < 5; i++) {
      order(i);
      seal(i);
    }

    assertThat(provider.received().all(AnswerTurn.class).stream()
            .map(AnswerTurn::turn)
            .skip(1))
        .containsExactly(first.turn(), second.turn(), third.turn(), between.turn());
  }

  @Test
  @DisplayName("keep their order among themselves when they go past those that wait")
  void inOrder(Vertx vertx) throws Exception {
    start(vertx, 30);
    session.accepted(batched("b", false));
    BeginTurn between = session.turn("s", "between");
    session.ask(between);
    BeginTurn second = batched("b", false);
    session.ask(second);
    BeginTurn third = batched("b", true);
    session.ask(third);

    for (int i = 0; i < 4; i++) {
      seal(i);
    }

    assertThat(provider.received().all(AnswerTurn.class).stream()
            .map(AnswerTurn::turn)
            .skip(1))
        .containsExactly(second.turn(), third.turn(), between.turn());
  }

  @Test
  @DisplayName("let those that wait begin at once when the last of them is stored already")
  void lastIsARepeat(Vertx vertx) throws Exception {
    start(vertx, 30);
    IdempotencyKey key = new IdempotencyKey("key");
    session.get(session.turn("s", "one of a batch").under(key));
    seal(0);
    session.accepted(batched("b", false));
    BeginTurn waiting = session.turn("s", "other");
    session.ask(waiting);
    seal(1);
    assertThat(session.get(batched("b", true).under(key))).isInstanceOf(Replayed.class);

    assertThat(order(2).turn()).isEqualTo(waiting.turn());
  }

  @Test
  @DisplayName("give the session up when the next of them does not come for as long as a lease")
  void lapse(Vertx vertx) throws Exception {
    start(vertx, 30);
    session.accepted(batched("b", false));
    BeginTurn waiting = session.turn("s", "other");
    session.ask(waiting);
    seal(0);
    clock.advance(Duration.ofMillis(29_999));
    assertThat(session.get(waiting)).isInstanceOf(Queued.class);
    assertThat(provider.received().all(AnswerTurn.class)).hasSize(1);

    clock.advance(Duration.ofMillis(1));

    assertThat(order(1).turn()).isEqualTo(waiting.turn());
  }

  @Test
  @DisplayName("give the session up at once when it is said that no further one comes")
  void givenUp(Vertx vertx) throws Exception {
    start(vertx, 30);
    session.accepted(batched("b", false));
    seal(0);
    BeginTurn waiting = session.turn("s", "other");
    assertThat(session.get(waiting)).isInstanceOf(Queued.class);

    giveUp("another batch");
    giveUp("b");

    assertThat(order(1).turn()).isEqualTo(waiting.turn());
  }

  @Test
  @DisplayName("give the session up with the end of the running one when no further one comes")
  void givenUpInMidTurn(Vertx vertx) throws Exception {
    start(vertx, 30);
    session.accepted(batched("b", false));
    BeginTurn waiting = session.turn("s", "other");
    session.get(waiting);
    giveUp("b");
    assertThat(session.get(waiting)).isInstanceOf(Queued.class);
    seal(0);

    assertThat(order(1).turn()).isEqualTo(waiting.turn());
  }

  @Test
  @DisplayName("leave the session free after the first one when the end was told before that began")
  void givenUpBeforehand(Vertx vertx) throws Exception {
    start(vertx, 30);
    session.accepted(session.turn("s", "before"));
    BeginTurn first = batched("b", false);
    session.get(first);
    giveUp("b");
    seal(0);
    assertThat(order(1).turn()).isEqualTo(first.turn());
    seal(1);

    BeginTurn after = session.turn("s", "after");
    session.accepted(after);
  }

  @Test
  @DisplayName("are not kept out by a queue that is full")
  void fullQueue(Vertx vertx) throws Exception {
    start(vertx, 30);
    session.accepted(batched("b", false));
    for (int i = 0; i < 3; i++) {
      session.ask(session.turn("s", "other"));
    }
    assertFault(Fault.SERVER_BUSY, session.ask(session.turn("s", "one too many")));
    seal(0);

    session.accepted(batched("b", true));
  }

  @Test
  @DisplayName("do not go on after their session was deleted between two of them")
  void deleted(Vertx vertx) throws Exception {
    start(vertx, 30);
    session.accepted(batched("b", false));
    seal(0);
    session.get(new DeleteSession(new SessionId("s"), Tenant.DEFAULT));

    assertFault(Fault.SESSION_NOT_FOUND, session.ask(batched("b", true)));
    session.accepted(batched("a new one", true));
  }

  @Test
  @DisplayName("leave those that wait alone when a cancel comes between two of them")
  void cancelled(Vertx vertx) throws Exception {
    start(vertx, 30);
    session.accepted(batched("b", false));
    BeginTurn waiting = session.turn("s", "other");
    session.get(waiting);
    seal(0);

    assertThat(session.cancel("s", null).await(20, SECONDS)).isNull();
    assertThat(session.get(waiting)).isInstanceOf(Queued.class);
  }

  private void giveUp(String batch) {
    String inbox = session.node.directory().pick(Kind.SESSION).orElseThrow().inbox();
    session.node.bus().tell(inbox, new EndBatch(new SessionId("s"), Tenant.DEFAULT, batch));
  }

  private void start(Vertx vertx, int lease) throws Exception {
    JsonObject config = new JsonObject()
        .put("queuedIntervalMillis", 100)
        .put("leaseSeconds", lease)
        .put("maxWaitingTurns", new JsonObject().put("perSession", 3));
    session = SessionNode.start(vertx, config, clock);
    provider = session.provider();
  }

  private BeginTurn batched(String batch, boolean last) {
    return session.turn("s", "one of a batch").in(new Batch(batch, last));
  }

  private AnswerTurn order(int index) {
    return provider.received().await(AnswerTurn.class, index + 1).get(index);
  }

  private void seal(int order) throws Exception {
    provider.seal(order(order), "answer " + order).await(20, SECONDS);
  }
}
