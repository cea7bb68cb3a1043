package io.consoul.acceptance.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.acceptance.NodeProcess;
import io.vertx.core.Promise;
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

  /** It is to be 5 s at the latest (docs/clustering.md), to which a machine that is busy with six nodes adds. */
  private static final Duration GOES_ON = Duration.ofSeconds(15);

  /**
   * A killed node is to be missed because its connections are gone. If an answer went on only because it is silent, that would take
   * longer than {@link #GOES_ON}, as the patience of a reader does.
   */
  private static final int SILENCE_SECONDS = 20;

  private static final Duration NOTICED = Duration.ofSeconds(30);
  private static final Duration COLLECTED = Duration.ofSeconds(30);
  private static final int CLIENTS = 30;

  /** Three kills in one answer also on a slow machine: 40 s of it, of which what is left then comes at once. */
  private static final int MANY_WORDS = 1_000;

  /** Characters of each answer that are in Redis before its node is killed: they are not taken back. */
  private static final int JOURNALLED = 40;

  @TempDir
  private Path home;

  private Fleet fleet;

  @BeforeEach
  void prepare() throws Exception {
    fleet = Fleet.of(home, 6).forgiveSilence(SILENCE_SECONDS);
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

    Promise<Void> hurry = fleet.hurryLater();
    Crowd crowd =
        Crowd.ask("kind", CLIENTS, MANY_WORDS, fleet.entrances(gateways)).awaitHeard(40);
    assertThat(fleet.answering(provider)).isPositive();
    Kill ofProvider = kill("provider", provider, otherGateway, 5);
    crowd.awaitMore(100); // nobody still waits because of the fault before
    crowd.assertInMidAnswer();
    Kill ofSession = kill("session", session, otherGateway, 4);
    crowd.awaitMore(100);
    assertThat(crowd.breaks()).as("their gateways are there").isZero();
    assertThat(crowd.turns()).allMatch(turn -> turn.transcript().cutBack() == 0);
    crowd.assertInMidAnswer();
    Kill ofGateway = kill("gateway and gc", gateway, otherGateway, 3);
    crowd.awaitMore(100);
    hurry.complete();
    await("another gc collects")
        .atMost(COLLECTED)
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
        .atMost(COLLECTED)
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
      Promise<Void> release = fleet.holdAfter(110); // however long it takes until all are heard
      Crowd crowd =
          Crowd.ask("equal-" + time, CLIENTS, 120, fleet.entrances(nodes)).awaitHeard(JOURNALLED);
      awaitJournalled(crowd);

      assertThat(fleet.answering(victim)).isPositive();
      Kill kill = kill("a node with all", victim, witness, 2);
      release.complete();
      crowd.awaitEnd();

      kill.report(crowd);
      crowd.assertWhole(fleet.client(witness));
      kill.assertBrief(crowd);
      assertThat(crowd.turns()).allMatch(turn -> turn.transcript().cutTo() >= JOURNALLED);
      if (time + 1 < times) {
        victim.start().awaitUp();
        fleet.awaitMembers(witness, 3, Duration.ofSeconds(60));
      }
    }
  }

  private Kill kill(String what, NodeProcess victim, NodeProcess witness, int left) {
    long losses = losses(witness);
    long fault = System.nanoTime();
    victim.kill();
    long noticed = fleet.awaitMembers(witness, left, NOTICED);
    await("it is out of the cluster, which silence alone would not do")
        .atMost(NOTICED)
        .until(() -> losses(witness) > losses);
    return new Kill(what, fault, Duration.ofNanos(noticed - fault));
  }

  /** How many nodes this one has seen go out of the cluster. */
  private static long losses(NodeProcess witness) {
    return witness.lines().stream()
        .filter(line -> line.contains(" has left; nodes now: "))
        .count();
  }

  private void awaitJournalled(Crowd crowd) {
    await("the beginning of every answer is in Redis")
        .atMost(NOTICED)
        .until(() -> crowd.turns().stream().allMatch(turn -> fleet.journalled(turn) >= JOURNALLED));
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
