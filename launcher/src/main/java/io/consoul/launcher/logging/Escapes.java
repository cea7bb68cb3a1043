package io.consoul.launcher.logging;

/** What a terminal or a reader of lines would not take for text. */
final class Escapes {

  private Escapes() {}

  static boolean isControl(int c) {
    return Character.isISOControl(c) || c == '\u2028' || c == '\u2029';
  }

  static String ofControl(int c) {
    return String.format("\\u%04x", c);
  }

  /** The same text on one line. */
  static String ofControls(String text) {
    if (text.chars().noneMatch(Escapes::isControl)) {
      return text;
    }
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    text.chars().forEach(c -> {
      if (isControl(c)) {
        escaped.append(ofControl(c));
      } else {
        escaped.append((char) c);
      }
    });
    return escaped.toString();
  }
}
