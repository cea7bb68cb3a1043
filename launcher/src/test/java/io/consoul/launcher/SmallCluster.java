package io.consoul.launcher;

import com.hazelcast.config.Config;
import java.util.List;

/** Makes of a configuration that of one member of a few on loopback, apart from all others on this machine. */
final class SmallCluster {

  private SmallCluster() {}

  /**
   * @param name the test's
   * @param ports of all members, the same list for each
   */
  static void member(Config config, String name, int port, List<Integer> ports) {
    config.setClusterName(name + "-" + ProcessHandle.current().pid() + "-" + ports.get(0));
    config.getNetworkConfig().setPort(port).setPortAutoIncrement(false);
    config
        .getNetworkConfig()
        .getJoin()
        .getTcpIpConfig()
        .setMembers(ports.stream().map(each -> "127.0.0.1:" + each).toList());
  }
}
