package io.consoul.session;

/**
 * A piece of a stored answer, never cut inside a surrogate pair.
 *
 * @param offset where it begins in the answer, in UTF-16 code units
 */
record AnswerPiece(int offset, String text) {

  /**
   * @param after what the asker has already; in the middle of a pair, or beyond the end, the piece begins before it
   * @param max length of the piece; a pair that alone is longer goes whole, or the asker would never get past it
   */
  static AnswerPiece of(String answer, int after, int max) {
    int from = boundary(answer, Math.min(after, answer.length()));
    int to = boundary(answer, (int) Math.min(answer.length(), (long) from + max));
    if (to == from && from < answer.length()) {
      to = from + Character.charCount(answer.codePointAt(from));
    }
    return new AnswerPiece(from, answer.substring(from, to));
  }

  private static int boundary(String answer, int offset) {
    boolean inPair = offset > 0
        && offset < answer.length()
        && Character.isSurrogatePair(answer.charAt(offset - 1), answer.charAt(offset));
    return inPair ? offset - 1 : offset;
  }
}
