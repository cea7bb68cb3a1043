package io.consoul.acceptance.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.acceptance.NodeProcess;
import io.consoul.acceptance.StoredTurns;
import io.consoul.testkit.ChatClient;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
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

  /**
   * Silence is noticed after 5 s at the latest, and then the turn is to be taken over, on a busy machine somewhat later. An answer
   * that goes on only because its reader, or a search for it, has run out of patience takes longer than this.
   */
  private static final Duration GOES_ON = Duration.ofSeconds(15);

  private static final Duration WITHOUT_IT = Duration.ofSeconds(60);
  private static final Duration WHOLE_AGAIN = Duration.ofSeconds(60);
  private static final int WORDS = 240;

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
    Promise<Void> release = fleet.holdAfter(WORDS - 10); // none of them ends before the fault
    Crowd crowd =
        Crowd.ask("provider", CLIENTS, WORDS, fleet.entrances(gateway)).awaitHeard(40);

    int answering = fleet.answering(provider);
    long fault = pause(
        provider,
        3,
        () -> crowd.turns().stream().filter(turn -> fleet.asked(turn) > 1).count() >= answering);
    release.complete();

    report("provider", crowd, fault);
    assertThat(answering).isPositive();
    assertThat(crowd.turns())
        .as("the other provider was well, and keeps what it has")
        .filteredOn(turn -> fleet.asked(turn) > 1)
        .hasSizeLessThan(CLIENTS);
    assertThat(crowd.effect(fault).longest()).isLessThan(GOES_ON);
  }

  @Test
  @DisplayName(
      "leaves its sessions to another session verticle, and what it does when it goes on changes nothing")
  void session() {
    Promise<Void> release = fleet.holdAfter(WORDS - 10);
    Crowd crowd = Crowd.ask("session", CLIENTS, WORDS, fleet.entrances(gateway)).awaitHeard(40);

    long fault = pause(session, 3, () -> true);
    release.complete();

    report("session", crowd, fault);
    assertThat(crowd.effect(fault).longest()).isLessThan(GOES_ON);
  }

  /**
   * Until everybody else has done without it for longer than a lease; then it goes on.
   *
   * @param replaced whether others have taken its work
   */
  private static long pause(NodeProcess node, int left, Callable<Boolean> replaced) {
    long fault = System.nanoTime();
    node.pause();
    try {
      fleet.awaitMembers(gateway, left, WITHOUT_IT);
      await("its work is taken").atMost(WITHOUT_IT).until(replaced);
      await("longer than a lease")
          .atMost(WITHOUT_IT)
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
