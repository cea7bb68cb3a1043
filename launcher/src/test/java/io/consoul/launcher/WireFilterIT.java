package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hazelcast.config.Config;
import com.hazelcast.config.XmlConfigBuilder;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.DataSerializable;
import com.hazelcast.nio.serialization.genericrecord.GenericRecord;
import io.consoul.testkit.Ports;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A member of the cluster, of what another one sends it,")
class WireFilterIT {

  private static final AtomicInteger made = new AtomicInteger();

  private static HazelcastInstance filtered;
  private static HazelcastInstance other;

  /** Of a class that a node has, but is never sent; making one does something. */
  private static final class Foreign implements Callable<String>, Serializable {

    private void readObject(ObjectInputStream in) {
      made.incrementAndGet();
    }

    @Override
    public String call() {
      return "done";
    }
  }

  /** The same in the form of Hazelcast's own that names its class. */
  public static final class ForeignData implements DataSerializable {

    public ForeignData() {
      made.incrementAndGet();
    }

    @Override
    public void writeData(ObjectDataOutput out) {}

    @Override
    public void readData(ObjectDataInput in) {}
  }

  /** Of a class without a form, for which Hazelcast takes its fields. */
  public static final class ForeignFields {

    private int number = 1;

    @Override
    public String toString() {
      return "foreign " + number;
    }
  }

  @BeforeAll
  static void start() throws Exception {
    int one = Ports.free();
    int two = Ports.free();
    Config config = config(one, two);
    WireFilter.apply(config);
    filtered = Hazelcast.newHazelcastInstance(config);
    other = Hazelcast.newHazelcastInstance(config(two, one));
    assertThat(other.getCluster().getMembers()).hasSize(2);
  }

  @AfterAll
  static void end() {
    if (other != null) {
      other.getLifecycleService().terminate();
    }
    if (filtered != null) {
      filtered.getLifecycleService().terminate();
    }
  }

  @Test
  @DisplayName("makes no object of a class that is not for it, though cluster.xml has no such list")
  void refusesOnRead() {
    other.getMap("objects").put("foreign", new Foreign());
    other.getMap("objects").put("within", new HashMap<>(Map.of("key", new Foreign())));
    other.getMap("objects").put("url", new Object[] {URI.create("http://127.0.0.1/")});
    other.getMap("objects").put("data", new ForeignData());
    made.set(0);

    for (String key : List.of("foreign", "within", "url", "data")) {
      assertThatThrownBy(() -> filtered.getMap("objects").get(key))
          .as(key)
          .hasStackTraceContaining("is not allowed");
    }

    assertThat(made).hasValue(0);
    assertThat(other.getMap("objects").get("foreign")).isInstanceOf(Foreign.class);
    assertThat(made).hasPositiveValue();
  }

  @Test
  @DisplayName("makes none of what has no form of its own either, but a record of its fields")
  void fieldsOnly() {
    other.getMap("objects").put("fields", new ForeignFields());

    assertThat(filtered.getMap("objects").get("fields")).isInstanceOf(GenericRecord.class);

    assertThat(other.getMap("objects").get("fields")).isInstanceOf(ForeignFields.class);
  }

  @Test
  @DisplayName("runs no task of a class that is not for it")
  void refusesTasks() throws Exception {
    made.set(0);

    assertThatThrownBy(() -> other
            .getExecutorService("tasks")
            .submitToMember(new Foreign(), filtered.getCluster().getLocalMember())
            .get(30, TimeUnit.SECONDS))
        .hasStackTraceContaining("is not allowed");

    assertThat(made).hasValue(0);
  }

  @Test
  @DisplayName("reads a failure with all that it is made of")
  void readsFailures() {
    IllegalStateException failure =
        new IllegalStateException("why", new java.io.IOException("because"));
    failure.addSuppressed(new java.util.concurrent.TimeoutException("late"));
    other.getMap("objects").put("failure", failure);

    Throwable read = (Throwable) filtered.getMap("objects").get("failure");

    assertThat(read).hasMessage("why").hasRootCauseMessage("because");
    assertThat(read.getSuppressed()).hasSize(1);
    assertThat(read.getStackTrace()).isNotEmpty();
  }

  private static Config config(int port, int otherPort) throws Exception {
    Config config = new XmlConfigBuilder("../cluster.xml").build();
    config.setClusterName("test-" + ProcessHandle.current().pid() + "-filter");
    config.getNetworkConfig().setPort(port).setPortAutoIncrement(false);
    config
        .getNetworkConfig()
        .getJoin()
        .getTcpIpConfig()
        .setMembers(List.of("127.0.0.1:" + port, "127.0.0.1:" + otherPort));
    return config;
  }
}
