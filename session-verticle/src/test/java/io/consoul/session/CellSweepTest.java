package io.consoul.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.BeginTurn;
import io.consoul.message.BusMessage;
import io.consoul.message.Listener;
import io.consoul.message.SessionId;
import io.consoul.message.Swept;
import io.consoul.message.Tenant;
import io.consoul.message.TurnId;
import io.consoul.message.WireType;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A sweep of a cell whose turn has lost its provider")
class CellSweepTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant LAPSED = NOW.plusSeconds(5);
  private static final Duration GRACE = SessionConfig.GRACE_OF_SWEEP;
  private static final String TERMS = Terms.encoded(SessionConfig.from(new JsonObject()));

  private final BeginTurn turn = new BeginTurn(
      TurnId.mint(new SessionId("s"), new Random(1)),
      Tenant.DEFAULT,
      "one",
      null,
      new Listener("listener", 100));
  private final Cell cell = new Cell(turn.sessionKey());

  @Test
  @DisplayName("is due when those who follow the turn have had time to have it taken over")
  void due() {
    begin();

    assertThat(cell.isDue(LAPSED.plus(GRACE).minusMillis(1).toEpochMilli(), true))
        .isFalse();
    assertThat(cell.isDue(LAPSED.plus(GRACE).toEpochMilli(), true)).isTrue();
  }

  @Test
  @DisplayName(
      "leaves them the time that whoever sweeps says, which a version before that does not")
  void asItIsTold() {
    begin();
    JsonObject older = new JsonObject().put("orphans_only", true);

    assertThat(sweep(older.copy().put("grace_millis", GRACE.toMillis())).orphans())
        .isZero();
    assertThat(sweep(older).orphans()).isOne();
  }

  private void begin() {
    JsonObject asked = new JsonObject().put("tokens", 1).put("provider", "provider");
    cell.take(step(CellStep.Kind.BEGIN, turn, asked, NOW));
  }

  private Swept sweep(JsonObject how) {
    Outcome outcome = cell.take(step(CellStep.Kind.SWEEP, null, how, LAPSED));
    return StoreAnswers.message(WireType.SWEPT, Swept.class, outcome);
  }

  private static CellStep step(
      CellStep.Kind kind, BusMessage request, JsonObject more, Instant time) {
    byte[] id = new byte[Leases.TOKEN_BYTES];
    id[0] = (byte) kind.ordinal();
    return new CellStep(kind, request, more, TERMS, time, id);
  }
}
