package io.consoul.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.BusCodec;
import io.consoul.message.Hello;
import io.consoul.message.Kind;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("What is known of the others")
class OthersTest {

  private final Others others =
      new Others(InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z")), Duration.ofSeconds(3));

  @Test
  @DisplayName("has a bound, whoever says hello; those that are in it stay in it")
  void bounded() {
    others.heard(hello("first", 1));
    IntStream.range(0, Others.MOST_INSTANCES + 10).forEach(i -> others.heard(hello("i" + i, 1)));

    assertThat(others.hellos()).hasSize(Others.MOST_INSTANCES);
    others.heard(hello("first", 7));
    assertThat(others.hellos()).filteredOn(hello -> hello.load() == 7).hasSize(1);
    others.left("a");
    assertThat(others.hellos()).isEmpty();
  }

  @Test
  @DisplayName("holds no instance that has less than nothing to do")
  void negativeLoad() {
    others.heard(hello("odd", Integer.MIN_VALUE));

    assertThat(others.hellos()).extracting(Hello::load).containsExactly(0);
  }

  private static Hello hello(String inbox, int load) {
    return new Hello(Kind.PROVIDER, "a", inbox, load, false, false, BusCodec.NEWEST_VERSION);
  }
}
