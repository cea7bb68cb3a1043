package io.consoul.load;

import org.HdrHistogram.Histogram;

/**
 * What one run of one subject came to.
 *
 * @param done operations that ended as they should
 * @param failed operations that did not
 * @param nanos how long the run took
 * @param latency of those that were done, in microseconds
 * @param cpuMicros of the process that is measured, over the run
 * @param otherCpuMicros of the process beside it (Redis, or the provider), or 0
 */
record Figures(
    long done, long failed, long nanos, Histogram latency, long cpuMicros, long otherCpuMicros) {

  double perSecond() {
    return done * 1e9 / nanos;
  }

  double cpuEach() {
    return (double) cpuMicros / Math.max(1, done);
  }

  double otherCpuEach() {
    return (double) otherCpuMicros / Math.max(1, done);
  }

  double millisAt(double percentile) {
    return latency.getValueAtPercentile(percentile) / 1_000.0;
  }
}
