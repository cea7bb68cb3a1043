package io.consoul.launcher.chat;

/**
 * The answer of one turn, beside what of it is on the screen. Pieces may overlap what is there, and may come again from an
 * earlier place; what is printed cannot be taken back, so it is only written anew where the text has become another one.
 */
final class Answer {

  /** A word that is longer is not begun again. */
  private static final int LONGEST_WORD = 40;

  /** What is to be done about a piece. */
  enum Kind {
    /** Print the text after what is there. */
    CONTINUED,
    /** The end of what was printed is void; the text begins at the word in which it differs. */
    REWRITTEN,
    /** Something between is missing: ask for it. */
    GAP
  }

  record Step(Kind kind, String text) {}

  private final StringBuilder shown = new StringBuilder();
  private int length;
  private boolean rewritten;

  /** Length of the answer so far, in UTF-16 units; what is shown may be longer after a cut. */
  int length() {
    return length;
  }

  /** Whether a part of it was printed anew, so that all that was printed is not the answer. */
  boolean isRewritten() {
    return rewritten;
  }

  /** Whether something is on the screen that is no part of the answer. */
  boolean isOvershown() {
    return shown.length() > length;
  }

  Step add(int offset, String text) {
    if (offset > length) {
      return new Step(Kind.GAP, "");
    }
    int place = offset;
    int read = 0;
    while (read < text.length()
        && place < shown.length()
        && text.charAt(read) == shown.charAt(place)) {
      read++;
      place++;
    }
    length = offset + text.length();
    if (read == text.length()) {
      return new Step(Kind.CONTINUED, "");
    }
    if (place == shown.length()) {
      String rest = text.substring(read);
      shown.append(rest);
      return new Step(Kind.CONTINUED, rest);
    }
    rewritten = true;
    shown.setLength(offset);
    shown.append(text);
    return new Step(Kind.REWRITTEN, shown.substring(wordStart(place)));
  }

  private int wordStart(int place) {
    int start = place;
    while (start > 0
        && place - start < LONGEST_WORD
        && !Character.isWhitespace(shown.charAt(start - 1))) {
      start--;
    }
    boolean insidePair = start > 0
        && start < shown.length()
        && Character.isSurrogatePair(shown.charAt(start - 1), shown.charAt(start));
    return insidePair ? start - 1 : start;
  }
}
