package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hazelcast.config.Config;
import com.hazelcast.config.XmlConfigBuilder;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import io.consoul.message.Addresses;
import io.consoul.message.Hello;
import io.consoul.message.Kind;
import io.consoul.node.Node;
import io.consoul.testkit.Ports;
import io.consoul.trace.Tracing;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The members of a cluster")
class MembersTest {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Vertx vertx = Vertx.vertx();
  private final int here = Ports.free();
  private final int there = Ports.free();
  private HazelcastInstance own;
  private HazelcastInstance other;

  @AfterEach
  void end() {
    if (other != null) {
      other.getLifecycleService().terminate();
    }
    if (own != null) {
      own.getLifecycleService().terminate();
    }
    vertx.close().await();
  }

  @Test
  @DisplayName(
      "are known by their nodes' ids; one that goes is gone from the directory at once, also if it was there first")
  void leaves() throws Exception {
    other = member("other", there);
    own = member("own", here);
    // Where no time passes, nobody is forgotten because he is silent.
    InstantSource still = InstantSource.fixed(Instant.EPOCH);
    Node node = Node.join(vertx, still, new SimpleMeterRegistry(), Tracing.OFF, "own")
        .await(20, TimeUnit.SECONDS);
    List<JsonObject> changes = new CopyOnWriteArrayList<>();
    vertx
        .eventBus()
        .<JsonObject>consumer(Addresses.EVENTS_CLUSTER, event -> changes.add(event.body()));
    AtomicInteger appeared = new AtomicInteger();
    Members members = Members.watch(vertx, own, node, appeared::incrementAndGet);
    assertThat(members.ids()).isEqualTo(Set.of("own", "other"));
    node.bus()
        .publish(
            Addresses.EVENTS_NODE,
            new Hello(Kind.SESSION, "other", "its.inbox", 0, false, false, 1));
    await().atMost(LIMIT).until(() -> node.directory().knows("its.inbox"));

    other.getLifecycleService().terminate();

    await().atMost(LIMIT).until(() -> !node.directory().knows("its.inbox"));
    await().atMost(LIMIT).until(() -> members.ids().equals(Set.of("own")));
    await().atMost(LIMIT).until(() -> !changes.isEmpty());
    assertThat(changes)
        .allMatch(change -> change.getString("node").equals("other")
            && change.getString("change").equals("left")
            && change.getInteger("nodes") == 1);
    assertThat(appeared).hasValue(0);

    other = member("third", there);

    await().atMost(LIMIT).until(() -> members.ids().equals(Set.of("own", "third")));
    await().atMost(LIMIT).until(() -> appeared.get() == 1);
    members.close();
    other.getLifecycleService().terminate();
    await().atMost(LIMIT).until(() -> own.getCluster().getMembers().size() == 1);
    assertThat(members.ids()).isEqualTo(Set.of("own", "third"));
  }

  @Test
  @DisplayName(
      "are all nodes of Consoul, also one without data of its own, but no other application")
  void lite() throws Exception {
    Config application = config("application", there);
    application.setLiteMember(true);
    other = Hazelcast.newHazelcastInstance(application);
    Config withoutData = ClusterFile.read(Files.readString(Path.of("..", "cluster.xml")), Map.of())
        .config();
    own = Hazelcast.newHazelcastInstance(ours(withoutData, "own", here).setLiteMember(true));
    Node node = Node.join(
            vertx, InstantSource.system(), new SimpleMeterRegistry(), Tracing.OFF, "own")
        .await(20, TimeUnit.SECONDS);

    assertThat(Members.watch(vertx, own, node, () -> {}).ids()).isEqualTo(Set.of("own"));
    assertThat(own.getCluster().getMembers()).hasSize(2);
  }

  private HazelcastInstance member(String id, int port) throws IOException {
    return Hazelcast.newHazelcastInstance(config(id, port));
  }

  private Config config(String id, int port) throws IOException {
    return ours(new XmlConfigBuilder("../cluster.xml").build(), id, port);
  }

  private Config ours(Config config, String id, int port) {
    SmallCluster.member(config, "members", port, List.of(here, there));
    config.getMemberAttributeConfig().setAttribute(Members.NODE_ID, id);
    return config;
  }
}
