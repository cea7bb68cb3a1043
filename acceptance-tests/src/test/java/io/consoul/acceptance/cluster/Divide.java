package io.consoul.acceptance.cluster;

import io.consoul.acceptance.ClusterFile;
import io.consoul.testkit.CutProxy;
import io.consoul.testkit.CutProxy.Mode;
import io.consoul.testkit.Ports;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** What lies between two nodes of a cluster: they reach each other's Hazelcast and event bus through it only, and it can be cut. */
final class Divide implements AutoCloseable {

  private final List<CutProxy> ways;

  private Divide(List<CutProxy> ways) {
    this.ways = ways;
  }

  /** Writes the file of the cluster for both nodes, each into its folder. */
  static Divide between(Path one, Path other) throws IOException {
    int onePort = Ports.free();
    int otherPort = Ports.free();
    int oneBus = Ports.free();
    int otherBus = Ports.free();
    CutProxy toOne = CutProxy.to(onePort);
    CutProxy toOther = CutProxy.to(otherPort);
    CutProxy toOneBus = CutProxy.to(oneBus);
    CutProxy toOtherBus = CutProxy.to(otherBus);
    List<Integer> members = List.of(toOne.port(), toOther.port());
    ClusterFile.writeBehind(one, members, onePort, toOne.port(), oneBus, toOneBus.port());
    ClusterFile.writeBehind(other, members, otherPort, toOther.port(), otherBus, toOtherBus.port());
    return new Divide(List.of(toOne, toOther, toOneBus, toOtherBus));
  }

  /** Nothing gets through, in either direction, and nobody is told. */
  void cut() {
    ways.forEach(way -> way.mode(Mode.STALL));
  }

  /** What was held back comes late, as it does where a network is mended. */
  void heal() {
    ways.forEach(way -> way.mode(Mode.PASS));
  }

  @Override
  public void close() {
    ways.forEach(CutProxy::close);
  }
}
