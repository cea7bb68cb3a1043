package io.consoul.provider.course;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.Usage;
import io.consoul.provider.Model;
import io.consoul.provider.Prices;
import io.consoul.provider.Route.Step;
import io.consoul.provider.Target;
import io.consoul.provider.Upstream;
import io.consoul.provider.UpstreamFailure.Cause;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The targets of a turn")
class ItineraryTest {

  @Test
  @DisplayName("are asked in their order, each once")
  void once() {
    Itinerary itinerary = itinerary(target("a", 1, 0), target("b", 1, 0), target("c", 1, 0));
    assertThat(itinerary.target().model()).isEqualTo("a");
    assertThat(next(itinerary, Cause.CUT)).isEqualTo("b");
    assertThat(next(itinerary, Cause.CUT)).isEqualTo("c");
    assertThat(itinerary.hasNext(Cause.CUT)).isFalse();
  }

  @Test
  @DisplayName("may all be asked again for the rest of an answer, the one that broke off last")
  void startOver() {
    Itinerary itinerary = itinerary(target("a", 1, 0), target("b", 1, 0), target("c", 1, 0));
    next(itinerary, Cause.CUT);
    itinerary.startOver();
    assertThat(next(itinerary, Cause.CUT)).isEqualTo("c");
    assertThat(next(itinerary, Cause.CUT)).isEqualTo("a");
    assertThat(next(itinerary, Cause.CUT)).isEqualTo("b");
    assertThat(itinerary.hasNext(Cause.CUT)).isFalse();
  }

  @Test
  @DisplayName("help against a prompt that is too long only with a larger window")
  void windows() {
    Itinerary itinerary = itinerary(
        target("a", 100, 0), target("b", 50, 0), target("c", null, 0), target("d", 200, 0));
    assertThat(next(itinerary, Cause.TOO_LONG)).isEqualTo("d");
    assertThat(itinerary.hasNext(Cause.TOO_LONG)).isFalse();
    assertThat(itinerary.hasNext(Cause.CUT)).isTrue();
  }

  @Test
  @DisplayName("cost each its part of the answer, and the prompt once")
  void tally() {
    Target dear = target("dear", null, 10);
    Target cheap = target("cheap", null, 2);
    Tally tally = new Tally(dear);
    assertThat(tally.speaker()).isEqualTo(dear);
    tally.speaks(dear);
    tally.said(300);
    tally.speaks(cheap);
    assertThat(tally.speaker()).isEqualTo(dear);
    tally.said(100);
    assertThat(tally.speaker()).isEqualTo(cheap);

    Usage usage = tally.price(new Usage(1_000_000, 400_000, 0, true));

    assertThat(usage.estimatedCost()).isEqualTo(2 + 0.3 * 10 + 0.1 * 2);
    assertThat(usage.outputTokens()).isEqualTo(400_000);
  }

  private static String next(Itinerary itinerary, Cause cause) {
    assertThat(itinerary.hasNext(cause)).isTrue();
    itinerary.advance(cause);
    return itinerary.target().model();
  }

  private static Itinerary itinerary(Target... targets) {
    return new Itinerary(
        Arrays.stream(targets).map(target -> new Step(target, 0, null)).toList());
  }

  /** @param price of input and output alike */
  private static Target target(String model, Integer window, double price) {
    Prices prices = new Prices(price, price, price);
    Upstream upstream = new Upstream(
        "p",
        Upstream.Dialect.OPENAI,
        null,
        null,
        null,
        null,
        false,
        List.of(new Model(model, window, prices, null)),
        null,
        List.of());
    return new Target(upstream, model);
  }
}
