package io.consoul.launcher;

import com.hazelcast.config.Config;
import com.hazelcast.config.InterfacesConfig;
import io.vertx.core.eventbus.EventBusOptions;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The properties {@code consoul.event-bus.*} of cluster.xml: the address on which this node's event bus takes messages, and the
 * one under which the other nodes reach it, where that is another.
 *
 * @param host empty for the address of the node's Hazelcast member
 * @param port 0 for any that is free
 * @param publicHost empty for the host
 * @param publicPort empty for the port
 */
record BusAddress(
    Optional<String> host, int port, Optional<String> publicHost, Optional<Integer> publicPort) {

  private static final String PREFIX = "consoul.event-bus.";
  private static final Set<String> NAMES = Set.of("host", "port", "public-host", "public-port");
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._:%-]{1,253}");
  private static final int MAX_PORT = 65_535;

  /** @throws StartException that names a property which is wrong */
  static BusAddress of(Config config) {
    config.getProperties().stringPropertyNames().stream()
        .filter(name -> name.startsWith(PREFIX))
        .map(name -> name.substring(PREFIX.length()))
        .filter(name -> !NAMES.contains(name))
        .findFirst()
        .ifPresent(unknown -> {
          throw wrong(unknown, "is none of " + String.join(", ", new TreeSet<>(NAMES)));
        });
    BusAddress address = new BusAddress(
        host(config, "host").or(() -> onlyInterface(config)),
        port(config, "port", 0).orElse(0),
        host(config, "public-host"),
        port(config, "public-port", 1));
    if (address.port == 0 && address.publicPort.isPresent()) {
      throw wrong(
          "public-port",
          "needs " + PREFIX + "port, which must not be 0: the one leads to the other");
    }
    return address;
  }

  void applyTo(EventBusOptions options) {
    host.ifPresent(options::setHost);
    options.setPort(port);
    publicHost.ifPresent(options::setClusterPublicHost);
    publicPort.ifPresent(options::setClusterPublicPort);
  }

  private static Optional<String> host(Config config, String name) {
    Optional<String> text = text(config, name);
    text.filter(host -> !HOST.matcher(host).matches()).ifPresent(odd -> {
      throw wrong(name, "must be one host name or address, got " + odd);
    });
    return text;
  }

  private static Optional<Integer> port(Config config, String name, int least) {
    return text(config, name).map(text -> {
      try {
        int port = Integer.parseInt(text);
        if (port >= least && port <= MAX_PORT) {
          return port;
        }
      } catch (NumberFormatException odd) {
        // said below
      }
      throw wrong(name, "must be an integer from " + least + " to " + MAX_PORT + ", got " + text);
    });
  }

  /** An empty one counts as not there: that is what a placeholder makes of an empty variable. */
  private static Optional<String> text(Config config, String name) {
    return Optional.ofNullable(config.getProperty(PREFIX + name))
        .map(String::strip)
        .filter(text -> !text.isEmpty());
  }

  /** Of several, or a pattern, it is Hazelcast that finds out which one this machine has. */
  private static Optional<String> onlyInterface(Config config) {
    InterfacesConfig interfaces = config.getNetworkConfig().getInterfaces();
    return interfaces.isEnabled() && interfaces.getInterfaces().size() == 1
        ? interfaces.getInterfaces().stream()
            .findFirst()
            .filter(address -> !address.contains("*") && !address.contains("-"))
        : Optional.empty();
  }

  private static StartException wrong(String name, String problem) {
    return new StartException(
        "Cannot use " + ClusterFile.NAME + ": property " + PREFIX + name + " " + problem + ".");
  }
}
