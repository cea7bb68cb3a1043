package io.consoul.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.Batch;
import io.consoul.message.BeginTurn;
import io.consoul.message.DeleteSession;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The memory store, while a batch has a session to itself,")
class ReservationTest {

  private static final Duration LEASE = Duration.ofSeconds(5);

  private final MemoryFixture fixture =
      new MemoryFixture(new JsonObject().put("leaseSeconds", LEASE.toSeconds()));

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
  @DisplayName("lets it go with the session, and forgets it in a sweep when its time is over")
  void forgotten() {
    seal(batched("b", false));
    BeginTurn turn = fixture.turn("s", "x");
    StoreFixture.get(fixture.catalog.delete(new DeleteSession(turn.session(), turn.tenant())));
    assertThat(begin(turn)).isInstanceOf(SessionStore.Begun.Granted.class);

    BeginTurn other = fixture.turn("t", "x").in(new Batch("b", false));
    fixture.seal(other, fixture.granted(other).lease(), "eins");
    StoreFixture.get(fixture.store.sweep(10, true));
    assertThat(fixture.memory.remnants()).as("one reserved, one buried").isEqualTo(2);
    fixture.pass(LEASE);
    StoreFixture.get(fixture.store.sweep(10, true));
    assertThat(fixture.memory.remnants()).as("one buried").isEqualTo(1);
    fixture.pass(Duration.ofMinutes(10));
    StoreFixture.get(fixture.store.sweep(10, true));
    assertThat(fixture.memory.remnants()).isZero();
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
}
