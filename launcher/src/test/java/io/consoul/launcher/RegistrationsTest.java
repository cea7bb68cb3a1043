package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hazelcast.config.Config;
import com.hazelcast.config.XmlConfigBuilder;
import com.hazelcast.core.EntryAdapter;
import com.hazelcast.core.EntryEvent;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.multimap.MultiMap;
import io.consoul.message.Addresses;
import io.consoul.testkit.Ports;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("What a node has on the event bus")
class RegistrationsTest {

  /** Where vertx-hazelcast keeps it for all nodes. */
  private static final String LIST = "__vertx.subs";

  private static final int here = Ports.free();
  private static final int there = Ports.free();
  private static HazelcastClusterManager manager;
  private static Vertx vertx;
  private static HazelcastInstance other;
  private static MultiMap<String, Object> list;

  @BeforeAll
  static void start() throws Exception {
    manager = new HazelcastClusterManager(config(here));
    vertx = Vertx.builder()
        .with(new VertxOptions().setEventBusOptions(new EventBusOptions().setHost("127.0.0.1")))
        .withClusterManager(manager)
        .buildClustered()
        .await(60, TimeUnit.SECONDS);
    other = Hazelcast.newHazelcastInstance(config(there));
    list = other.getMultiMap(LIST);
  }

  @AfterAll
  static void end() throws Exception {
    if (other != null) {
      other.getLifecycleService().terminate();
    }
    if (vertx != null) {
      vertx.close().await(30, TimeUnit.SECONDS);
    }
  }

  @Test
  @DisplayName("is heard again when it was struck off the cluster's list by another node")
  void struckOff() throws Exception {
    vertx
        .eventBus()
        .<String>consumer("here", question -> question.reply("yes"))
        .completion()
        .await(30, TimeUnit.SECONDS);
    await().until(() -> list.containsKey("here"));

    list.entrySet().forEach(entry -> list.remove(entry.getKey(), entry.getValue()));
    assertThat(list.containsKey("here")).isFalse();
    new Registrations(vertx, manager).sayAgain();

    await().until(() -> list.valueCount("here") == 1);
    assertThat(vertx
            .eventBus()
            .<String>request("here", "?")
            .await(30, TimeUnit.SECONDS)
            .body())
        .isEqualTo("yes");
  }

  @Test
  @DisplayName("makes the others read anew who listens to announcements")
  void stirs() throws Exception {
    List<String> noticed = new CopyOnWriteArrayList<>();
    list.addEntryListener(
        new EntryAdapter<String, Object>() {
          @Override
          public void entryAdded(EntryEvent<String, Object> event) {
            noticed.add(event.getKey());
          }
        },
        false);

    new Registrations(vertx, manager).sayAgain();

    await().until(() -> noticed.contains(Addresses.EVENTS_NODE));
    await().until(() -> list.valueCount(Addresses.EVENTS_NODE) == 0);
  }

  private static Config config(int port) throws IOException {
    Config config = new XmlConfigBuilder("../cluster.xml").build();
    // vertx-hazelcast looks for it at whoever leaves
    config.getMemberAttributeConfig().setAttribute(Members.NODE_ID, "node-" + port);
    SmallCluster.member(config, "registrations", port, List.of(here, there));
    return config;
  }
}
