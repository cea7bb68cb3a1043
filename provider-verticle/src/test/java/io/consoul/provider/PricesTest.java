package io.consoul.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.consoul.message.Usage;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The cost of a turn")
class PricesTest {

  private static final Prices PRICES = new Prices(2, 0.5, 8);

  @Test
  @DisplayName(
      "is that of its tokens, per million; those that the provider had cached have a price of their own")
  void cost() {
    assertThat(cost(new Usage(1_000, 100, 0, false))).isEqualTo(0.0028, within(1e-12));
    assertThat(cost(new Usage(1_000, 100, 400, 0, 0, false))).isEqualTo(0.0022, within(1e-12));
    assertThat(cost(new Usage(1_000_000, 1_000_000, 0, false))).isEqualTo(10, within(1e-9));
  }

  @Test
  @DisplayName("counts reasoning once: it is part of the output")
  void reasoning() {
    assertThat(cost(new Usage(0, 100, 0, 90, 0, false))).isEqualTo(0.0008, within(1e-12));
  }

  @Test
  @DisplayName("never falls below zero, even when more is said to be cached than was sent")
  void nonsense() {
    assertThat(cost(new Usage(10, 0, 1_000, 0, 0, false))).isEqualTo(0.000_005, within(1e-12));
  }

  @Test
  @DisplayName("is nothing where there is no price; the tokens and their being estimated stay")
  void none() {
    Usage estimated = new Usage(10, 20, 0, true);
    assertThat(Prices.NONE.of(estimated)).isEqualTo(estimated);
    assertThat(PRICES.of(estimated).estimated()).isTrue();
    assertThat(PRICES.of(estimated).outputTokens()).isEqualTo(20);
  }

  @Test
  @DisplayName("has no price below zero")
  void negative() {
    assertThatThrownBy(() -> new Prices(-1, 0, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Prices(0, 0, Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static double cost(Usage usage) {
    return PRICES.of(usage).estimatedCost();
  }
}
