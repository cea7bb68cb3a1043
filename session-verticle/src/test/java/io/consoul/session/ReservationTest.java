package io.consoul.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.Batch;
import io.consoul.message.BeginTurn;
import io.consoul.message.DeleteSession;
import io.consoul.message.IdempotencyKey;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The memory store, while a batch has a session to itself,")
class ReservationTest {

  private static final Duration LEASE = Duration.ofSeconds(5);

  private final StoreFixture fixture =
      new StoreFixture(new JsonObject().put("leaseSeconds", LEASE.toSeconds()));

  @Test
  @DisplayName("lets only its turns begin, until the last of them has ended")
  void exclusive() {
    seal(batched("b", false));
    assertThat(begin(fixture.turn("s", "x"))).isEqualTo(new SessionStore.Begun.Busy(LEASE));
    assertThat(begin(batched("c", false))).isEqualTo(new SessionStore.Begun.Busy(LEASE));
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
  @DisplayName("gives the session up when the next turn has not come for as long as a lease")
  void lapse() {
    seal(batched("b", false));
    fixture.pass(LEASE.minusMillis(1));
    assertThat(begin(fixture.turn("s", "x")))
        .isEqualTo(new SessionStore.Begun.Busy(Duration.ofMillis(1)));

    seal(batched("b", false));
    fixture.pass(LEASE.minusMillis(1));
    assertThat(begin(fixture.turn("s", "x"))).isInstanceOf(SessionStore.Begun.Busy.class);
    fixture.pass(Duration.ofMillis(1));
    assertThat(begin(fixture.turn("s", "x"))).isInstanceOf(SessionStore.Begun.Granted.class);
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
    fixture.pass(LEASE);
    assertThat(begin(fixture.turn("s", "x"))).isEqualTo(new SessionStore.Begun.Busy(LEASE));

    BeginTurn second = batched("b", false);
    fixture.granted(second);
    StoreFixture.get(fixture.store.cancel(TurnKey.of(second)));
    assertThat(begin(fixture.turn("s", "x"))).isEqualTo(new SessionStore.Begun.Busy(LEASE));
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
  @DisplayName("lets it go with the session, and forgets it in a sweep when its time is over")
  void forgotten() {
    seal(batched("b", false));
    BeginTurn turn = fixture.turn("s", "x");
    StoreFixture.get(fixture.catalog.delete(new DeleteSession(turn.session(), turn.tenant())));
    assertThat(begin(turn)).isInstanceOf(SessionStore.Begun.Granted.class);

    BeginTurn other = fixture.turn("t", "x").in(new Batch("b", false));
    fixture.seal(other, fixture.granted(other).lease(), "eins");
    StoreFixture.get(fixture.store.sweep(10, true));
    assertThat(fixture.store.remnants()).as("one reserved, one buried").isEqualTo(2);
    fixture.pass(LEASE);
    StoreFixture.get(fixture.store.sweep(10, true));
    assertThat(fixture.store.remnants()).as("one buried").isEqualTo(1);
    fixture.pass(Duration.ofMinutes(10));
    StoreFixture.get(fixture.store.sweep(10, true));
    assertThat(fixture.store.remnants()).isZero();
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
