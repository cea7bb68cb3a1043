package io.consoul.config;

import java.math.BigDecimal;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * How a single value is written.
 *
 * @param form stands behind "must be" in messages
 * @param type of JSON that a file has it in; a variable has always text
 * @param parse empty where a text is not written so
 */
record Notation<T>(Form form, Class<?> type, Function<String, Optional<T>> parse) {

  static final Notation<String> TEXT = new Notation<>(Form.TEXT, String.class, Optional::of);

  static final Notation<Secret> SECRET =
      new Notation<>(Form.TEXT, String.class, text -> Optional.of(new Secret(text)));

  private static final Map<String, Boolean> FLAGS = Map.of(
      "true", true, "yes", true, "on", true, "1", true, "false", false, "no", false, "off", false,
      "0", false);

  static final Notation<Boolean> FLAG = new Notation<>(
      Form.FLAG,
      Boolean.class,
      text -> Optional.ofNullable(FLAGS.get(text.toLowerCase(Locale.ROOT))));

  static Notation<Integer> integer(int min, int max) {
    return new Notation<>(
        Form.integer(min, max),
        Number.class,
        text -> number(text, min, max)
            .filter(number -> number == Math.rint(number))
            .map(Double::intValue));
  }

  /** @param what there are so many of */
  static Notation<Double> decimal(String what, double min, double max) {
    return new Notation<>(
        Form.decimal(what, min, max), Number.class, text -> number(text, min, max));
  }

  /** One of an enum's constants, in any case, with hyphens between its words. */
  static <E extends Enum<E>> Notation<E> constant(Class<E> type) {
    List<E> constants = List.of(type.getEnumConstants());
    return new Notation<>(
        Form.constants(constants.stream().map(Notation::written).toList()),
        String.class,
        text -> constants.stream()
            .filter(constant -> constant.name().equalsIgnoreCase(text.replace('-', '_')))
            .findFirst());
  }

  /** As somebody would write it into a file, without credentials; empty for null. */
  static String written(Object value) {
    if (value == null) {
      return "";
    }
    if (value instanceof Enum<?> constant) {
      return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
    if (value instanceof Double number) {
      return Form.plain(number);
    }
    if (value instanceof Map<?, ?> table) {
      return table.entrySet().stream()
          .map(entry -> entry.getKey() + ": " + written(entry.getValue()))
          .collect(Collectors.joining("; "));
    }
    return value instanceof Collection<?> several
        ? several.stream().map(Notation::written).collect(Collectors.joining(", "))
        : MaskedUrl.of(value.toString());
  }

  private static Optional<Double> number(String text, double min, double max) {
    try {
      return Optional.of(new BigDecimal(text).doubleValue())
          .filter(number -> number >= min && number <= max);
    } catch (NumberFormatException notANumber) {
      return Optional.empty();
    }
  }
}
