package io.consoul.launcher;

import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.TcpIpConfig;
import com.hazelcast.config.XmlConfigBuilder;
import io.consoul.session.ClusterMaps;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * cluster.xml: the one place for members, ports and addresses. What must not happen unless somebody wants it, such as a call to
 * Hazelcast's makers or a search for members by multicast, is off wherever the file does not say otherwise.
 */
final class ClusterFile {

  static final String NAME = "cluster.xml";

  /** Attribute of the members that are nodes of Consoul: which a lite one need not be. */
  static final String NODE = "consoul.node";

  private static final Pattern COMMENT = Pattern.compile("(?s)<!--.*?-->");
  private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([^}]*)}");

  private static final Map<String, String> UNLESS_SAID_OTHERWISE = Map.of(
      "hazelcast.phone.home.enabled", "false",
      "hazelcast.socket.bind.any", "false");

  private final Config config;
  private final BusAddress busAddress;

  private ClusterFile(Config config) {
    this.config = config;
    this.busAddress = BusAddress.of(config);
  }

  /**
   * @param home folder that has the file in it
   * @param environment what placeholders stand for, beside the system properties, which come first
   * @throws StartException when there is no such file, or it cannot be read, or something in it is wrong
   */
  static ClusterFile in(Path home, Map<String, String> environment) {
    Path file = home.resolve(NAME);
    if (!Files.isReadable(file)) {
      throw new StartException("Cannot join a cluster: there is no " + NAME + " in "
          + home.toAbsolutePath().normalize() + ". Start with ./consoul, or set -Dconsoul.home.");
    }
    try {
      return read(Files.readString(file), environment);
    } catch (IOException unreadable) {
      throw new StartException(
          "Cannot read " + NAME + ": " + unreadable.getClass().getSimpleName());
    }
  }

  /** As above, of a file's text. */
  static ClusterFile read(String text, Map<String, String> environment) {
    Properties values = new Properties();
    values.putAll(environment);
    values.putAll(System.getProperties());
    String said = withoutComments(text);
    checkPlaceholders(said, values);
    Config config;
    try {
      config = new XmlConfigBuilder(new ByteArrayInputStream(said.getBytes(StandardCharsets.UTF_8)))
          .setProperties(values)
          .build();
      ClusterMaps.configure(config);
      WireFilter.apply(config);
    } catch (RuntimeException malformed) {
      throw new StartException("Cannot read " + NAME + ": " + malformed.getMessage());
    }
    secure(config, said);
    checkMembers(config.getNetworkConfig().getJoin().getTcpIpConfig());
    config.getMemberAttributeConfig().setAttribute(NODE, Main.version());
    return new ClusterFile(config);
  }

  /** What placeholders of the file are named for, such as environment variables; nothing where it cannot be read. */
  static Set<String> variables(Path home) {
    try {
      return PLACEHOLDER
          .matcher(withoutComments(Files.readString(home.resolve(NAME))))
          .results()
          .map(placeholder -> placeholder.group(1))
          .collect(Collectors.toSet());
    } catch (IOException unreadable) {
      return Set.of(); // a node that needs it says so
    }
  }

  Config config() {
    return config;
  }

  /** Where this node's event bus listens, and where the others find it. */
  BusAddress busAddress() {
    return busAddress;
  }

  /** Hazelcast looks for placeholders in them, too. A mistake keeps its line. */
  private static String withoutComments(String text) {
    return COMMENT.matcher(text).replaceAll(comment -> comment.group().replaceAll("[^\\n]", ""));
  }

  /** Hazelcast goes on with the placeholder as a name, and a node that looks for that one stays alone. */
  private static void checkPlaceholders(String said, Properties values) {
    Matcher placeholder = PLACEHOLDER.matcher(said);
    while (placeholder.find()) {
      if (!values.containsKey(placeholder.group(1))) {
        throw new StartException("Cannot read " + NAME + ": " + placeholder.group()
            + " stands in it, and there is neither a system property nor an environment variable "
            + placeholder.group(1) + ". Set one.");
      }
    }
  }

  /** Such a node would stay alone, and serve. An empty variable makes one. */
  private static void checkMembers(TcpIpConfig list) {
    boolean named = list.getRequiredMember() != null
        || list.getMembers().stream().anyMatch(member -> !member.isBlank());
    if (list.isEnabled() && !named) {
      throw new StartException("Cannot use " + NAME
          + ": <tcp-ip> is enabled and names no member. List all nodes, this one too.");
    }
  }

  private static void secure(Config config, String said) {
    UNLESS_SAID_OTHERWISE.forEach((property, value) -> {
      if (config.getProperty(property) == null) {
        config.setProperty(property, value);
      }
    });
    config.setProperty("hazelcast.shutdownhook.enabled", "false"); // it leaves when it has stopped
    for (JoinConfig join : List.of(
        config.getNetworkConfig().getJoin(), config.getAdvancedNetworkConfig().getJoin())) {
      if (!said.contains("<auto-detection")) {
        join.getAutoDetectionConfig().setEnabled(false);
      }
      if (!said.contains("<multicast")) {
        join.getMulticastConfig().setEnabled(false);
      }
    }
  }
}
