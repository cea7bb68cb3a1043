package io.consoul.session;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.Accepted;
import io.consoul.message.AnswerTurn;
import io.consoul.message.Batch;
import io.consoul.message.BeginTurn;
import io.consoul.message.IdempotencyKey;
import io.consoul.message.Queued;
import io.consoul.message.Replayed;
import io.consoul.testkit.ScriptedProvider;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayName("The turns of a sequential batch")
class BatchTurnTest {

  private SessionNode session;
  private ScriptedProvider provider;

  @Test
  @DisplayName("go past those that wait, which begin at once when the last one has ended")
  void pastTheQueue(Vertx vertx) throws Exception {
    start(vertx, 30);
    session.get(batched("b", false));
    BeginTurn waiting = session.turn("s", "other");
    assertThat(session.get(waiting)).isInstanceOf(Queued.class);
    seal(0);
    assertThat(session.get(waiting)).isInstanceOf(Queued.class);

    assertThat(session.get(batched("b", false))).isInstanceOf(Accepted.class);
    seal(1);
    assertThat(session.get(batched("b", true))).isInstanceOf(Accepted.class);
    assertThat(provider.received().all(AnswerTurn.class)).hasSize(3);
    Instant ended = Instant.now();
    seal(2);

    assertThat(order(3).turn()).isEqualTo(waiting.turn());
    assertThat(order(3).history()).hasSize(7);
    assertThat(Duration.between(ended, Instant.now())).isLessThan(Duration.ofMillis(900));
  }

  @Test
  @DisplayName("stay together also when they come before the first of them has begun")
  void allAtOnce(Vertx vertx) throws Exception {
    start(vertx, 30);
    session.get(session.turn("s", "before"));
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
    session.get(batched("b", false));
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
    session.get(batched("b", false));
    BeginTurn waiting = session.turn("s", "other");
    session.ask(waiting);
    seal(1);
    assertThat(session.get(batched("b", true).under(key))).isInstanceOf(Replayed.class);

    assertThat(order(2).turn()).isEqualTo(waiting.turn());
  }

  @Test
  @DisplayName("give the session up when the next of them does not come for as long as a lease")
  void lapse(Vertx vertx) throws Exception {
    start(vertx, 1.6);
    session.get(batched("b", false));
    BeginTurn waiting = session.turn("s", "other");
    session.ask(waiting);
    Instant ended = Instant.now();
    seal(0);

    assertThat(order(1).turn()).isEqualTo(waiting.turn());
    assertThat(Duration.between(ended, Instant.now()))
        .isBetween(
            Duration.ofMillis(1_600), Duration.ofMillis(2_400)); // by its pauses alone: 2,550
  }

  private void start(Vertx vertx, double lease) throws Exception {
    JsonObject config =
        new JsonObject().put("queuedIntervalMillis", 400).put("leaseSeconds", lease);
    session = SessionNode.start(vertx, config);
    provider = session.provider();
  }

  private BeginTurn batched(String batch, boolean last) {
    return session.turn("s", "one of a batch").in(new Batch(batch, last));
  }

  private AnswerTurn order(int index) {
    return provider.received().await(AnswerTurn.class, index + 1).get(index);
  }

  private void seal(int order) throws Exception {
    provider.seal(order(order), "answer " + order).await(5, SECONDS);
  }
}
