package io.consoul.launcher;

import com.hazelcast.config.Config;
import com.hazelcast.config.NetworkConfig;
import com.hazelcast.config.XmlConfigBuilder;
import io.consoul.message.Bus;
import io.consoul.session.ClusterMaps;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A member of a cluster that sends back what it gets, in a JVM of its own. */
final class EchoNode {

  static final String ADDRESS = "test.echo";
  static final String READY = "echo node is ready";

  /** Arguments: cluster name, own port, the other's port, frame version to write. */
  public static void main(String[] args) throws Exception {
    Vertx vertx = join(args[0], Integer.parseInt(args[1]), Integer.parseInt(args[2]));
    Bus bus = Bus.install(vertx);
    bus.write(Integer.parseInt(args[3]));
    vertx
        .eventBus()
        .consumer(ADDRESS, message -> message.reply(message.body()))
        .completion()
        .await(60, TimeUnit.SECONDS);
    System.out.println(READY);
  }

  /** The project's cluster.xml with a name and ports that nobody else uses. */
  static Vertx join(String cluster, int port, int other) throws IOException {
    return join(cluster, port, other, new EventBusOptions().setHost("127.0.0.1"));
  }

  static Vertx join(String cluster, int port, int other, EventBusOptions bus) throws IOException {
    Config config = new XmlConfigBuilder("../cluster.xml").build();
    config.setClusterName(cluster);
    ClusterMaps.configure(config);
    WireFilter.apply(config);
    NetworkConfig network = config.getNetworkConfig();
    network.setPort(port).setPortAutoIncrement(false);
    network
        .getJoin()
        .getTcpIpConfig()
        .setMembers(List.of("127.0.0.1:" + port, "127.0.0.1:" + other));
    try {
      return Vertx.builder()
          .with(new VertxOptions().setEventBusOptions(bus))
          .withClusterManager(new HazelcastClusterManager(config))
          .buildClustered()
          .await(120, TimeUnit.SECONDS);
    } catch (java.util.concurrent.TimeoutException late) {
      throw new IllegalStateException("the cluster did not form", late);
    }
  }

  private EchoNode() {}
}
