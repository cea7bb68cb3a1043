package io.consoul.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.Batch;
import io.consoul.message.BeginTurn;
import io.consoul.message.EndBatch;
import io.consoul.message.IdempotencyKey;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What every store does while a batch has a session to itself. */
abstract class ReservationContract extends StoreContract {

  @Test
  @DisplayName("lets only its turns begin, until the last of them has ended")
  void exclusive() {
    seal(batched("b", false));
    assertKeptOut(fixture.turn("s", "x"));
    assertKeptOut(batched("c", false));
    assertThat(begin(fixture.turn("t", "x"))).isInstanceOf(SessionStore.Begun.Granted.class);

    seal(batched("b", true));
    assertThat(begin(fixture.turn("s", "x"))).isInstanceOf(SessionStore.Begun.Granted.class);
  }

  @Test
  @DisplayName("tells its turns, and no others, to go past those that wait")
  void standing() {
    assertThat(standing(batched("b", false))).isEqualTo(new SessionStore.Standing.InOrder());
    BeginTurn first = batched("b", false);
    var lease = fixture.granted(first).lease();
    assertThat(standing(batched("b", true))).isEqualTo(new SessionStore.Standing.Next());
    fixture.seal(first, lease, "eins");

    assertThat(standing(batched("b", true))).isEqualTo(new SessionStore.Standing.Next());
    assertThat(standing(batched("c", true))).isEqualTo(new SessionStore.Standing.InOrder());
    assertThat(standing(fixture.turn("s", "x"))).isEqualTo(new SessionStore.Standing.InOrder());
  }

  @Test
  @DisplayName("goes on when one of its turns is aborted, though that had made the session")
  void aborted() {
    BeginTurn first = batched("b", false);
    fixture.abort(first, fixture.granted(first).lease());
    assertThat(begin(fixture.turn("s", "x"))).isInstanceOf(SessionStore.Begun.Busy.class);

    BeginTurn last = batched("b", true);
    fixture.abort(last, fixture.granted(last).lease());
    assertThat(begin(fixture.turn("s", "x"))).isInstanceOf(SessionStore.Begun.Granted.class);
  }

  @Test
  @DisplayName("goes on when one of its turns loses its provider or is cancelled")
  void settled() {
    fixture.granted(batched("b", false));
    fixture.passForLeases(fixture.lease());
    assertKeptOut(fixture.turn("s", "x"));

    BeginTurn second = batched("b", false);
    fixture.granted(second);
    StoreFixture.get(fixture.store.cancel(TurnKey.of(second)));
    assertKeptOut(fixture.turn("s", "x"));
  }

  @Test
  @DisplayName("gives the session up when its last turn needs not run, since it is stored already")
  void lastIsARepeat() {
    IdempotencyKey key = new IdempotencyKey("key");
    seal(fixture.turn("s", "one of a batch").under(key));
    seal(batched("b", false));

    assertThat(begin(batched("b", true).under(key))).isInstanceOf(SessionStore.Known.Ended.class);

    assertThat(begin(fixture.turn("s", "x"))).isInstanceOf(SessionStore.Begun.Granted.class);
  }

  @Test
  @DisplayName("gives the session up when the next turn has not come for as long as a lease")
  void lapse() {
    seal(batched("b", false));
    fixture.lapse();

    assertThat(begin(fixture.turn("s", "x"))).isInstanceOf(SessionStore.Begun.Granted.class);
  }

  @Test
  @DisplayName("gives the session up when its batch is left, at once or after the turn that runs")
  void left() {
    seal(batched("b", false));
    endBatch("c");
    assertKeptOut(fixture.turn("s", "x"));
    endBatch("b");
    BeginTurn next = batched("b", false);
    var lease = fixture.granted(next).lease();
    endBatch("b");
    assertThat(begin(fixture.turn("s", "x"))).isInstanceOf(SessionStore.Begun.Busy.class);
    fixture.seal(next, lease, "answer");

    assertThat(begin(fixture.turn("s", "x"))).isInstanceOf(SessionStore.Begun.Granted.class);
  }

  private void endBatch(String batch) {
    BeginTurn turn = fixture.turn("s", "x");
    StoreFixture.get(fixture.store.endBatch(new EndBatch(turn.session(), turn.tenant(), batch)));
  }

  private void assertKeptOut(BeginTurn turn) {
    SessionStore.Begun.Busy busy = (SessionStore.Begun.Busy) begin(turn);
    assertThat(busy.freeIn()).isPositive().isLessThanOrEqualTo(fixture.lease());
  }

  private BeginTurn batched(String batch, boolean last) {
    return fixture.turn("s", "one of a batch").in(new Batch(batch, last));
  }

  private void seal(BeginTurn turn) {
    fixture.seal(turn, fixture.granted(turn).lease(), "answer");
  }

  private SessionStore.Begun begin(BeginTurn turn) {
    return fixture.begin(turn);
  }

  private SessionStore.Standing standing(BeginTurn turn) {
    return StoreFixture.get(fixture.store.standing(turn));
  }
}
