package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import io.vertx.core.eventbus.EventBusOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("The file of the cluster")
class ClusterFileTest {

  private static final Path SHIPPED = Path.of("..", ClusterFile.NAME);

  @Test
  @DisplayName("as it is shipped keeps everything on this machine")
  void shipped() throws IOException {
    ClusterFile file = ClusterFile.read(Files.readString(SHIPPED), Map.of());

    assertThat(file.busAddress())
        .isEqualTo(new BusAddress(Optional.of("127.0.0.1"), 0, Optional.empty(), Optional.empty()));
    assertThat(file.config().getNetworkConfig().getJoin().getTcpIpConfig().getMembers())
        .containsExactly("127.0.0.1:5701", "127.0.0.1:5702", "127.0.0.1:5703");
    assertQuiet(file.config());
  }

  @Test
  @DisplayName("has its other arrangements ready: a private network, and Kubernetes")
  void arrangements() throws IOException {
    String text = Files.readString(SHIPPED);
    List<String> networks = Pattern.compile("(?s)<network>.*?</network>")
        .matcher(text)
        .results()
        .map(MatchResult::group)
        .toList();
    assertThat(networks).hasSize(3);
    Map<String, String> environment = Map.of(
        "CONSOUL_CLUSTER_MEMBERS", "10.0.0.11,10.0.0.12", "CONSOUL_CLUSTER_ADDRESS", "10.0.0.11");

    ClusterFile network =
        ClusterFile.read(text.replace(networks.get(0), networks.get(1)), environment);
    ClusterFile kubernetes =
        ClusterFile.read(text.replace(networks.get(0), networks.get(2)), environment);

    assertThat(network.config().getNetworkConfig().getJoin().getTcpIpConfig().getMembers())
        .containsExactly("10.0.0.11", "10.0.0.12");
    assertThat(network.busAddress().host()).contains("10.0.0.11");
    JoinConfig join = kubernetes.config().getNetworkConfig().getJoin();
    assertThat(join.getKubernetesConfig().isEnabled()).isTrue();
    assertThat(join.getTcpIpConfig().isEnabled()).isFalse();
    assertThat(kubernetes.busAddress().host()).contains("10.0.0.11");
    assertQuiet(network.config());
    assertQuiet(kubernetes.config());
  }

  @Test
  @DisplayName("that says nothing of it looks for nobody by multicast, and calls nobody")
  void silent() {
    assertQuiet(read("").config());
    JoinConfig advanced = read("<advanced-network enabled=\"true\"/>")
        .config()
        .getAdvancedNetworkConfig()
        .getJoin();
    assertThat(advanced.getAutoDetectionConfig().isEnabled()).isFalse();
    assertThat(
            read("<properties><property name=\"hazelcast.phone.home.enabled\">true</property></properties>")
                .config()
                .getProperty("hazelcast.phone.home.enabled"))
        .isEqualTo("true");
    assertThat(read("<network><join><multicast enabled=\"true\"/></join></network>")
            .config()
            .getNetworkConfig()
            .getJoin()
            .getMulticastConfig()
            .isEnabled())
        .isTrue();
  }

  @Test
  @DisplayName("tells where the event bus listens, and under which address others find it")
  void busAddress() {
    BusAddress address = bus(
        "host", "10.0.0.11", "port", "5710", "public-host", "node.example", "public-port", "15710");
    EventBusOptions options = new EventBusOptions();
    address.applyTo(options);

    assertThat(options.getHost()).isEqualTo("10.0.0.11");
    assertThat(options.getPort()).isEqualTo(5710);
    assertThat(options.getClusterPublicHost()).isEqualTo("node.example");
    assertThat(options.getClusterPublicPort()).isEqualTo(15710);
    assertThat(bus("host", "  ").host()).isEmpty();
  }

  @ParameterizedTest(name = "{0}={1}")
  @CsvSource({
    "port,eighty,must be an integer from 0 to 65535",
    "port,65536,must be an integer from 0 to 65535",
    "public-port,0,must be an integer from 1 to 65535",
    "public-port,15710,needs consoul.event-bus.port",
    "prot,5710,'is none of host, port, public-host, public-port'",
    "host,a b,must be one host name or address",
    "public-host,http://a,must be one host name or address"
  })
  @DisplayName("is refused with a property of the event bus that is wrong, and says which")
  void wrongAddress(String name, String value, String problem) {
    assertThatThrownBy(() -> bus(name, value))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("consoul.event-bus." + name)
        .hasMessageContaining(problem);
  }

  @Test
  @DisplayName("is refused with a placeholder that stands for nothing, but not in a comment")
  void placeholders() {
    String name = "<!-- ${NOBODY} --><cluster-name>${CLUSTER}</cluster-name>";
    assertThat(read(name, Map.of("CLUSTER", "ours")).config().getClusterName()).isEqualTo("ours");
    assertThatThrownBy(() -> read(name, Map.of()))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("${CLUSTER}")
        .hasMessageContaining("Set one");
  }

  @Test
  @DisplayName("leaves it to Hazelcast which of several interfaces the event bus listens on")
  void severalInterfaces() {
    String one = "<interface>10.0.0.11</interface>";
    String two = one + "<interface>10.0.0.12</interface>";
    String network = "<network><interfaces enabled=\"true\">%s</interfaces></network>";

    assertThat(read(network.formatted(one)).busAddress().host()).contains("10.0.0.11");
    assertThat(read(network.formatted(two)).busAddress().host()).isEmpty();
  }

  @Test
  @DisplayName("is refused with a list of members that is empty: the node would stay alone")
  void noMembers() {
    String list = "<network><join><tcp-ip enabled=\"true\"><members>${MEMBERS}</members></tcp-ip>"
        + "</join></network>";

    assertThatThrownBy(() -> read(list.replaceAll("<members>.*</members>", "")))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("names no member");
    assertThatThrownBy(() -> read(list, Map.of("MEMBERS", ""))).isInstanceOf(StartException.class);
    assertThat(read(list, Map.of("MEMBERS", "10.0.0.11"))
            .config()
            .getNetworkConfig()
            .getJoin()
            .getTcpIpConfig()
            .getMembers())
        .containsExactly("10.0.0.11");
  }

  @Test
  @DisplayName("must be there, and well formed")
  void malformed(@TempDir Path home) {
    assertThatThrownBy(() -> ClusterFile.in(home, Map.of()))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("there is no cluster.xml in");
    assertThatThrownBy(() -> read("<network>"))
        .isInstanceOf(StartException.class)
        .hasMessageStartingWith("Cannot read cluster.xml: ");
  }

  private static void assertQuiet(Config config) {
    JoinConfig join = config.getNetworkConfig().getJoin();
    assertThat(join.getMulticastConfig().isEnabled()).isFalse();
    assertThat(join.getAutoDetectionConfig().isEnabled()).isFalse();
    assertThat(config.getProperty("hazelcast.phone.home.enabled")).isEqualTo("false");
    assertThat(config.getProperty("hazelcast.socket.bind.any")).isEqualTo("false");
    assertThat(config.getProperty("hazelcast.shutdownhook.enabled")).isEqualTo("false");
  }

  private static BusAddress bus(String... namesAndValues) {
    StringBuilder properties = new StringBuilder();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      properties.append("<property name=\"consoul.event-bus.%s\">%s</property>"
          .formatted(namesAndValues[i], namesAndValues[i + 1]));
    }
    return read("<properties>" + properties + "</properties>").busAddress();
  }

  private static ClusterFile read(String sections) {
    return read(sections, Map.of());
  }

  private static ClusterFile read(String sections, Map<String, String> environment) {
    return ClusterFile.read(
        "<hazelcast xmlns=\"http://www.hazelcast.com/schema/config\">" + sections + "</hazelcast>",
        environment);
  }
}
