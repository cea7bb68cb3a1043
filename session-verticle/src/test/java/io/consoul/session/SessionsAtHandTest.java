package io.consoul.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.BeginTurn;
import io.consoul.message.ChatMessage;
import io.consoul.message.Cuts;
import io.consoul.message.FinishReason;
import io.consoul.message.Listener;
import io.consoul.message.SessionId;
import io.consoul.message.Settings;
import io.consoul.message.Tenant;
import io.consoul.message.TurnId;
import io.consoul.message.Usage;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The sessions at hand")
class SessionsAtHandTest {

  private final SessionsAtHand atHand = new SessionsAtHand(3);

  @Test
  @DisplayName("are those that were used last, and those with a turn in progress")
  void bounded() {
    keepWithTurn("a");
    keep("b", 1);
    keep("c", 1);
    assertThat(atHand.find("default:b")).isPresent();
    keep("d", 1);

    assertThat(atHand.find("default:a")).isPresent();
    assertThat(atHand.find("default:b")).isPresent();
    assertThat(atHand.find("default:c")).isEmpty();
    assertThat(atHand.size()).isEqualTo(3);
  }

  @Test
  @DisplayName("are twice as many at most when all have a turn in progress")
  void allInUse() {
    for (int i = 0; i < 20; i++) {
      keepWithTurn("s" + i);
    }

    assertThat(atHand.size()).isEqualTo(6);
    assertThat(atHand.find("default:s19")).isPresent();
  }

  @Test
  @DisplayName("are fewer where they are long")
  void bytes() {
    keep("a", SessionsAtHand.TOKENS_EACH);
    keep("b", 2 * SessionsAtHand.TOKENS_EACH);
    assertThat(atHand.size()).isEqualTo(2);
    keep("c", 1);
    assertThat(atHand.size()).as("the oldest is gone").isEqualTo(2);

    keep("d", 100 * SessionsAtHand.TOKENS_EACH);
    assertThat(atHand.size()).isEqualTo(1);
    keep("e", 1);
    assertThat(atHand.find("default:e")).isPresent();
    keep("f", 1);
    assertThat(atHand.size()).isEqualTo(2);
  }

  private void keep(String session, int tokens) {
    atHand.keep(session(session, tokens), "token");
  }

  private void keepWithTurn(String name) {
    MemorySession session = session(name, 1);
    PendingTurn turn = new PendingTurn(
        new BeginTurn(turn(name), Tenant.DEFAULT, "text", null, new Listener("inbox", 1)),
        1,
        1,
        Instant.EPOCH);
    session.begin(turn);
    atHand.keep(session, "token");
  }

  private static MemorySession session(String name, int tokens) {
    MemorySession session = new MemorySession(
        new MemorySession.Origin(
            Tenant.DEFAULT, new SessionId(name), null, null, Settings.NONE, 0, Map.of()),
        Instant.EPOCH);
    TurnId turn = turn(name);
    session
        .transcript()
        .append(
            new StoredMessage(
                ChatMessage.user("x"), turn, Instant.EPOCH, tokens - 1, null, null, null),
            new StoredMessage(
                ChatMessage.assistant("x"),
                turn,
                Instant.EPOCH,
                1,
                "model",
                Usage.NONE,
                FinishReason.STOP),
            new SealedTurn(1, 1, 1, null, 0, Cuts.NONE, Instant.EPOCH, 0, null, null));
    return session;
  }

  private static TurnId turn(String session) {
    return TurnId.mint(new SessionId(session), new Random());
  }
}
