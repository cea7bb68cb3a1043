package io.consoul.provider.course;

/**
 * The second answer is meant to be only the rest, for its model was given the beginning. The white space at the end of the
 * beginning was not given (Anthropic refuses it), so it may come again; and a model that begins from the front in spite of it is
 * found out.
 */
final class Continuation implements Seam {

  /**
   * So much of the beginning, said again, is no coincidence, unless it was said again before: lines of a list may begin alike. Nor
   * is the whole of it, if it is a few words.
   */
  private static final int AGAIN = 40;

  private static final int A_FEW_WORDS = 8;

  private final String said;
  private final boolean repeatsItself;
  private final StringBuilder held = new StringBuilder();
  private Seam rest;

  /** @param said so far, white space at its end too */
  Continuation(String said) {
    this.said = said;
    this.repeatsItself = said.length() > AGAIN && said.indexOf(said.substring(0, AGAIN), 1) > 0;
  }

  @Override
  public String take(String piece) {
    if (rest != null) {
      return rest.take(piece);
    }
    held.append(piece);
    int same = commonBeginning();
    if (!repeatsItself && said.length() >= A_FEW_WORDS && same >= Math.min(AGAIN, said.length())) {
      rest = new Rejoin(said);
      return rest.take(held.toString());
    }
    if (!repeatsItself && same == held.length() && same < said.length()
        || held.length() <= space() && held.toString().isBlank()) {
      return "";
    }
    rest = new OpenSeam();
    return withoutSpace();
  }

  @Override
  public String end() {
    if (rest != null) {
      return rest.end();
    }
    rest = new OpenSeam();
    return withoutSpace();
  }

  @Override
  public boolean isHopeless() {
    return rest != null && rest.isHopeless();
  }

  private int commonBeginning() {
    int most = Math.min(held.length(), said.length());
    int same = 0;
    while (same < most && held.charAt(same) == said.charAt(same)) {
      same++;
    }
    return same;
  }

  /** How much white space was said last. */
  private int space() {
    return said.length() - said.stripTrailing().length();
  }

  private String withoutSpace() {
    String space = said.substring(said.length() - space());
    int same = 0;
    while (same < Math.min(space.length(), held.length())
        && held.charAt(same) == space.charAt(same)) {
      same++;
    }
    return held.substring(same);
  }
}
