package io.consoul.launcher;

import com.hazelcast.config.Config;
import com.hazelcast.config.InterfacesConfig;
import com.hazelcast.config.XmlConfigBuilder;
import com.hazelcast.core.HazelcastInstance;
import io.consoul.session.ClusterMaps;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * This node's place in a cluster: what cluster.xml says, and the member of Hazelcast that comes of it. Nothing of Hazelcast is
 * loaded by a node that starts without one.
 */
final class Cluster {

  static final String FILE = "cluster.xml";

  private final Config config;
  private final HazelcastClusterManager manager;

  private Cluster(Config config) {
    this.config = config;
    this.manager = new HazelcastClusterManager(config);
  }

  /**
   * @param home folder that has the file in it
   * @throws StartException when there is no such file, or it cannot be read
   */
  static Cluster in(Path home) {
    Path file = home.resolve(FILE);
    if (!Files.isReadable(file)) {
      throw new StartException("Cannot join a cluster: there is no " + FILE + " in "
          + home.toAbsolutePath().normalize() + ". Start with ./consoul, or set -Dconsoul.home.");
    }
    try {
      Config config = new XmlConfigBuilder(file.toString()).build();
      config.setProperty(
          "hazelcast.shutdownhook.enabled", "false"); // the node leaves when it has stopped
      ClusterMaps.configure(config);
      WireFilter.apply(config);
      return new Cluster(config);
    } catch (IOException | RuntimeException malformed) {
      throw new StartException("Cannot read " + FILE + ": " + malformed.getMessage());
    }
  }

  /**
   * Succeeds when this node is a member: of a cluster that was there, or the first one of a new one.
   *
   * @throws StartException when the event bus cannot be as it is configured
   */
  Future<Vertx> join(VertxOptions options, EventBusConfig eventBus) {
    EventBusOptions bus = new EventBusOptions();
    host().ifPresent(bus::setHost);
    EventBusTls.apply(eventBus, bus);
    return Vertx.builder()
        .with(options.setEventBusOptions(bus))
        .withClusterManager(manager)
        .buildClustered();
  }

  /** Of a node that has joined. */
  HazelcastInstance member() {
    return manager.getHazelcastInstance();
  }

  /** For a node that could not join. */
  static String reason(Throwable failure) {
    return "Cannot join the cluster that " + FILE + " describes: " + firstLine(failure)
        + ". Are its addresses this machine's, and a port of its range free?";
  }

  /** The first interface that the file names, when it is one address; else the member's own address is taken. */
  private Optional<String> host() {
    InterfacesConfig interfaces = config.getNetworkConfig().getInterfaces();
    return interfaces.isEnabled()
        ? interfaces.getInterfaces().stream()
            .findFirst()
            .filter(address -> !address.contains("*") && !address.contains("-"))
        : Optional.empty();
  }

  private static String firstLine(Throwable failure) {
    Throwable cause = failure;
    while (cause.getMessage() == null && cause.getCause() != null) {
      cause = cause.getCause();
    }
    String text =
        cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    return text.lines().findFirst().orElse(text);
  }
}
