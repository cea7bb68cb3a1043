package io.consoul.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.Heard;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("What was journalled and what was heard of an answer")
class SeamTest {

  private static final long FENCE = 7;

  @Test
  @DisplayName(
      "are joined also where either is cut inside a surrogate pair, and end with a whole one")
  void halves() {
    assertThat(Seam.join("a\uD83D", FENCE, new Heard(FENCE, 2, "\uDE00b"))).isEqualTo("a😀b");
    assertThat(Seam.join("a😀", FENCE, new Heard(FENCE, 2, "\uDE00b\uD83D"))).isEqualTo("a😀b");
    assertThat(Seam.join("a\uD83D", FENCE, new Heard(FENCE, 0, "a\uD83D\uDE00")))
        .isEqualTo("a😀");
    assertThat(Seam.join("a\uD83D", FENCE, null)).isEqualTo("a");
    assertThat(Seam.join("\uD83D", FENCE, null)).isEmpty();
  }

  @Test
  @DisplayName("are what was journalled where they do not fit")
  void misfits() {
    assertThat(Seam.join("eins", FENCE, new Heard(FENCE + 1, 4, "!"))).isEqualTo("eins");
    assertThat(Seam.join("eins", FENCE, new Heard(FENCE, 5, "!"))).isEqualTo("eins");
    assertThat(Seam.join("eins", FENCE, new Heard(FENCE, -1, " eins!"))).isEqualTo("eins");
    assertThat(Seam.join("eins", FENCE, new Heard(FENCE, 0, "ein"))).isEqualTo("eins");
    assertThat(Seam.join("eins", FENCE, new Heard(FENCE, 0, "zwei!"))).isEqualTo("eins");
  }
}
