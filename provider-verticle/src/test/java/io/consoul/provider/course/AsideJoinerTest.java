package io.consoul.provider.course;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.Aside;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("What a model says besides its answer")
class AsideJoinerTest {

  private final AsideJoiner joiner = new AsideJoiner();

  @Test
  @DisplayName("is not cut inside a character, each tool call by itself")
  void pairs() {
    assertThat(joiner.join(new Aside.Reasoning("hm \uD83E"))).contains(new Aside.Reasoning("hm "));
    assertThat(joiner.join(new Aside.ToolCall(0, "a", "f", "\uD83E")))
        .contains(new Aside.ToolCall(0, "a", "f", ""));
    assertThat(joiner.join(new Aside.ToolCall(1, "b", "g", "{}")))
        .contains(new Aside.ToolCall(1, "b", "g", "{}"));
    assertThat(joiner.join(new Aside.ToolCall(0, null, null, "\uDD89")))
        .contains(new Aside.ToolCall(0, null, null, "🦉"));
    assertThat(joiner.join(new Aside.Reasoning("\uDD89"))).contains(new Aside.Reasoning("🦉"));
    assertThat(joiner.join(new Aside.Reasoning("\uD83E"))).isEmpty();
  }
}
