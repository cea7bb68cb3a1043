package io.consoul.acceptance.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.acceptance.NodeProcess;
import io.consoul.acceptance.StoredTurns;
import io.consoul.testkit.ChatClient;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("A node that stands still for longer than its lease, in mid-answer")
class PauseIT {

  private static final int CLIENTS = 30;

  /** A lease is 5 s; a node that gives no sign of life is out of the cluster after as long. */
  private static final Duration BEYOND_THE_LEASE = Duration.ofSeconds(7);

  /** Silence is noticed after 5 s at the latest, and then the turn is to be taken over. */
  private static final Duration GOES_ON = Duration.ofSeconds(9);

  private static final Duration WHOLE_AGAIN = Duration.ofSeconds(20);

  private static Fleet fleet;
  private static NodeProcess gateway;
  private static NodeProcess session;
  private static NodeProcess provider;

  @BeforeAll
  static void start(@TempDir Path home) throws Exception {
    fleet = Fleet.of(home, 4);
    gateway = fleet.node("gateway", "gc");
    session = fleet.node("session");
    provider = fleet.node("provider");
    fleet.node("session", "provider");
    fleet.start(gateway).warmUp(gateway);
  }

  @AfterAll
  static void end() throws Exception {
    fleet.keepLogs("pause");
    fleet.close();
  }

  @Test
  @DisplayName(
      "loses its turns to another provider, and what it does when it goes on changes nothing")
  void provider() {
    Crowd crowd = Crowd.ask("provider", CLIENTS, 320, fleet.entrances(gateway)).awaitHeard(40);

    int answering = fleet.answering(provider);
    long fault = pause(provider, 3);

    report("provider", crowd, fault);
    assertThat(answering).isPositive();
    assertThat(crowd.turns().stream().filter(turn -> fleet.asked(turn) > 1)).hasSize(answering);
    assertThat(crowd.effect(fault).longest()).isLessThan(GOES_ON);
  }

  @Test
  @DisplayName(
      "leaves its sessions to another session verticle, and what it does when it goes on changes nothing")
  void session() {
    Crowd crowd = Crowd.ask("session", CLIENTS, 320, fleet.entrances(gateway)).awaitHeard(40);

    long fault = pause(session, 3);

    report("session", crowd, fault);
    assertThat(crowd.effect(fault).longest()).isLessThan(GOES_ON);
  }

  /** Until everybody else has done without it for longer than a lease; then it goes on. */
  private static long pause(NodeProcess node, int left) {
    long fault = System.nanoTime();
    node.pause();
    try {
      fleet.awaitMembers(gateway, left, BEYOND_THE_LEASE.plusSeconds(8));
      await("longer than a lease")
          .atMost(BEYOND_THE_LEASE.plusSeconds(1))
          .until(() -> System.nanoTime() - fault > BEYOND_THE_LEASE.toNanos());
    } finally {
      node.resume();
    }
    return fault;
  }

  private static void report(String what, Crowd crowd, long fault) {
    crowd.awaitEnd();
    ChatClient client = fleet.client(gateway);
    int most = crowd.turns().stream().mapToInt(fleet::asked).max().orElseThrow();
    System.out.println("stopped the node of a " + what + ": " + crowd.effect(fault)
        + "; the model was asked up to " + most + " times for a turn");
    crowd.assertWhole(client);
    List<List<JsonObject>> stored = stored(crowd, client);

    fleet.awaitMembersEverywhere(4, WHOLE_AGAIN);
    await("the late ones have given up")
        .atMost(WHOLE_AGAIN)
        .until(() -> fleet.model().openStreams() == 0);

    assertThat(stored(crowd, client)).isEqualTo(stored);
    Crowd next =
        Crowd.ask("after-" + what, CLIENTS, 10, fleet.entrances(gateway)).awaitEnd();
    next.assertWhole(client);
    assertThat(next.turns()).allMatch(turn -> turn.transcript().errors().isEmpty());
  }

  private static List<List<JsonObject>> stored(Crowd crowd, ChatClient client) {
    return crowd.turns().stream()
        .map(turn -> StoredTurns.messages(client, turn.session()))
        .toList();
  }
}
