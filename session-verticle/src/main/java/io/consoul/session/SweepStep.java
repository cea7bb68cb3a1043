package io.consoul.session;

import io.consoul.message.Swept;

/** What was done in one step of a collection. */
record SweepStep(int expired, int orphans, int strays) {

  static final SweepStep NOTHING = new SweepStep(0, 0, 0);

  SweepStep plus(SweepStep other) {
    return new SweepStep(expired + other.expired, orphans + other.orphans, strays + other.strays);
  }

  Swept swept(boolean more) {
    return new Swept(expired, orphans, strays, more);
  }
}
