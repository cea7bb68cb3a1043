package io.consoul.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The names of keys in Redis")
class RedisKeysTest {

  @Test
  @DisplayName("tell whose they are, also where the prefix has braces of its own")
  void bracesInPrefix() {
    RedisKeys keys = new RedisKeys("{app}:");

    assertThat(keys.nameInKey(keys.of("default:s").journal()).map(SessionName::key))
        .contains("default:s");
    assertThat(keys.nameInKey(keys.index())).isEmpty();
  }
}
