package io.consoul.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The keys of a caller's limits")
class LimitKeysTest {

  private final LimitKeys keys = new LimitKeys("consoul:ratelimit:");

  @Test
  @DisplayName("have the same in their only braces, so that they lie in one slot of a cluster")
  void oneSlot() {
    assertThat(Arrays.stream(WindowKind.values()).map(kind -> key("a", kind)).toList())
        .doesNotHaveDuplicates()
        .allMatch(
            key -> key.matches("consoul:ratelimit:\\{[A-Za-z0-9_-]{22}}:(log|slots|fixed):60000"))
        .extracting(key -> key.substring(0, key.indexOf('}')))
        .containsOnly(key("a", WindowKind.LOG).substring(0, 41));
  }

  @Test
  @DisplayName("are another's for another caller, and do not show who it is")
  void hashed() {
    assertThat(key("a", WindowKind.LOG)).isNotEqualTo(key("b", WindowKind.LOG));
    assertThat(key("secret}:1234", WindowKind.LOG)).doesNotContain("secret", "1234");
  }

  private String key(String who, WindowKind kind) {
    return keys.of(who).key(kind, new Window(10, Duration.ofMinutes(1)));
  }
}
