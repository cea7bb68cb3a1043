package io.consoul.gc;

import io.consoul.message.Swept;

/**
 * What a collection, or a part of one, has come to.
 *
 * @param skipped session instances that it could not finish with
 */
record Tally(int expired, int orphans, int strays, int skipped) {

  static final Tally NOTHING = new Tally(0, 0, 0, 0);

  Tally plus(Swept step) {
    return new Tally(
        expired + step.expired(), orphans + step.orphans(), strays + step.strays(), skipped);
  }

  Tally plus(Tally other) {
    return new Tally(
        expired + other.expired,
        orphans + other.orphans,
        strays + other.strays,
        skipped + other.skipped);
  }

  Tally skipping() {
    return new Tally(expired, orphans, strays, skipped + 1);
  }
}
