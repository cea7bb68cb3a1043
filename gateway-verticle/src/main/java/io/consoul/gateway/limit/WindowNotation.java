package io.consoul.gateway.limit;

import io.consoul.config.Form;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How people write rate limits: {@code 10/minute; 1000 per day}, or such texts in a list. */
final class WindowNotation {

  private static final String UNLIMITED = "unlimited";

  private static final Pattern WINDOW = Pattern.compile(
      "(\\d{1,12})\\s*(?:/|\\s+per\\s+)\\s*(?:(\\d{1,9})\\s*)?(second|minute|hour|day)s?",
      Pattern.CASE_INSENSITIVE);

  private static final Map<String, Integer> SECONDS =
      Map.of("second", 1, "minute", 60, "hour", 3_600, "day", 86_400);

  private static final String ALLOWED = "must be limits like \"10/minute\" or \"500 per 5 minutes\""
      + " (second, minute, hour or day), several in a list or with ; between them, or \"unlimited\"";

  /** One limit or several in a text, or such texts in a list. */
  static final JsonObject SCHEMA = new JsonObject()
      .put("type", new JsonArray().add("string").add("array"))
      .put("minLength", 1)
      .put("minItems", 1)
      .put("items", new JsonObject().put("type", "string").put("minLength", 1));

  static final Form FORM = new Form(
      "limits such as 10/minute, several with ; or in a list, or unlimited",
      SCHEMA.copy().put("type", new JsonArray().add("string").add("array").add("null")));

  private static final int MAX_LIMIT = 1_000_000_000;
  private static final Duration MAX_LENGTH = Duration.ofDays(366);
  private static final int MAX_WINDOWS = 8;

  /**
   * @return none for {@code unlimited}
   * @throws IllegalArgumentException with what is allowed
   */
  static List<Window> parse(Object written) {
    List<String> texts = texts(written);
    if (texts.equals(List.of(UNLIMITED))) {
      return List.of();
    }
    List<Window> windows = texts.stream().map(WindowNotation::window).toList();
    if (windows.isEmpty() || windows.size() > MAX_WINDOWS) {
      throw new IllegalArgumentException(ALLOWED + "; 1 to " + MAX_WINDOWS + " of them");
    }
    Set<Duration> lengths = new HashSet<>();
    for (Window window : windows) {
      if (!lengths.add(window.length())) {
        throw new IllegalArgumentException(
            "has two limits for the same time; the other one is " + window);
      }
    }
    return windows;
  }

  private static List<String> texts(Object written) {
    List<?> items = written instanceof JsonArray list ? list.getList() : List.of(written);
    List<String> texts = new ArrayList<>();
    for (Object item : items) {
      if (!(item instanceof String)) {
        throw new IllegalArgumentException(ALLOWED);
      }
      Arrays.stream(item.toString().split("[;,|]", -1))
          .map(text -> text.strip().toLowerCase(Locale.ROOT))
          .forEach(texts::add);
    }
    return texts;
  }

  private static Window window(String text) {
    Matcher parts = WINDOW.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException(ALLOWED + ", got " + quoted(text));
    }
    long limit = Long.parseLong(parts.group(1));
    if (limit < 1 || limit > MAX_LIMIT) {
      throw new IllegalArgumentException(
          "must have limits from 1 to " + MAX_LIMIT + ", got " + quoted(text));
    }
    long units = parts.group(2) == null ? 1 : Long.parseLong(parts.group(2));
    Duration length = Duration.ofSeconds(units * SECONDS.get(parts.group(3)));
    if (length.isZero() || length.compareTo(MAX_LENGTH) > 0) {
      throw new IllegalArgumentException("must have limits for a time from 1 second to "
          + MAX_LENGTH.toDays() + " days, got " + quoted(text));
    }
    return new Window((int) limit, length);
  }

  private static String quoted(String text) {
    return text.length() > 60 ? text.substring(0, 60) + "…" : text;
  }

  private WindowNotation() {}
}
