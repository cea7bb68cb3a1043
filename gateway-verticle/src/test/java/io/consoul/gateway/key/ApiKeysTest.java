package io.consoul.gateway.key;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.Tenant;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("API keys")
class ApiKeysTest {

  private static ApiKeys of(List<ApiKey> keys) {
    return ApiKeys.of(new KeyConfig(keys, Set.of(), "X-API-Key", "api_key", Set.of("/open")));
  }

  private static ApiKey key(int number) {
    return new ApiKey(
        KeyHash.of("sk-key-number-" + number), "key" + number, Tenant.DEFAULT, null, null, null);
  }

  @Test
  @DisplayName("are found among ten thousand, and no other is")
  void tenThousand() {
    List<ApiKey> keys = IntStream.range(0, 10_000).mapToObj(ApiKeysTest::key).toList();
    ApiKeys all = of(keys);

    assertThat(keys).allMatch(key -> all.find(key.hash()).orElseThrow() == key);
    assertThat(all.find(KeyHash.of("sk-key-number-10000"))).isEmpty();
    assertThat(all.find(KeyHash.of(""))).isEmpty();
    assertThat(all.isEmpty()).isFalse();
  }

  @Test
  @DisplayName("are looked up by a hash that nobody else can compute")
  void salted() {
    KeyHash hash = KeyHash.of("sk-key-number-1");

    assertThat(hash.salted(new byte[] {1})).isNotEqualTo(hash.salted(new byte[] {2}));
    assertThat(hash.salted(new byte[] {1})).isEqualTo(hash.salted(new byte[] {1}));
  }

  @Test
  @DisplayName("are never printed")
  void printed() {
    assertThat(key(1).toString()).contains("***").doesNotContain("sk-");
  }

  @Test
  @DisplayName("are not asked for at the paths that are exactly the configured ones")
  void bypass() {
    ApiKeys keys = of(List.of());

    assertThat(keys.isEmpty()).isTrue();
    assertThat(keys.bypasses("/open")).isTrue();
    assertThat(keys.bypasses("/open/")).isFalse();
    assertThat(keys.bypasses("/OPEN")).isFalse();
    assertThat(keys.bypasses("/open/x")).isFalse();
  }
}
