package io.consoul.acceptance.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.acceptance.NodeProcess;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("Thirty clients whose cluster loses a node to kill -9 in mid-answer")
class KillIT {

  private static final Duration GOES_ON = Duration.ofSeconds(5);
  private static final Duration NOTICED = Duration.ofSeconds(5);
  private static final int CLIENTS = 30;

  /** Half a second of the model's, in characters, with room for what a busy machine journals late. */
  private static final int HALF_A_SECOND = 100;

  @TempDir
  private Path home;

  private Fleet fleet;

  @BeforeEach
  void prepare() throws Exception {
    fleet = Fleet.of(home, 6);
  }

  @AfterEach
  void end(TestInfo test) throws Exception {
    fleet.keepLogs("kill-" + test.getTestMethod().orElseThrow().getName());
    fleet.close();
  }

  @Test
  @DisplayName(
      "have each word once when its nodes have a kind each: provider, session, gateway with gc")
  void eachKind() {
    fleet.set("CONSOUL_SESSION_GC_INTERVAL", "1");
    NodeProcess[] gateways = {fleet.node("gateway", "gc"), fleet.node("gateway", "gc")};
    NodeProcess session = fleet.node("session");
    fleet.node("session");
    NodeProcess provider = fleet.node("provider");
    fleet.node("provider");
    fleet.start(gateways).warmUp(gateways);
    NodeProcess gateway = whichCollects(gateways);
    NodeProcess otherGateway = gateway == gateways[0] ? gateways[1] : gateways[0];
    int collections = fleet.collections(otherGateway);

    Crowd crowd = Crowd.ask("kind", CLIENTS, 420, fleet.entrances(gateways)).awaitHeard(40);
    assertThat(fleet.answering(provider)).isPositive();
    Kill ofProvider = kill("provider", provider, otherGateway, 5);
    awaitGoingOn(crowd);
    Kill ofSession = kill("session", session, otherGateway, 4);
    awaitGoingOn(crowd);
    Kill ofGateway = kill("gateway and gc", gateway, otherGateway, 3);
    await("another gc collects")
        .atMost(Duration.ofSeconds(10))
        .until(() -> fleet.collections(otherGateway) > collections);
    crowd.awaitEnd();

    for (Kill kill : new Kill[] {ofProvider, ofSession, ofGateway}) {
      kill.report(crowd);
    }
    crowd.assertWhole(fleet.client(otherGateway));
    for (Kill kill : new Kill[] {ofProvider, ofSession, ofGateway}) {
      kill.assertBrief(crowd);
    }
    assertThat(crowd.turns()).allMatch(turn -> turn.transcript().errors().isEmpty());
    assertThat(crowd.turns()).allMatch(turn -> turn.transcript().cutBack() == 0);
  }

  @Test
  @DisplayName("have each word once when three equal nodes are two")
  void equalNode() {
    loseEqualNodes(1);
  }

  @Test
  @Tag("long")
  @DisplayName(
      "have each word once when three equal nodes are killed and started again, many times")
  void equalNodesOverAndOver() {
    loseEqualNodes(8);
  }

  /** The one of two whose gc is at work; the other's waits until it is needed. */
  private NodeProcess whichCollects(NodeProcess[] nodes) {
    int[] before = {fleet.collections(nodes[0]), fleet.collections(nodes[1])};
    return await("one of two collects")
        .atMost(Duration.ofSeconds(10))
        .until(
            () -> {
              for (int i = 0; i < nodes.length; i++) {
                if (fleet.collections(nodes[i]) > before[i] + 1) {
                  return nodes[i];
                }
              }
              return null;
            },
            found -> found != null);
  }

  private void loseEqualNodes(int times) {
    NodeProcess[] nodes = {fleet.node(), fleet.node(), fleet.node()};
    fleet.start(nodes).warmUp(nodes);
    for (int time = 0; time < times; time++) {
      NodeProcess victim = nodes[time % nodes.length];
      NodeProcess witness = nodes[(time + 1) % nodes.length];
      Crowd crowd =
          Crowd.ask("equal-" + time, CLIENTS, 200, fleet.entrances(nodes)).awaitHeard(40);

      assertThat(fleet.answering(victim)).isPositive();
      Kill kill = kill("a node with all", victim, witness, 2);
      crowd.awaitEnd();

      kill.report(crowd);
      crowd.assertWhole(fleet.client(witness));
      kill.assertBrief(crowd);
      assertThat(crowd.turns()).allMatch(turn -> turn.transcript().cutBack() <= HALF_A_SECOND);
      if (time + 1 < times) {
        victim.start().awaitUp();
        fleet.awaitMembers(witness, 3, Duration.ofSeconds(20));
      }
    }
  }

  private Kill kill(String what, NodeProcess victim, NodeProcess witness, int left) {
    long fault = System.nanoTime();
    victim.kill();
    long noticed = fleet.awaitMembers(witness, left, NOTICED);
    return new Kill(what, fault, Duration.ofNanos(noticed - fault));
  }

  /** Nobody still waits because of the fault before. */
  private static void awaitGoingOn(Crowd crowd) {
    int[] lengths =
        crowd.turns().stream().mapToInt(turn -> turn.transcript().length()).toArray();
    await("everybody hears more").atMost(Duration.ofSeconds(15)).until(() -> {
      for (int i = 0; i < lengths.length; i++) {
        Transcript transcript = crowd.turns().get(i).transcript();
        if (!transcript.isOver() && transcript.length() < lengths[i] + 100) {
          return false;
        }
      }
      return true;
    });
  }

  /** A node was killed, and the others have seen that it is gone. */
  private record Kill(String what, long fault, Duration noticed) {

    void report(Crowd crowd) {
      System.out.println("killed " + what + ": noticed after " + noticed.toMillis() + " ms; "
          + crowd.effect(fault));
    }

    void assertBrief(Crowd crowd) {
      assertThat(crowd.effect(fault).longest()).as(what).isLessThan(GOES_ON);
    }
  }
}
