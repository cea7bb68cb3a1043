package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import com.hazelcast.config.AdvancedNetworkConfig;
import com.hazelcast.config.Config;
import com.hazelcast.config.ServerSocketEndpointConfig;
import com.hazelcast.instance.EndpointQualifier;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Of the network of cluster.xml")
class MemberPortTest {

  @Test
  @DisplayName("comes a port for members, with all that the file says of it")
  void everything() {
    Config config = read("""
        <properties>
          <property name="hazelcast.socket.connect.timeout.seconds">1</property>
          <property name="hazelcast.socket.send.buffer.size">64</property>
          <property name="hazelcast.socket.linger.seconds">3</property>
          <property name="hazelcast.socket.keep.idle">60</property>
        </properties>
        <network>
          <public-address>10.9.9.9:15701</public-address>
          <port auto-increment="true" port-count="3">5801</port>
          <outbound-ports><ports>34000-34010</ports></outbound-ports>
          <join><tcp-ip enabled="true"><member>10.0.0.11</member></tcp-ip></join>
          <interfaces enabled="true"><interface>10.0.0.11</interface></interfaces>
          <failure-detector><icmp enabled="true"><ttl>7</ttl></icmp></failure-detector>
        </network>
        """);

    MemberPort.apply(config);

    AdvancedNetworkConfig network = config.getAdvancedNetworkConfig();
    assertThat(network.isEnabled()).isTrue();
    assertThat(network.getEndpointConfigs()).containsOnlyKeys(EndpointQualifier.MEMBER);
    assertThat(network.getJoin().getTcpIpConfig().getMembers()).containsExactly("10.0.0.11");
    assertThat(network.getJoin().getMulticastConfig().isEnabled()).isFalse();
    assertThat(network.getIcmpFailureDetectorConfig().getTtl()).isEqualTo(7);
    ServerSocketEndpointConfig port =
        (ServerSocketEndpointConfig) network.getEndpointConfigs().get(EndpointQualifier.MEMBER);
    assertThat(port.getPort()).isEqualTo(5801);
    assertThat(port.getPortCount()).isEqualTo(3);
    assertThat(port.isPortAutoIncrement()).isTrue();
    assertThat(port.getPublicAddress()).isEqualTo("10.9.9.9:15701");
    assertThat(port.getOutboundPortDefinitions()).containsExactly("34000-34010");
    assertThat(port.getInterfaces().isEnabled()).isTrue();
    assertThat(port.getInterfaces().getInterfaces()).containsExactly("10.0.0.11");
    assertThat(port.getSocketConnectTimeoutSeconds()).isEqualTo(1);
    assertThat(port.getSocketSendBufferSizeKb()).isEqualTo(64);
    assertThat(port.getSocketLingerSeconds()).isEqualTo(3);
    assertThat(port.getSocketKeepIdleSeconds()).isEqualTo(60);
    assertThat(port.isSocketTcpNoDelay()).isTrue();
  }

  @Test
  @DisplayName("nothing is taken where the file has an advanced one in use")
  void advanced() {
    Config config = read("""
        <advanced-network enabled="true">
          <member-server-socket-endpoint-config><port>5901</port></member-server-socket-endpoint-config>
        </advanced-network>
        """);

    MemberPort.apply(config);

    assertThat(config.getAdvancedNetworkConfig().getEndpointConfigs().values())
        .singleElement()
        .satisfies(
            port -> assertThat(((ServerSocketEndpointConfig) port).getPort()).isEqualTo(5901));
  }

  private static Config read(String sections) {
    return ClusterFile.read(
            "<hazelcast xmlns=\"http://www.hazelcast.com/schema/config\">" + sections
                + "</hazelcast>",
            Map.of())
        .config();
  }
}
