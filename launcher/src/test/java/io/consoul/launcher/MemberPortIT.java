package io.consoul.launcher;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import io.consoul.testkit.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A member of the cluster whose port is for members only")
class MemberPortIT {

  private static final int LIMIT_MILLIS = 30_000;

  private static final List<HazelcastInstance> members = new ArrayList<>();
  private static JoinConfig eldestsList;

  /** The second is of a version before, whose port is for everybody. */
  @BeforeAll
  static void start() throws IOException {
    List<Integer> ports = Stream.generate(Ports::free).limit(3).toList();
    Config eldest = config(ports.get(0), ports.subList(0, 1)); // looks for nobody else
    Config youngest = config(ports.get(2), ports);
    MemberPort.apply(eldest);
    MemberPort.apply(youngest);
    eldestsList = eldest.getAdvancedNetworkConfig().getJoin();
    members.add(Hazelcast.newHazelcastInstance(eldest));
    // Starts and ends take seconds each, most of it waiting.
    List<Config> others = List.of(config(ports.get(1), ports), youngest);
    members.addAll(others.parallelStream().map(Hazelcast::newHazelcastInstance).toList());
  }

  @AfterAll
  static void end() {
    members.parallelStream().forEach(member -> member.getLifecycleService().terminate());
  }

  @Test
  @DisplayName("joins and is joined by one of a version before, whose port is for everybody")
  void versionBefore() {
    assertWhole();
  }

  @Test
  @DisplayName("has time for the others while one takes its connection and never says a word")
  void mute() throws Exception {
    // As the system does it for a process that is frozen; the eldest looks for members that it has
    // lost.
    try (ServerSocket frozen = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      frozen.setSoTimeout(LIMIT_MILLIS);
      eldestsList.getTcpIpConfig().addMember("127.0.0.1:" + frozen.getLocalPort());

      try (Socket looking = frozen.accept()) {
        looking.setSoTimeout(LIMIT_MILLIS);
        assertThat(looking.getInputStream().readNBytes(3)).asString(US_ASCII).isEqualTo("HZC");

        CompletableFuture.runAsync(MemberPortIT::assertWhole).get(LIMIT_MILLIS, MILLISECONDS);
      }
    }
  }

  /** Some of these are at the one member and some at another. */
  private static void assertWhole() {
    IntStream.range(0, 30).forEach(key -> {
      Map<Integer, String> written = members.get(key % 3).getMap("shared");
      written.put(key, "value " + key);
      Map<Integer, String> read = members.get((key + 1) % 3).getMap("shared");
      assertThat(read.get(key)).isEqualTo("value " + key);
    });
    assertThat(members).allMatch(member -> member.getCluster().getMembers().size() == 3);
  }

  /** With one thread for all that is sent, so that nobody is spared by chance. */
  private static Config config(int port, List<Integer> all) throws IOException {
    Config config = ClusterFile.read(Files.readString(Path.of("..", ClusterFile.NAME)), Map.of())
        .config();
    config.setProperty("hazelcast.io.thread.count", "1");
    config.setProperty("hazelcast.merge.first.run.delay.seconds", "1");
    config.setProperty("hazelcast.merge.next.run.delay.seconds", "1");
    SmallCluster.member(config, "port", port, all);
    return config;
  }
}
