package io.consoul.provider.wire;

import java.util.function.Consumer;

/**
 * Finds JSON objects in lines of text, each on one line or on many. What stands between them, such as the brackets and commas of
 * an array, is passed over.
 */
public final class BareJson {

  /** Longest object in UTF-16 code units: more is none of a sane server. */
  public static final int LIMIT = 1 << 20;

  private final StringBuilder object = new StringBuilder();
  private int depth;
  private boolean inString;
  private boolean escaped;

  /**
   * @param objects called with the text of every object that this line completes
   * @throws Overflow when the server is not sane
   */
  public void feed(String line, Consumer<String> objects) {
    int start = 0;
    for (int i = 0; i < line.length(); i++) {
      if (depth == 0) {
        start = i;
      }
      if (isEnd(line.charAt(i))) {
        keep(line, start, i + 1);
        String whole = object.toString();
        object.setLength(0);
        objects.accept(whole);
      }
    }
    if (depth > 0) {
      keep(line, start, line.length());
    }
  }

  /** Whether an object ends with this character. */
  private boolean isEnd(char next) {
    if (inString) {
      inString = escaped || next != '"';
      escaped = !escaped && next == '\\';
    } else if (next == '{') {
      depth++;
    } else if (depth > 0) {
      inString = next == '"';
      return next == '}' && --depth == 0;
    }
    return false;
  }

  private void keep(String line, int from, int to) {
    if (to - from > LIMIT - object.length()) {
      throw new Overflow(LIMIT);
    }
    object.append(line, from, to);
  }
}
