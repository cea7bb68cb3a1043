package io.consoul.launcher.tryout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hazelcast.config.Config;
import com.hazelcast.config.NetworkConfig;
import com.hazelcast.config.XmlConfigBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The cluster.xml of a node that is tried out")
class MemberFileTest {

  private static final Path PROJECT = Path.of("..");

  @TempDir
  private Path home;

  @Test
  @DisplayName("has a name, members and a port of its own, on this machine only")
  void own() throws IOException {
    Config config = written(PROJECT);

    assertThat(config.getClusterName()).isEqualTo("tryout-1");
    NetworkConfig network = config.getNetworkConfig();
    assertThat(network.getPort()).isEqualTo(20_001);
    assertThat(network.isPortAutoIncrement()).isFalse();
    assertThat(network.getInterfaces().isEnabled()).isTrue();
    assertThat(network.getInterfaces().getInterfaces()).containsExactly("127.0.0.1");
    assertThat(network.getJoin().getTcpIpConfig().getMembers())
        .containsExactly("127.0.0.1:20000", "127.0.0.1:20001");
    assertThat(network.getJoin().getTcpIpConfig().isEnabled()).isTrue();
    assertThat(network.getJoin().getMulticastConfig().isEnabled()).isFalse();
    assertThat(network.getJoin().getAutoDetectionConfig().isEnabled()).isFalse();
  }

  @Test
  @DisplayName("is the project's own otherwise")
  void otherwiseTheProjects() throws IOException {
    Config config = written(PROJECT);

    Config project = new XmlConfigBuilder(PROJECT.resolve("cluster.xml").toString()).build();
    Properties properties = project.getProperties();
    properties.remove("consoul.event-bus.port"); // its own, and so a free one
    assertThat(config.getProperties()).isNotEmpty().isEqualTo(properties);
    assertThat(config.getMapConfigs()).isNotEmpty().isEqualTo(project.getMapConfigs());
    assertThat(config.getMultiMapConfigs()).isNotEmpty().isEqualTo(project.getMultiMapConfigs());
  }

  @Test
  @DisplayName("keeps nothing of how the nodes of another place find each other")
  void otherPlace() throws IOException {
    Path elsewhere = Files.createDirectory(home.resolve("elsewhere"));
    Files.writeString(elsewhere.resolve("cluster.xml"), """
        <hazelcast xmlns="http://www.hazelcast.com/schema/config">
          <properties>
            <property name="consoul.event-bus.host">10.0.0.1</property>
            <property name="consoul.event-bus.port">5801</property>
            <property name="hazelcast.partition.count">31</property>
          </properties>
          <network>
            <public-address>10.0.0.1:5701</public-address>
            <join><kubernetes enabled="true"><service-dns>consoul</service-dns></kubernetes></join>
          </network>
        </hazelcast>
        """);

    Config config = written(elsewhere);

    assertThat(config.getProperties()).containsOnlyKeys("hazelcast.partition.count");
    assertThat(config.getNetworkConfig().getPublicAddress()).isNull();
    assertThat(config.getNetworkConfig().getJoin().getKubernetesConfig().isEnabled())
        .isFalse();
    assertThat(config.getClusterName()).isEqualTo("tryout-1");
  }

  @Test
  @DisplayName("cannot be made of one that is not there, or that is none")
  void unusable() throws IOException {
    assertThatThrownBy(() -> written(home))
        .isInstanceOf(TryoutException.class)
        .hasMessageStartingWith("Cannot start a cluster: there is no cluster.xml in ");

    Files.writeString(home.resolve("cluster.xml"), "<hazelcast>");
    assertThatThrownBy(() -> written(home))
        .isInstanceOf(TryoutException.class)
        .hasMessageStartingWith("Cannot read cluster.xml: ");
  }

  private Config written(Path project) throws IOException {
    Path file = home.resolve("written.xml");
    MemberFile.of(project, "tryout-1", List.of(20_000, 20_001), 20_001).write(file);
    return new XmlConfigBuilder(file.toString()).build();
  }
}
