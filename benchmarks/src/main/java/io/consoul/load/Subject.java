package io.consoul.load;

import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * One of several that are compared in one run.
 *
 * @param cpu of the process that is measured, in microseconds since its start
 * @param otherCpu of the process beside it, or of none
 * @param remark told at the end, after the runs
 */
record Subject(
    String name, Call call, LongSupplier cpu, LongSupplier otherCpu, Supplier<String> remark) {

  /** A node with nothing beside it. */
  static Subject of(String name, Call call, NodeUnderTest node) {
    return of(name, call, node, () -> 0);
  }

  static Subject of(String name, Call call, NodeUnderTest node, LongSupplier otherCpu) {
    return new Subject(
        name, call, node::cpuMicros, otherCpu, () -> node.rssMegabytes() + " MB resident");
  }
}
