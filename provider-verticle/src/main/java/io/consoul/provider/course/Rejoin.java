package io.consoul.provider.course;

/**
 * The second answer begins from the front. It is joined where it agrees with the first one: when it has said the same up to
 * there, or, where the two differ, right after the words with which the first one broke off.
 */
final class Rejoin implements Seam {

  /** Most characters of the first answer's end that are looked for in the second one. */
  private static final int ANCHOR = 32;

  /** Fewer are found by chance. */
  private static final int SHORTEST_ANCHOR = 24;

  /** How much longer than the first one the second may get while its end has not come. */
  private static final int PATIENCE = 4_096;

  private final String said;
  private final String anchor;
  private final StringBuilder heard = new StringBuilder();
  private int same;
  private boolean different;
  private boolean joined;
  private boolean hopeless;

  Rejoin(String said) {
    this.said = said;
    this.anchor = said.substring(Math.max(0, said.length() - ANCHOR));
  }

  @Override
  public String take(String piece) {
    if (joined) {
      return piece;
    }
    int before = heard.length();
    heard.append(piece);
    compare();
    if (!different && same == said.length()) {
      return joinAt(same);
    }
    if (different) {
      return look(before);
    }
    return "";
  }

  @Override
  public String end() {
    return joined ? "" : null;
  }

  @Override
  public boolean isHopeless() {
    return hopeless;
  }

  private void compare() {
    while (!different && same < said.length() && same < heard.length()) {
      if (said.charAt(same) == heard.charAt(same)) {
        same++;
      } else {
        different = true;
      }
    }
  }

  /** Each character is looked at once. */
  private String look(int before) {
    if (anchor.length() < SHORTEST_ANCHOR || isSaidTwice()) {
      hopeless = true;
      return "";
    }
    // What is found in the first half was said twice by the first one, or is something else.
    int from = Math.max(said.length() / 2 - anchor.length(), before - anchor.length());
    int at = heard.indexOf(anchor, Math.max(0, from));
    if (at >= 0) {
      return joinAt(at + anchor.length());
    }
    hopeless = heard.length() > 2 * said.length() + PATIENCE;
    return "";
  }

  /** Then it does not tell at which of the two places the first one broke off. */
  private boolean isSaidTwice() {
    return said.indexOf(anchor) < said.length() - anchor.length();
  }

  private String joinAt(int position) {
    joined = true;
    String rest = heard.substring(position);
    heard.setLength(0);
    return rest;
  }
}
