package io.consoul.gateway.limit;

import java.time.Duration;

/**
 * What came of a charge. Of several windows it tells of the one that is the tightest: of those that refuse the one that
 * refuses for longest, else the one with the least left.
 *
 * @param admitted whether all windows had room; else nothing was charged
 * @param limit of that window
 * @param remaining what may still be charged in that window now
 * @param reset until the whole limit is there again if nothing more is charged
 * @param retryAfter until the same charge would be admitted; zero where it was, and where it never would be
 */
public record Verdict(
    boolean admitted, int limit, int remaining, Duration reset, Duration retryAfter) {

  /** Whether the charge is above the limit: no waiting helps. */
  public boolean isForGood() {
    return !admitted && retryAfter.isZero();
  }
}
