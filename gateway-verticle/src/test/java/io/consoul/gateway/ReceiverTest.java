package io.consoul.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.Delta;
import io.consoul.message.SessionId;
import io.consoul.message.TurnId;
import java.security.SecureRandom;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The receiver of an answer")
class ReceiverTest {

  private static final TurnId TURN = TurnId.mint(new SessionId("s"), new SecureRandom());

  private final Receiver receiver = new Receiver(0);

  private static Delta delta(long fence, int offset, String text) {
    return new Delta(TURN, fence, offset, text);
  }

  @Test
  @DisplayName("joins pieces that wait, and hands each on once")
  void joins() {
    assertThat(receiver.take(delta(1, 0, "Hel"))).isTrue();
    assertThat(receiver.take(delta(1, 3, "lo"))).isTrue();
    assertThat(receiver.handedOn()).isZero();
    assertThat(receiver.handOn()).isEqualTo("Hello");
    assertThat(receiver.handedOn()).isEqualTo(5);
    assertThat(receiver.hasNews()).isFalse();
  }

  @Test
  @DisplayName("drops what it has: repeats and overlaps")
  void overlaps() {
    receiver.take(delta(1, 0, "Hello"));
    assertThat(receiver.take(delta(1, 0, "Hello"))).isTrue();
    assertThat(receiver.take(delta(1, 3, "lo, world"))).isTrue();
    assertThat(receiver.handOn()).isEqualTo("Hello, world");
    assertThat(receiver.take(delta(1, 0, "Hel"))).isTrue();
    assertThat(receiver.hasNews()).isFalse();
    assertThat(receiver.length()).isEqualTo(12);
  }

  @Test
  @DisplayName("takes nothing beyond a gap, neither text nor the end")
  void gap() {
    receiver.take(delta(1, 0, "Hel"));
    assertThat(receiver.take(delta(1, 4, "o"))).isFalse();
    assertThat(receiver.end(1, 5)).isFalse();
    assertThat(receiver.length()).isEqualTo(3);
    assertThat(receiver.take(delta(1, 3, "lo"))).isTrue();
    assertThat(receiver.end(1, 5)).isTrue();
  }

  @Test
  @DisplayName("does not admit events of an older attempt")
  void fences() {
    assertThat(receiver.admits(7)).isTrue();
    assertThat(receiver.admits(6)).isFalse();
    assertThat(receiver.admits(7)).isTrue();
    assertThat(receiver.fence()).isEqualTo(7);
  }

  @Test
  @DisplayName("is cut back by a new attempt to where that one begins, also after its sign of life")
  void cutBackOfShownText() {
    receiver.take(delta(1, 0, "Hello"));
    receiver.handOn();
    receiver.take(delta(1, 5, ", wor"));
    receiver.admits(2);
    assertThat(receiver.take(delta(2, 3, "p"))).isTrue();
    assertThat(receiver.handedOn()).isEqualTo(3);
    assertThat(receiver.handOn()).isEqualTo("p");
    assertThat(receiver.length()).isEqualTo(4);
  }

  @Test
  @DisplayName("cuts back text that nobody has seen without a trace")
  void cutBackOfWaitingText() {
    receiver.take(delta(1, 0, "Hel"));
    receiver.handOn();
    receiver.take(delta(1, 3, "lo!"));
    receiver.take(delta(2, 4, "p"));
    assertThat(receiver.handedOn()).isEqualTo(3);
    assertThat(receiver.handOn()).isEqualTo("lp");
  }

  @Test
  @DisplayName("tells of a cut even where no text follows it")
  void cutBackByTheEnd() {
    receiver.take(delta(1, 0, "Hello"));
    receiver.handOn();
    assertThat(receiver.end(2, 2)).isTrue();
    assertThat(receiver.hasNews()).isTrue();
    assertThat(receiver.handedOn()).isEqualTo(2);
    assertThat(receiver.handOn()).isEmpty();
    assertThat(receiver.hasNews()).isFalse();
  }

  @Test
  @DisplayName("puts the whole answer together however it is cut, repeated and read")
  void anyCuts() {
    Random random = new Random(42);
    for (int round = 0; round < 500; round++) {
      String answer = "0123456789abcdefghij".repeat(1 + random.nextInt(4));
      Receiver puzzled = new Receiver(0);
      StringBuilder shown = new StringBuilder();
      while (puzzled.length() < answer.length()) {
        int from = random.nextInt(answer.length());
        int to = from + random.nextInt(answer.length() - from + 1);
        puzzled.take(delta(1, from, answer.substring(from, to)));
        if (random.nextBoolean()) {
          assertThat(puzzled.handedOn()).isEqualTo(shown.length());
          shown.append(puzzled.handOn());
        }
      }
      shown.append(puzzled.handOn());
      assertThat(shown).hasToString(answer);
    }
  }
}
