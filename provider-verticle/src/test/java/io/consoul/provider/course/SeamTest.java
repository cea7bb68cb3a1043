package io.consoul.provider.course;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("An answer that was broken off")
class SeamTest {

  private static final String WHOLE =
      "The quick brown fox jumps over the lazy dog, and then it sleeps until the sun is up again. 🦊";

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  @DisplayName(
      "goes on with the same answer given anew, wherever it broke off and however it is cut")
  void sameAgain(long seed) {
    Random random = new Random(seed);
    for (int end = 1; end <= WHOLE.length(); end++) {
      String said = WHOLE.substring(0, end);
      assertThat(said + join(new Rejoin(said), WHOLE, random)).isEqualTo(WHOLE);
      assertThat(said + join(new Continuation(said), WHOLE.substring(end), random))
          .isEqualTo(WHOLE);
    }
  }

  @Test
  @DisplayName(
      "goes on after the words with which it broke off, where a new answer differs before them")
  void otherBeginning() {
    String said = "Well, here it is: the fox jumps over the lazy dog, and then";
    String again = "As you like. The fox jumps over the lazy dog, and then it sleeps.";
    assertThat(join(new Rejoin(said), again, new Random(7))).isEqualTo(" it sleeps.");
  }

  @ParameterizedTest
  @CsvSource({
    "The answer to your question is 42,It depends on the question.",
    "The answer to your question is 42,The answer to your",
    "The answer to your question is 42,''",
    "Hm,Ah yes"
  })
  @DisplayName("is not joined to an answer that does not agree with it")
  void other(String said, String again) {
    assertThat(join(new Rejoin(said), again, new Random(7))).isNull();
  }

  @Test
  @DisplayName("does not wait for ever for an answer that agrees")
  void hopeless() {
    Rejoin seam = new Rejoin("The answer to your question is 42");
    String other = "no ".repeat(1_000);
    assertThat(seam.take(other)).isEmpty();
    assertThat(seam.isHopeless()).isFalse();
    assertThat(seam.take(other)).isEmpty();
    assertThat(seam.isHopeless()).isTrue();
  }

  @Test
  @DisplayName("is not joined to what it had said itself long before its end")
  void saidTwice() {
    String refrain = "and the band played on, and on, and on, all night; ";
    String said = "First verse " + refrain + "second verse " + refrain;
    String again = "A verse " + refrain + "and good night.";
    assertThat(join(new Rejoin(said), again, new Random(7))).isNull();
  }

  @Test
  @DisplayName("is not joined by words that it had said over and over")
  void saidOverAndOver() {
    String row = "| 0 | 0 | 0 | 0 |\n";
    String said = "Here it is:\n" + row.repeat(10);
    String again = "This is it:\n" + row.repeat(20) + "That is all.";
    assertThat(join(new Rejoin(said), again, new Random(7))).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "'One, ',' two','One, two'",
    "'One,\n\n','\n\ntwo','One,\n\ntwo'",
    "'One, ',two,'One, two'",
    "'One,',' two','One, two'",
    "'One, ',' ','One, '",
  })
  @DisplayName("does not get the white space twice that its continuation was not told of")
  void whiteSpace(String said, String rest, String whole) {
    String joined = said + join(new Continuation(said), rest, new Random(7));
    assertThat(joined).isEqualTo(whole);
  }

  @Test
  @DisplayName(
      "is joined to a model that begins from the front although it was given the beginning")
  void startsOver() {
    String said = WHOLE.substring(0, 40);
    assertThat(join(new Continuation(said), WHOLE, new Random(7))).isEqualTo(WHOLE.substring(40));
    String shortly = "Yes, sir";
    assertThat(join(new Continuation(shortly), "Yes, sir, I can.", new Random(7)))
        .isEqualTo(", I can.");
  }

  @Test
  @DisplayName("may go on with words like its first ones")
  void likeTheBeginning() {
    String said = "The quick brown fox. ";
    assertThat(join(new Continuation(said), "The quick cat.", new Random(7)))
        .isEqualTo("The quick cat.");
    assertThat(join(new Continuation(said), "The", new Random(7))).isEqualTo("The");
  }

  /** What goes on, or null. */
  private static String join(Seam seam, String second, Random random) {
    StringBuilder joined = new StringBuilder();
    int at = 0;
    while (at < second.length()) {
      int end = Math.min(second.length(), at + 1 + random.nextInt(9));
      joined.append(seam.take(second.substring(at, end)));
      at = end;
    }
    String rest = seam.end();
    return rest == null ? null : joined.append(rest).toString();
  }
}
