package io.consoul.launcher.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.launcher.chat.Answer.Kind;
import io.consoul.launcher.chat.Answer.Step;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("An answer that is put together")
class AnswerTest {

  private final Answer answer = new Answer();

  @Test
  @DisplayName("prints pieces that follow one another as they are")
  void pieces() {
    assertThat(answer.add(0, "one ")).isEqualTo(new Step(Kind.CONTINUED, "one "));
    assertThat(answer.add(4, "two")).isEqualTo(new Step(Kind.CONTINUED, "two"));
    assertThat(answer.length()).isEqualTo(7);
  }

  @Test
  @DisplayName("prints what overlaps once, however it is cut")
  void overlap() {
    answer.add(0, "one two ");
    assertThat(answer.add(4, "two three")).isEqualTo(new Step(Kind.CONTINUED, "three"));
    assertThat(answer.add(0, "one")).isEqualTo(new Step(Kind.CONTINUED, ""));
    assertThat(answer.add(3, " two three four")).isEqualTo(new Step(Kind.CONTINUED, " four"));
    assertThat(answer.isOvershown()).isFalse();
  }

  @Test
  @DisplayName(
      "goes on where a cut back answer becomes another one, from the beginning of the word")
  void cutBack() {
    answer.add(0, "the red house");
    assertThat(answer.add(8, "horse ran")).isEqualTo(new Step(Kind.REWRITTEN, "horse ran"));
    assertThat(answer.add(8, "horse ran off")).isEqualTo(new Step(Kind.CONTINUED, " off"));
  }

  @Test
  @DisplayName("that is cut back counts from there, and knows that more was shown")
  void shorter() {
    answer.add(0, "one two three");
    answer.add(4, "two");
    assertThat(answer.length()).isEqualTo(7);
    assertThat(answer.isOvershown()).isTrue();
    assertThat(answer.add(7, " three")).isEqualTo(new Step(Kind.CONTINUED, ""));
    assertThat(answer.isOvershown()).isFalse();
  }

  @Test
  @DisplayName("sees that something is missing")
  void gap() {
    answer.add(0, "one");
    assertThat(answer.add(4, "two").kind()).isEqualTo(Kind.GAP);
    assertThat(answer.length()).isEqualTo(3);
  }

  @Test
  @DisplayName("never begins anew inside a surrogate pair")
  void surrogates() {
    answer.add(0, "x".repeat(60) + "😀");
    // 😀 and 😁 begin with the same unit.
    assertThat(answer.add(60, "😁").text()).endsWith("x😁");
    assertThat(answer.length()).isEqualTo(62);

    Answer faces = new Answer();
    faces.add(0, "😀".repeat(40));
    String again = faces.add(78, "😁!").text();
    assertThat(Character.isLowSurrogate(again.charAt(0))).isFalse();
  }
}
