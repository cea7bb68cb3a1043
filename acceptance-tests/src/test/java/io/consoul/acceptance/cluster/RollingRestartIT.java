package io.consoul.acceptance.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.acceptance.NodeProcess;
import io.consoul.acceptance.StoredTurns;
import io.consoul.acceptance.cluster.Visitor.Way;
import io.consoul.testkit.ChatClient;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("Three equal nodes that are restarted one after the other, under load")
class RollingRestartIT {

  /** As long as a drain may take. */
  private static final Duration STOPPING = Duration.ofSeconds(80);

  private static final Duration READY = Duration.ofSeconds(90);
  private static final Duration LEAVING = Duration.ofSeconds(90);

  /** Of an answer that is asked for whole, and of one that is followed: a third of a second, and three seconds. */
  private static final int FEW = 8;

  private static final int MANY = 75;

  @TempDir
  private Path home;

  private Fleet fleet;

  @BeforeEach
  void prepare() throws Exception {
    fleet = Fleet.of(home, 3);
  }

  @AfterEach
  void end(TestInfo test) throws Exception {
    fleet.keepLogs("rolling-" + test.getTestMethod().orElseThrow().getName());
    fleet.close();
  }

  @Test
  @DisplayName("fail no request that was sent to a ready one, and lose and double no turn")
  void once() {
    restartAll(1);
  }

  @Test
  @Tag("long")
  @DisplayName(
      "fail no request that was sent to a ready one, and lose and double no turn, many times")
  void overAndOver() {
    restartAll(6);
  }

  private void restartAll(int times) {
    NodeProcess[] nodes = {fleet.node(), fleet.node(), fleet.node()};
    fleet.start(nodes).warmUp(nodes);
    List<ChatClient> clients =
        List.of(fleet.client(nodes[0]), fleet.client(nodes[1]), fleet.client(nodes[2]));
    List<Visitor> visitors = new ArrayList<>();
    try (Balancer balancer = new Balancer(fleet.vertx(), clients)) {
      for (int i = 0; i < 4; i++) {
        visitors.add(new Visitor("plain-" + i, Way.PLAIN, FEW, balancer));
        visitors.add(new Visitor("stream-" + i, Way.STREAM, MANY, balancer));
        visitors.add(new Visitor("socket-" + i, Way.SOCKET, MANY, balancer));
      }
      await("all talk")
          .atMost(READY)
          .until(() -> visitors.stream().allMatch(visitor -> visitor.turns().size() > 1));
      for (int time = 0; time < times; time++) {
        for (NodeProcess node : nodes) {
          restart(node, balancer);
        }
      }
      visitors.forEach(Visitor::leave);
      await("all have left")
          .atMost(LEAVING)
          .until(() -> visitors.stream().allMatch(Visitor::hasLeft));
    } finally {
      visitors.forEach(Visitor::leave);
    }
    check(visitors, clients);
  }

  private void restart(NodeProcess node, Balancer balancer) {
    long begin = System.nanoTime();
    node.terminate();
    assertThat(node.exitCode(STOPPING)).isZero();
    long ended = System.nanoTime();
    node.start().awaitUp();
    await("it is ready again").atMost(READY).until(() -> balancer.isReady(fleet.client(node)));
    System.out.println("restarted a node: ended after " + (ended - begin) / 1_000_000
        + " ms, ready " + (System.nanoTime() - ended) / 1_000_000 + " ms later");
  }

  private static void check(List<Visitor> visitors, List<ChatClient> nodes) {
    SoftAssertions softly = new SoftAssertions();
    int turns = 0;
    int away = 0;
    for (Visitor visitor : visitors) {
      turns += visitor.turns().size();
      for (Turn turn : visitor.turns()) {
        Transcript transcript = turn.transcript();
        away += transcript.breaks().size();
        softly.assertThat(transcript.failure()).as("%s", turn).isNull();
        softly.assertThat(transcript.refusals()).as("%s", turn).isEmpty();
        softly.assertThat(transcript.errors()).as("%s", turn).isEmpty();
        softly.assertThat(transcript.gaps()).as("%s", turn).isEmpty();
        softly.assertThat(transcript.text()).as("%s", turn).isEqualTo(turn.answer());
        if (visitor.way() == Way.SOCKET) {
          softly
              .assertThat(transcript.breaks())
              .as("%s", turn)
              .allMatch(how -> how.endsWith("socket 1012"));
        }
      }
      List<JsonObject> stored = StoredTurns.messages(nodes.get(0), visitor.session());
      softly.assertThat(stored).isEqualTo(StoredTurns.messages(nodes.get(2), visitor.session()));
      softly
          .assertThat(stored.stream().map(message -> message.getString("content")))
          .as(visitor.session())
          .isEqualTo(visitor.turns().stream()
              .flatMap(turn -> List.of(turn.message(), turn.answer()).stream())
              .toList());
    }
    boolean restartedSockets = visitors.stream()
        .filter(visitor -> visitor.way() == Way.SOCKET)
        .flatMap(visitor -> visitor.turns().stream())
        .anyMatch(turn -> !turn.transcript().breaks().isEmpty());
    softly.assertThat(restartedSockets).as("some WebSocket was sent away").isTrue();
    System.out.println("rolling restart: " + turns + " turns, " + away + " connections sent away");
    softly.assertAll();
  }
}
