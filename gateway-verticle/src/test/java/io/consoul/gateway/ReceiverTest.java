package io.consoul.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.Completed;
import io.consoul.message.Cuts;
import io.consoul.message.Delta;
import io.consoul.message.Heard;
import io.consoul.message.Replayed;
import io.consoul.message.SessionId;
import io.consoul.message.TurnId;
import java.security.SecureRandom;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The receiver of an answer")
class ReceiverTest {

  private static final TurnId TURN = TurnId.mint(new SessionId("s"), new SecureRandom());

  private final Receiver receiver = new Receiver(0, 0);

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
  @DisplayName("is cut back to where a new attempt parts from its text, and tells so at once")
  void cutBackOfShownText() {
    receiver.take(delta(1, 0, "Hello"));
    receiver.handOn();
    receiver.take(delta(1, 5, ", wor"));
    receiver.admits(2);
    assertThat(receiver.attempt(2, Cuts.NONE.and(3))).isTrue();
    assertThat(receiver.hasNews()).isTrue();
    assertThat(receiver.handedOn()).isEqualTo(3);
    assertThat(receiver.handOn()).isEmpty();
    assertThat(receiver.cuts()).isEqualTo(1);
    assertThat(receiver.take(delta(2, 3, "p"))).isTrue();
    assertThat(receiver.handOn()).isEqualTo("p");
    assertThat(receiver.length()).isEqualTo(4);
  }

  @Test
  @DisplayName("keeps all that a new attempt goes on from")
  void goesOn() {
    receiver.take(delta(1, 0, "Hello"));
    receiver.attempt(2, Cuts.NONE.and(5));
    receiver.take(delta(2, 5, "!"));
    assertThat(receiver.handOn()).isEqualTo("Hello!");
  }

  @Test
  @DisplayName("holds what a new attempt says until it knows what that has kept of its text")
  void early() {
    receiver.take(delta(1, 0, "Hello"));
    assertThat(receiver.take(delta(2, 3, "p, "))).isTrue();
    assertThat(receiver.take(delta(2, 6, "I"))).isTrue();
    assertThat(receiver.handOn()).isEqualTo("Hello");
    assertThat(receiver.end(2, 7)).isFalse();
    assertThat(receiver.attempt(2, Cuts.NONE.and(3))).isTrue();
    assertThat(receiver.handedOn()).isEqualTo(3);
    assertThat(receiver.handOn()).isEqualTo("p, I");
    assertThat(receiver.end(2, 7)).isTrue();
  }

  @Test
  @DisplayName("says that text is missing before what a new attempt has said early")
  void earlyGap() {
    receiver.take(delta(1, 0, "Hello"));
    assertThat(receiver.take(delta(2, 4, "x"))).isTrue();
    assertThat(receiver.attempt(2, Cuts.NONE.and(3))).isFalse();
    assertThat(receiver.length()).isEqualTo(3);
  }

  @Test
  @DisplayName("drops text of another attempt where nobody tells how a new one parts from it")
  void untold() {
    receiver.take(delta(1, 0, "Hello"));
    receiver.handOn();
    receiver.attempt(2, Cuts.NONE);
    assertThat(receiver.handedOn()).isZero();
    assertThat(receiver.hasNews()).isTrue();
  }

  @Test
  @DisplayName("cuts back text that nobody has seen without a trace")
  void cutBackOfWaitingText() {
    receiver.take(delta(1, 0, "Hel"));
    receiver.handOn();
    receiver.take(delta(1, 3, "lo!"));
    receiver.attempt(2, Cuts.NONE.and(4));
    receiver.take(delta(2, 4, "p"));
    assertThat(receiver.handedOn()).isEqualTo(3);
    assertThat(receiver.handOn()).isEqualTo("lp");
  }

  @Test
  @DisplayName("is cut back by a stored answer that is of another attempt, and counts its cuts")
  void replayed() {
    receiver.take(delta(1, 0, "Hello"));
    receiver.handOn();
    Completed end = RunningGateway.completed(TURN, 2, 2);
    assertThat(receiver.take(new Replayed(TURN, 2, "", end, 3))).isTrue();
    assertThat(receiver.hasNews()).isTrue();
    assertThat(receiver.handedOn()).isEqualTo(2);
    assertThat(receiver.handOn()).isEmpty();
    assertThat(receiver.cuts()).isEqualTo(3);
  }

  @Test
  @DisplayName(
      "knows the end of what it has heard, cut back as the text was, and no half characters")
  void heard() {
    assertThat(receiver.heard()).isNull();
    receiver.take(delta(4, 0, "Hello"));
    assertThat(receiver.heard()).isEqualTo(new Heard(4, 0, "Hello"));
    receiver.attempt(5, Cuts.NONE.and(2));
    assertThat(receiver.heard()).isEqualTo(new Heard(5, 0, "He"));

    Receiver longer = new Receiver(7, 0);
    StringBuilder text = new StringBuilder();
    longer.attempt(1, Cuts.NONE);
    while (text.length() < 3 * Heard.MOST) {
      String piece = "\uD83D\uDE00" + "x".repeat(text.length() % 3);
      longer.take(delta(1, 7 + text.length(), piece));
      text.append(piece);
      if (text.length() > Heard.MOST) {
        Heard heard = longer.heard();
        assertThat(heard.text().length()).isBetween(Heard.MOST - 1, Heard.MOST);
        assertThat(Character.isLowSurrogate(heard.text().charAt(0))).isFalse();
        assertThat(text.substring(heard.offset() - 7)).isEqualTo(heard.text());
      }
    }
  }

  @Test
  @DisplayName("does not tell half a character that it has heard where the other half is forgotten")
  void halfForgotten() {
    String text = "\uD83D\uDE00".repeat(Heard.MOST) + "x";
    receiver.take(delta(1, 0, text));
    Heard heard = receiver.heard();
    assertThat(Character.isHighSurrogate(heard.text().charAt(0))).isTrue();
    assertThat(text.substring(heard.offset())).isEqualTo(heard.text());

    receiver.attempt(2, Cuts.NONE.and(text.length() - 1));
    assertThat(Character.isHighSurrogate(receiver.heard().text().charAt(0))).isTrue();
  }

  @Test
  @DisplayName("cuts a client back that claims to have more of a running answer than there is")
  void claimsTooMuch() {
    Receiver claiming = new Receiver(9, 0);
    assertThat(claiming.take(delta(1, 3, "lo"))).isTrue();
    assertThat(claiming.attempt(1, Cuts.NONE)).isTrue();
    assertThat(claiming.handedOn()).isEqualTo(3);
    assertThat(claiming.handOn()).isEqualTo("lo");
    assertThat(claiming.take(delta(1, 3, "lo, world"))).isTrue();
    assertThat(claiming.handedOn()).isEqualTo(5);
    assertThat(claiming.handOn()).isEqualTo(", world");
  }

  @Test
  @DisplayName("puts the whole answer together however it is cut, repeated and read")
  void anyCuts() {
    Random random = new Random(42);
    for (int round = 0; round < 500; round++) {
      String answer = "0123456789abcdefghij".repeat(1 + random.nextInt(4));
      Receiver puzzled = new Receiver(0, 0);
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
