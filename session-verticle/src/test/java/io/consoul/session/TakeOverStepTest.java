package io.consoul.session;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.hazelcast.internal.serialization.Data;
import com.hazelcast.internal.serialization.InternalSerializationService;
import com.hazelcast.internal.serialization.impl.DefaultSerializationServiceBuilder;
import io.consoul.message.BeginTurn;
import io.consoul.message.BusMessage;
import io.consoul.message.Listener;
import io.consoul.message.SessionId;
import io.consoul.message.Tenant;
import io.consoul.message.TurnId;
import io.consoul.session.Takeovers.TakeOver;
import io.consoul.session.Takeovers.Takeover;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.AbstractMap.SimpleEntry;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A step that takes a turn over")
class TakeOverStepTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final String TERMS = Terms.encoded(SessionConfig.from(new JsonObject()));

  private final BeginTurn turn = new BeginTurn(
      TurnId.mint(new SessionId("s"), new Random(1)),
      Tenant.DEFAULT,
      "one",
      null,
      new Listener("listener", 100));

  private final InternalSerializationService serialization =
      new DefaultSerializationServiceBuilder()
          .addDataSerializableFactory(ClusterTypes.FACTORY, new ClusterTypes())
          .build();

  @Test
  @DisplayName("leaves the same at a backup as where it was taken")
  void backup() {
    Cell owned = cell();
    Cell copy = cell();
    CellStep step = takeOver(1);

    Takeover.Won won = won(step, owned);
    copy.take(asBackup(step));

    assertThat(copy.toJson()).isEqualTo(owned.toJson());
    assertThat(copy.session().pending().lease()).isEqualTo(won.granted().lease());
  }

  @Test
  @DisplayName("is the change of a lease for a backup of a version that knows no takeover")
  void olderBackup() {
    Cell owned = cell();
    Cell older = cell();
    CellStep step = takeOver(1);
    SessionStore.Lease before = older.session().pending().lease();

    Takeover.Won won = won(step, owned);
    Data written = serialization.toData(step.getBackupProcessor());
    older.take(step(
        CellStep.Kind.REASSIGN,
        turn,
        StoreAnswers.json(before).put("provider", "another"),
        step.bytes()));

    assertThat(new String(written.toByteArray(), US_ASCII))
        .contains("REASSIGN")
        .doesNotContain("TAKE_OVER");
    assertThat(older.session().pending().lease()).isEqualTo(won.granted().lease());
  }

  @Test
  @DisplayName("is nothing for a backup where the turn stays with its holder")
  void refused() {
    Cell owned = cell();
    CellStep step = takeOver(0);

    Outcome outcome = step.process(new SimpleEntry<>(turn.sessionKey(), owned));

    assertThat(StoreAnswers.takeover(outcome)).isInstanceOf(SessionStore.Known.Pending.class);
    assertThat(step.getBackupProcessor()).isNull();
  }

  private Takeover.Won won(CellStep step, Cell cell) {
    return (Takeover.Won)
        StoreAnswers.takeover(step.process(new SimpleEntry<>(turn.sessionKey(), cell)));
  }

  private CellStep asBackup(CellStep step) {
    return serialization.toObject(serialization.toData(step.getBackupProcessor()));
  }

  /** With the turn in progress. */
  private Cell cell() {
    Cell cell = new Cell(turn.sessionKey());
    JsonObject asked = new JsonObject().put("tokens", 1).put("provider", "provider");
    cell.take(step(CellStep.Kind.BEGIN, turn, asked, new byte[Leases.TOKEN_BYTES]));
    return cell;
  }

  /** @param after how much later than the begin it is allowed, in leases */
  private CellStep takeOver(int after) {
    byte[] token = new byte[Leases.TOKEN_BYTES];
    token[0] = 1;
    long fence = cell().session().pending().fence();
    TakeOver order =
        new TakeOver(TurnKey.of(turn), fence, null, Duration.ofSeconds(2), null, "another");
    Instant time = NOW.plusSeconds(5L * after);
    return new CellStep(
        CellStep.Kind.TAKE_OVER, null, StoreAnswers.json(order), TERMS, time, token);
  }

  private static CellStep step(
      CellStep.Kind kind, BusMessage request, JsonObject more, byte[] bytes) {
    return new CellStep(
        kind, request, more, TERMS, NOW.plusSeconds(kind == CellStep.Kind.BEGIN ? 0 : 5), bytes);
  }
}
