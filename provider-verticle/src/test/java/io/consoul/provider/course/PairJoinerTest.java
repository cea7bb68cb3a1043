package io.consoul.provider.course;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The joiner of surrogate pairs")
class PairJoinerTest {

  private final PairJoiner pairs = new PairJoiner();

  @Test
  @DisplayName("joins a pair that arrives in two pieces")
  void twoPieces() {
    assertThat(pairs.join("a\uD83E")).isEqualTo("a");
    assertThat(pairs.join("")).isEmpty();
    assertThat(pairs.join("\uDD89b")).isEqualTo("🦉b");
    assertThat(pairs.end()).isEmpty();
  }

  @Test
  @DisplayName("replaces a surrogate that stays alone")
  void alone() {
    assertThat(pairs.join("\uDD89")).isEqualTo("\uFFFD");
    assertThat(pairs.join("\uD83E")).isEmpty();
    assertThat(pairs.join("x")).isEqualTo("\uFFFDx");
    assertThat(pairs.join("\uD83E\uD83E\uDD89")).isEqualTo("\uFFFD🦉");
    assertThat(pairs.join("end\uD83E")).isEqualTo("end");
    assertThat(pairs.end()).isEqualTo("\uFFFD");
    assertThat(pairs.end()).isEmpty();
  }
}
