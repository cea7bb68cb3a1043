package io.consoul.launcher;

import com.hazelcast.config.AdvancedNetworkConfig;
import com.hazelcast.config.Config;
import com.hazelcast.config.NetworkConfig;
import com.hazelcast.config.ServerSocketEndpointConfig;
import com.hazelcast.spi.properties.ClusterProperty;
import com.hazelcast.spi.properties.HazelcastProperties;

/**
 * Makes of the {@code <network>} of cluster.xml a port that speaks with members only.
 *
 * <p>On a port for everybody Hazelcast (5.7.0) finds out first who the other is. Until the other has said so, and while there is
 * something to send to it, the thread that sends goes round in a circle and does nothing for its other connections
 * (github.com/hazelcast/hazelcast/issues/26473). A process that is frozen takes connections and never says who it is; so healthy
 * members got no heartbeats, and were put out of the cluster together with the frozen one. On a port for members the thread
 * does something else until there is an answer.
 */
final class MemberPort {

  private MemberPort() {}

  /** To be called before the member is started. Nothing is changed where the file has an {@code <advanced-network>} in use. */
  static void apply(Config config) {
    AdvancedNetworkConfig advanced = config.getAdvancedNetworkConfig();
    if (advanced.isEnabled()) {
      return;
    }
    NetworkConfig network = config.getNetworkConfig();
    advanced
        .setEnabled(true)
        .setJoin(network.getJoin())
        .setIcmpFailureDetectorConfig(network.getIcmpFailureDetectorConfig())
        .setMemberAddressProviderConfig(network.getMemberAddressProviderConfig());
    advanced.setMemberEndpointConfig(endpoint(network, new HazelcastProperties(config)));
  }

  /** Properties of sockets count for a port for everybody only; here they have places of their own. */
  private static ServerSocketEndpointConfig endpoint(
      NetworkConfig network, HazelcastProperties properties) {
    ServerSocketEndpointConfig endpoint = new ServerSocketEndpointConfig()
        .setPort(network.getPort())
        .setPortCount(network.getPortCount())
        .setPortAutoIncrement(network.isPortAutoIncrement())
        .setReuseAddress(network.isReuseAddress())
        .setPublicAddress(network.getPublicAddress())
        .setInterfaces(network.getInterfaces())
        .setOutboundPorts(network.getOutboundPorts())
        .setOutboundPortDefinitions(network.getOutboundPortDefinitions())
        .setSocketInterceptorConfig(network.getSocketInterceptorConfig())
        .setSSLConfig(network.getSSLConfig())
        .setTpcSocketConfig(network.getTpcSocketConfig())
        .setSocketTcpNoDelay(properties.getBoolean(ClusterProperty.SOCKET_NO_DELAY))
        .setSocketBufferDirect(properties.getBoolean(ClusterProperty.SOCKET_BUFFER_DIRECT))
        .setSocketSendBufferSizeKb(properties.getInteger(ClusterProperty.SOCKET_SEND_BUFFER_SIZE))
        .setSocketRcvBufferSizeKb(properties.getInteger(ClusterProperty.SOCKET_RECEIVE_BUFFER_SIZE))
        .setSocketKeepAlive(properties.getBoolean(ClusterProperty.SOCKET_KEEP_ALIVE))
        .setSocketKeepIdleSeconds(properties.getInteger(ClusterProperty.SOCKET_KEEP_IDLE))
        .setSocketKeepIntervalSeconds(properties.getInteger(ClusterProperty.SOCKET_KEEP_INTERVAL))
        .setSocketKeepCount(properties.getInteger(ClusterProperty.SOCKET_KEEP_COUNT))
        .setSocketConnectTimeoutSeconds(
            properties.getSeconds(ClusterProperty.SOCKET_CONNECT_TIMEOUT_SECONDS));
    endpoint.setSocketLingerSeconds(properties.getSeconds(ClusterProperty.SOCKET_LINGER_SECONDS));
    return endpoint;
  }
}
