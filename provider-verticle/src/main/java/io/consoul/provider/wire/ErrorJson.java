package io.consoul.provider.wire;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Locale;

/** Reads the errors of providers, whose fields may be of any kind and length. */
public final class ErrorJson {

  /** What matters stands in the first sentences. Looking for it in a text without a bound could hold up a thread for long. */
  private static final int LONGEST_TEXT = 2_000;

  private ErrorJson() {}

  /** Whether a chunk of a stream is an error. */
  public static boolean isIn(JsonObject chunk) {
    Object error = chunk.getValue("error");
    return !(error == null
        || error.equals(false)
        || error.equals("")
        || error instanceof Number number && number.doubleValue() == 0
        || error instanceof JsonObject object && object.isEmpty()
        || error instanceof JsonArray array && array.isEmpty());
  }

  /** In lower case, never null; empty for what is no text and no number. */
  public static String word(JsonObject error, String key) {
    return text(error.getValue(key));
  }

  /** In lower case, never null; empty for what is no text and no number. */
  public static String text(Object value) {
    if (!(value instanceof String) && !(value instanceof Number)) {
      return "";
    }
    String text = value.toString();
    return text.substring(0, Math.min(text.length(), LONGEST_TEXT)).toLowerCase(Locale.ROOT);
  }
}
