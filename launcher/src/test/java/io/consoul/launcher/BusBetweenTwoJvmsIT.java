package io.consoul.launcher;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.Bus;
import io.consoul.message.BusMessage;
import io.consoul.message.Unknown;
import io.consoul.message.WireType;
import io.consoul.testkit.Ports;
import io.consoul.testkit.SampleMessages;
import io.consoul.testkit.ServerProcess;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Between two JVMs, in the cluster that cluster.xml describes")
class BusBetweenTwoJvmsIT {

  private ServerProcess other;
  private Vertx vertx;

  @Test
  @DisplayName("there is a sample of every message")
  void everyMessageHasASample() {
    assertThat(SampleMessages.all().stream().map(BusMessage::wireType).collect(Collectors.toSet()))
        .containsExactlyInAnyOrderElementsOf(Arrays.stream(WireType.values())
            .filter(type -> type != WireType.UNKNOWN)
            .toList());
  }

  @ParameterizedTest(name = "a node that writes frame version {0}")
  @ValueSource(ints = {1, 2})
  @DisplayName("every message arrives as it was sent, and comes back")
  void everyMessage(int version) throws Exception {
    Bus bus = join(version);

    for (BusMessage message : SampleMessages.all()) {
      assertThat(vertx
              .eventBus()
              .<BusMessage>request(EchoNode.ADDRESS, message)
              .await(20, SECONDS)
              .body())
          .as(message.wireType().wireName())
          .isEqualTo(message)
          .isNotSameAs(message);
    }
    bus.write(2);
  }

  @Test
  @DisplayName("a message that a node cannot read arrives as unknown, so that it can be refused")
  void unknown() throws Exception {
    join(2);

    Object back = vertx
        .eventBus()
        .request(EchoNode.ADDRESS, new Unknown("turn.rewind", 9))
        .await(20, SECONDS)
        .body();

    assertThat(back).isInstanceOf(Unknown.class);
  }

  @AfterEach
  void leave() throws Exception {
    if (vertx != null) {
      vertx.close().await(20, SECONDS);
    }
    if (other != null) {
      other.close();
    }
  }

  private Bus join(int otherWrites) throws Exception {
    int here = Ports.free();
    int there = Ports.free();
    String cluster = "test-" + ProcessHandle.current().pid() + "-" + here;
    other = ServerProcess.start(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            EchoNode.class.getName(),
            cluster,
            "" + there,
            "" + here,
            "" + otherWrites),
        Map.of(),
        Path.of("."));
    other.awaitLine(EchoNode.READY, Duration.ofSeconds(120));
    vertx = EchoNode.join(cluster, here, there);
    return Bus.install(vertx);
  }
}
