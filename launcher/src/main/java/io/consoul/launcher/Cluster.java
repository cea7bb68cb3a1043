package io.consoul.launcher;

import com.hazelcast.core.HazelcastInstance;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;

/**
 * This node's place in a cluster: what cluster.xml says, and the member of Hazelcast that comes of it. Nothing of Hazelcast is
 * loaded by a node that starts without one.
 */
final class Cluster {

  private final ClusterFile file;
  private final HazelcastClusterManager manager;

  Cluster(ClusterFile file) {
    this.file = file;
    MemberPort.apply(file.config());
    this.manager = new HazelcastClusterManager(file.config());
  }

  /**
   * Succeeds when this node is a member: of a cluster that was there, or the first one of a new one.
   *
   * @throws StartException when the event bus cannot be as it is configured
   */
  Future<Vertx> join(VertxSetup setup, EventBusConfig eventBus) {
    EventBusOptions bus = new EventBusOptions();
    file.busAddress().applyTo(bus);
    EventBusTls.apply(eventBus, bus);
    return setup
        .builder()
        .with(setup.options().setEventBusOptions(bus))
        .withClusterManager(manager)
        .buildClustered();
  }

  /** Of a node that has joined. */
  HazelcastInstance member() {
    return manager.getHazelcastInstance();
  }

  /** Of a node that has joined. */
  Registrations registrations(Vertx vertx) {
    return new Registrations(vertx, manager);
  }

  /** For a node that could not start after it had joined. Blocks. */
  void leave() {
    HazelcastInstance joined = member();
    if (joined != null) {
      joined.getLifecycleService().shutdown();
    }
  }

  /** Where the event bus of a node that has joined takes messages. */
  String busHost() {
    return file.busAddress()
        .host()
        .orElseGet(() -> member().getCluster().getLocalMember().getAddress().getHost());
  }

  /** By which the others, too, know a node that has joined. */
  String nodeId() {
    return manager.getNodeId();
  }

  /** For a node that could not join. */
  String reason(Throwable failure) {
    if (member() != null) { // it is the event bus that cannot, which comes second
      return "Cannot open the event bus: " + firstLine(failure)
          + ". Is its address this machine's, and its port free? (" + ClusterFile.NAME
          + ": consoul.event-bus.*)";
    }
    return "Cannot join the cluster that " + ClusterFile.NAME + " describes: " + firstLine(failure)
        + ". Are its addresses this machine's, and a port of its range free?";
  }

  private static String firstLine(Throwable failure) {
    Throwable cause = failure;
    while (cause.getMessage() == null && cause.getCause() != null) {
      cause = cause.getCause();
    }
    String text =
        cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    return text.lines().findFirst().orElse(text).replaceFirst("\\.$", "");
  }
}
