package io.consoul.provider.course;

/** Nothing was said before: everything goes through. */
final class OpenSeam implements Seam {

  @Override
  public String take(String piece) {
    return piece;
  }

  @Override
  public String end() {
    return "";
  }

  @Override
  public boolean isHopeless() {
    return false;
  }
}
