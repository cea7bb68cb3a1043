package io.consoul.launcher;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hazelcast.config.Config;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import io.consoul.testkit.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

@DisplayName("With the cluster.xml of the project")
class FirstMemberIT {

  private final List<HazelcastInstance> members = new ArrayList<>();

  @AfterEach
  void end() {
    members.forEach(member -> member.getLifecycleService().terminate());
  }

  @RepeatedTest(3)
  @DisplayName("three members that start at once become one cluster")
  void atOnce() throws Exception {
    List<Integer> ports = Stream.generate(Ports::free).limit(3).toList();

    List<CompletableFuture<HazelcastInstance>> starting = ports.stream()
        .map(port -> CompletableFuture.supplyAsync(() -> start(port, ports)))
        .toList();
    for (CompletableFuture<HazelcastInstance> each : starting) {
      members.add(each.get(60, SECONDS));
    }

    await()
        .atMost(Duration.ofSeconds(3)) // before two clusters would have been merged
        .until(() ->
            members.stream().allMatch(each -> each.getCluster().getMembers().size() == 3));
  }

  @Test
  @DisplayName("a first member does not wait long for an address that does not answer at all")
  void deadAddress() throws Exception {
    List<SocketChannel> fill = new ArrayList<>();
    try (ServerSocket mute = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      // Nobody accepts: when the queue is full, the system answers no more connections.
      for (int i = 0; i < 4; i++) {
        SocketChannel waiting = SocketChannel.open();
        waiting.configureBlocking(false);
        waiting.connect(new InetSocketAddress(mute.getInetAddress(), mute.getLocalPort()));
        fill.add(waiting);
      }
      int port = Ports.free();
      long start = System.nanoTime();

      members.add(start(port, List.of(port, mute.getLocalPort())));

      // Without a limit on connecting it takes more than 11 s.
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(9));
    } finally {
      for (SocketChannel each : fill) {
        each.close();
      }
    }
  }

  private static HazelcastInstance start(int port, List<Integer> all) {
    try {
      Config config = ClusterFile.read(Files.readString(Path.of("..", ClusterFile.NAME)), Map.of())
          .config();
      config.setClusterName("first-" + ProcessHandle.current().pid() + "-" + all.get(0));
      config.getNetworkConfig().setPort(port).setPortAutoIncrement(false);
      config
          .getNetworkConfig()
          .getJoin()
          .getTcpIpConfig()
          .setMembers(all.stream().map(each -> "127.0.0.1:" + each).toList());
      return Hazelcast.newHazelcastInstance(config);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
