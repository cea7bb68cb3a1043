package io.consoul.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A key's slot")
class RedisSlotTest {

  @Test
  @DisplayName("is the one that Redis says")
  void asRedis() {
    assertThat(RedisSlot.of("123456789")).isEqualTo(0x31C3);
    assertThat(RedisSlot.of("foo")).isEqualTo(12_182);
    assertThat(RedisSlot.of("")).isZero();
  }

  @Test
  @DisplayName("is that of what its first braces hold, if they hold anything")
  void braces() {
    assertThat(RedisSlot.of("a:{foo}:m")).isEqualTo(RedisSlot.of("foo"));
    assertThat(RedisSlot.of("{foo}{bar}")).isEqualTo(RedisSlot.of("foo"));
    assertThat(RedisSlot.of("{}foo")).isNotEqualTo(RedisSlot.of("foo"));
    assertThat(RedisSlot.of("foo{")).isNotEqualTo(RedisSlot.of("foo"));
  }
}
