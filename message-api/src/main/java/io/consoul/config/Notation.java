package io.consoul.config;

import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * How a single value is written.
 *
 * @param allowed stands behind "must be" in messages
 * @param parse empty where a text is not written so
 */
record Notation<T>(String allowed, Function<String, Optional<T>> parse) {

  static final Notation<String> TEXT = new Notation<>("text", Optional::of);

  static final Notation<Secret> SECRET =
      new Notation<>("text", text -> Optional.of(new Secret(text)));

  private static final Map<String, Boolean> FLAGS = Map.of(
      "true", true, "yes", true, "on", true, "1", true, "false", false, "no", false, "off", false,
      "0", false);

  static final Notation<Boolean> FLAG = new Notation<>(
      "true or false", text -> Optional.ofNullable(FLAGS.get(text.toLowerCase(Locale.ROOT))));

  static Notation<Integer> integer(int min, int max) {
    return new Notation<>(
        "an integer from " + min + " to " + max,
        text -> number(text, min, max)
            .filter(number -> number == Math.rint(number))
            .map(Double::intValue));
  }

  /** @param what there are so many of */
  static Notation<Double> decimal(String what, double min, double max) {
    return new Notation<>(
        what + " from " + plain(min) + " to " + plain(max), text -> number(text, min, max));
  }

  /** One of an enum's constants, in any case, with hyphens between its words. */
  static <E extends Enum<E>> Notation<E> constant(Class<E> type) {
    List<E> constants = List.of(type.getEnumConstants());
    return new Notation<>(
        constants.stream()
            .map(constant -> constant.name().replace('_', '-'))
            .collect(Collectors.joining(", ", "one of ", "")),
        text -> constants.stream()
            .filter(constant -> constant.name().equalsIgnoreCase(text.replace('-', '_')))
            .findFirst());
  }

  private static Optional<Double> number(String text, double min, double max) {
    try {
      return Optional.of(new BigDecimal(text).doubleValue())
          .filter(number -> number >= min && number <= max);
    } catch (NumberFormatException notANumber) {
      return Optional.empty();
    }
  }

  private static String plain(double number) {
    return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }
}
