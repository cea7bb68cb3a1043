package io.consoul.provider.course;

/**
 * Makes well-formed text of pieces that may be cut inside a surrogate pair. A surrogate that stays alone has no UTF-8
 * form and becomes U+FFFD.
 */
final class PairJoiner {

  private static final char REPLACEMENT = '\uFFFD';

  private char waiting;

  /** The piece with what waited before it, without a high surrogate at its end, which waits for the next one. */
  String join(String piece) {
    if (piece.isEmpty()) {
      return piece;
    }
    if (waiting == 0 && isPlain(piece)) {
      return piece;
    }
    String text = waiting == 0 ? piece : waiting + piece;
    waiting = 0;
    StringBuilder joined = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Character.isSurrogate(c)) {
        joined.append(c);
      } else if (Character.isHighSurrogate(c) && i + 1 == text.length()) {
        waiting = c;
      } else if (Character.isHighSurrogate(c) && Character.isLowSurrogate(text.charAt(i + 1))) {
        joined.append(c).append(text.charAt(++i));
      } else {
        joined.append(REPLACEMENT);
      }
    }
    return joined.toString();
  }

  /** What is left when nothing more comes. */
  String end() {
    String left = waiting == 0 ? "" : String.valueOf(REPLACEMENT);
    waiting = 0;
    return left;
  }

  private static boolean isPlain(String piece) {
    for (int i = 0; i < piece.length(); i++) {
      if (Character.isSurrogate(piece.charAt(i))) {
        return false;
      }
    }
    return true;
  }
}
