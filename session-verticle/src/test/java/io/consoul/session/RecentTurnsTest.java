package io.consoul.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.ChatMessage;
import io.consoul.message.Cuts;
import io.consoul.message.FinishReason;
import io.consoul.message.SessionId;
import io.consoul.message.Settings;
import io.consoul.message.Tenant;
import io.consoul.message.TurnId;
import io.consoul.message.Usage;
import io.consoul.testkit.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Of the turns that were acknowledged of late")
class RecentTurnsTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final String LONG = "x".repeat(1024 * 1024);

  private final Random random = new Random(1);
  private final ManualClock clock = new ManualClock();
  private final RecentTurns recent = new RecentTurns(clock);

  @Test
  @DisplayName("each is held once, as it was told last, and in the order in which they were begun")
  void once() {
    AcknowledgedTurn one = turn("one", 1);
    AcknowledgedTurn two = turn("two", 3);
    AcknowledgedTurn whole = one.whole();
    List.of(one, two, whole).forEach(recent::add);

    assertThat(recent.size()).isEqualTo(2);
    assertThat(recent.bySession()).isEqualTo(Map.of("default:s", List.of(whole, two)));
    assertThat(recent.bySession().get("default:s").get(0)).isSameAs(whole);
  }

  @Test
  @DisplayName("one that is told again is kept as long as a new one")
  void again() {
    AcknowledgedTurn one = turn("one", 1);
    recent.add(one);
    recent.add(turn("two", 3));
    clock.advance(Duration.ofSeconds(100));
    recent.add(one);
    clock.advance(Duration.ofSeconds(100));

    assertThat(recent.bySession()).isEqualTo(Map.of("default:s", List.of(one)));
  }

  @Test
  @DisplayName(
      "the oldest go when all together are too long, and one that is told again counts once")
  void bounded() {
    AcknowledgedTurn first = turn(LONG, 1);
    IntStream.range(0, 20).forEach(time -> recent.add(first));
    assertThat(recent.size()).isOne();

    IntStream.range(1, 20).forEach(number -> recent.add(turn(LONG, 2 * number + 1)));

    assertThat(recent.size()).isEqualTo(15);
    assertThat(recent.bySession().get("default:s")).doesNotContain(first);
    recent.forget("default:s");
    assertThat(recent.size()).isZero();
  }

  private AcknowledgedTurn turn(String text, int answer) {
    SessionId session = new SessionId("s");
    TurnId id = TurnId.mint(session, random);
    return new AcknowledgedTurn(
        new MemorySession.Origin(
            Tenant.DEFAULT, session, null, "model", Settings.NONE, 0, Map.of()),
        NOW,
        true,
        new StoredMessage(ChatMessage.user(text), id, NOW, 1, null, null, null),
        new StoredMessage(
            ChatMessage.assistant("answer"),
            id,
            NOW,
            1,
            "model",
            new Usage(1, 1, 0.5, false),
            FinishReason.STOP),
        new SealedTurn(answer, answer, 6, "provider", 1, Cuts.NONE, NOW, 5, null, "token"),
        null);
  }
}
