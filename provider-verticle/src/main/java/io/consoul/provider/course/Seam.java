package io.consoul.provider.course;

/** Where a second answer is joined to what was said of a first one: lets through only what comes after that. */
interface Seam {

  /** @return what of this piece, and of those that were held back, goes on where the first answer broke off; may be empty */
  String take(String piece);

  /** The second answer is whole. What was held back of it; null when the two could not be joined. */
  String end();

  /** Whether it is clear already that they cannot be joined. */
  boolean isHopeless();
}
