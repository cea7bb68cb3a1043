package io.consoul.launcher;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hazelcast.config.Config;
import com.hazelcast.config.ListenerConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.LifecycleEvent.LifecycleState;
import com.hazelcast.core.LifecycleListener;
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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("With the cluster.xml of the project")
class FirstMemberIT {

  private final List<HazelcastInstance> members = new ArrayList<>();
  private final AtomicInteger merged = new AtomicInteger();

  @AfterEach
  void end() {
    members.forEach(member -> member.getLifecycleService().terminate());
  }

  @Test
  @DisplayName("three members that start at once become one cluster")
  void atOnce() throws Exception {
    List<Integer> ports = Stream.generate(Ports::free).limit(3).toList();

    List<CompletableFuture<HazelcastInstance>> starting = ports.stream()
        .map(port -> CompletableFuture.supplyAsync(() -> start(port, ports)))
        .toList();
    for (CompletableFuture<HazelcastInstance> each : starting) {
      members.add(each.get(120, SECONDS));
    }

    await()
        .atMost(Duration.ofSeconds(60))
        .until(() ->
            members.stream().allMatch(each -> each.getCluster().getMembers().size() == 3));
    assertThat(merged).as("clusters that were made one only afterwards").hasValue(0);
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
      int alone = Ports.free();
      int port = Ports.free();
      long start = System.nanoTime();
      members.add(start(alone, List.of(alone)));
      Duration usual = Duration.ofNanos(System.nanoTime() - start);

      members.add(start(port, List.of(port, mute.getLocalPort())));

      // Without a limit on connecting it takes 11 s more, with it 3 s.
      assertThat(Duration.ofNanos(System.nanoTime() - start).minus(usual.multipliedBy(2)))
          .isLessThan(Duration.ofSeconds(8));
    } finally {
      for (SocketChannel each : fill) {
        each.close();
      }
    }
  }

  private HazelcastInstance start(int port, List<Integer> all) {
    try {
      Config config = ClusterFile.read(Files.readString(Path.of("..", ClusterFile.NAME)), Map.of())
          .config();
      SmallCluster.member(config, "first", port, all);
      MemberPort.apply(config);
      LifecycleListener listener = event -> {
        if (event.getState() == LifecycleState.MERGING) {
          merged.incrementAndGet();
        }
      };
      config.addListenerConfig(new ListenerConfig(listener));
      return Hazelcast.newHazelcastInstance(config);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
