package io.consoul.gateway.limit;

import java.util.Locale;

/** When what was charged stops counting. */
public enum Strategy {
  /** Each charge counts for one length of the window, to the moment. */
  MOVING_WINDOW,
  /** Windows follow each other, and all that was charged in one stops counting at its end. */
  FIXED_WINDOW;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
