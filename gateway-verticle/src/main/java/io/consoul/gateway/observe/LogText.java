package io.consoul.gateway.observe;

/** Text of a stranger's for the log: on one line, of a bounded length, and never able to look like something else. */
final class LogText {

  private static final String CUT = "...";

  private LogText() {}

  /** As {@link #of}, in one word: for what stands in the midst of a line, where a blank could begin another field. */
  static String word(String text, int max) {
    return of(text, max).replace(" ", "\\x20");
  }

  /**
   * @param text or null, which is a hyphen
   * @param max characters of it that are kept
   */
  static String of(String text, int max) {
    if (text == null) {
      return "-";
    }
    int length = Math.min(text.length(), max);
    for (int i = 0; i < length; i++) {
      if (!isPlain(text.charAt(i))) {
        return escaped(text, max);
      }
    }
    return length == text.length() ? text : text.substring(0, length) + CUT;
  }

  private static String escaped(String text, int max) {
    StringBuilder escaped = new StringBuilder(max);
    for (int i = 0; i < Math.min(text.length(), max); i++) {
      char c = text.charAt(i);
      if (isPlain(c)) {
        escaped.append(c);
      } else {
        escaped.append(String.format(c < 256 ? "\\x%02x" : "\\u%04x", (int) c));
      }
    }
    return text.length() > max ? escaped.append(CUT).toString() : escaped.toString();
  }

  /** Quotation marks would end a value of the text layout. */
  private static boolean isPlain(char c) {
    return c >= ' ' && c <= '~' && c != '"' && c != '\\';
  }
}
