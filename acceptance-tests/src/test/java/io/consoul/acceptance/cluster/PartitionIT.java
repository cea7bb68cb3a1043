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
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("Two nodes on one Redis that do not reach each other for a while")
class PartitionIT {

  private static final int CLIENTS = 6;
  private static final Duration PARTED = Duration.ofSeconds(60);
  private static final Duration LONGER_THAN_A_LEASE = Duration.ofSeconds(8);

  /** It is under 0.1 s (docs/clustering.md), but for a machine that is late; silence of a peer is a fault after 5 s. */
  private static final Duration UNDISTURBED = Duration.ofSeconds(4);

  private static final Duration WHOLE_AGAIN = Duration.ofSeconds(60);
  private static final Duration LEAVING = Duration.ofSeconds(60);

  /** Of each of the two that talk in one session. */
  private static final int TURNS_WHILE_PARTED = 2;

  @TempDir
  private Path home;

  private Fleet fleet;
  private Divide divide;
  private NodeProcess one;
  private NodeProcess other;

  @BeforeEach
  void start() throws Exception {
    fleet = Fleet.ofOwnFiles(home);
    divide = Divide.between(home.resolve("one"), home.resolve("other"));
    one = fleet.node(home.resolve("one"));
    other = fleet.node(home.resolve("other"));
    fleet.start(one, other).warmUp(one, other);
  }

  @AfterEach
  void end(TestInfo test) throws Exception {
    fleet.keepLogs("partition-" + test.getTestMethod().orElseThrow().getName());
    fleet.close();
    divide.close();
  }

  @Test
  @DisplayName(
      "both go on, neither takes the other's turns, no turns of a session overlap, and then they agree")
  void parted() {
    Entrances atOne = fleet.entrances(one);
    Entrances atOther = fleet.entrances(other);
    Crowd ofOne = Crowd.ask("one", CLIENTS, 340, atOne);
    Crowd ofOther = Crowd.ask("other", CLIENTS, 340, atOther);
    ofOne.awaitHeard(40);
    ofOther.awaitHeard(40);
    Crowd listeners = ofOne.follow(atOther).awaitHeard(80);
    List<Visitor> visitors = List.of(
        new Visitor("x", "shared", Way.PLAIN, 4, atOne),
        new Visitor("y", "shared", Way.PLAIN, 4, atOther));

    long fault = System.nanoTime();
    divide.cut();
    ofOne.awaitMore(100);
    ofOther.awaitMore(100);
    fleet.awaitMembers(one, 1, PARTED);
    long parted = fleet.awaitMembers(other, 1, PARTED);
    awaitMoreTurns(visitors);
    await("longer than a lease")
        .atMost(PARTED)
        .until(() -> System.nanoTime() - fault > LONGER_THAN_A_LEASE.toNanos());
    divide.heal();
    long healed = System.nanoTime();
    fleet.awaitMembers(one, 2, WHOLE_AGAIN);
    long whole = fleet.awaitMembers(other, 2, WHOLE_AGAIN);
    visitors.forEach(Visitor::leave);
    await("all have left")
        .atMost(LEAVING)
        .until(() -> visitors.stream().allMatch(Visitor::hasLeft));
    Stream.of(ofOne, ofOther, listeners).forEach(Crowd::awaitEnd);

    System.out.println("cut two nodes: parted after " + millis(parted - fault)
        + " ms, whole again " + millis(whole - healed) + " ms after healing; own clients: "
        + ofOne.effect(fault) + "; listeners at the other node: " + listeners.effect(fault));
    for (NodeProcess node : List.of(one, other)) {
      Stream.of(ofOne, ofOther, listeners).forEach(crowd -> crowd.assertWhole(fleet.client(node)));
    }
    Stream.of(ofOne, ofOther).forEach(crowd -> assertUndisturbed(crowd, fault));
    assertOneAfterTheOther(visitors);
    assertTogetherAgain();
  }

  private static void awaitMoreTurns(List<Visitor> visitors) {
    int[] turns = visitors.stream().mapToInt(visitor -> visitor.turns().size()).toArray();
    await("both go on in their session")
        .atMost(PARTED)
        .until(() -> IntStream.range(0, turns.length)
            .allMatch(i -> visitors.get(i).turns().size() > turns[i] + TURNS_WHILE_PARTED));
  }

  /**
   * Its provider was well all the time: nobody else has asked the model, and no reader has waited for as long as silence may last, or
   * as the cut did.
   */
  private void assertUndisturbed(Crowd crowd, long fault) {
    for (Turn turn : crowd.turns()) {
      assertThat(fleet.asked(turn)).as("%s", turn).isEqualTo(1);
      assertThat(turn.transcript().breaks()).as("%s", turn).isEmpty();
      assertThat(turn.transcript().errors()).as("%s", turn).isEmpty();
    }
    assertThat(crowd.effect(fault).median()).isLessThan(UNDISTURBED);
    assertThat(crowd.effect(fault).longest()).isLessThan(LONGER_THAN_A_LEASE);
  }

  /** Of a session that is used at both nodes every turn sees those before it, and is there once. */
  private void assertOneAfterTheOther(List<Visitor> visitors) {
    List<Turn> turns = new ArrayList<>();
    visitors.forEach(visitor -> turns.addAll(visitor.turns()));
    assertThat(turns).allMatch(turn -> turn.transcript().failure() == null, "was answered");
    List<JsonObject> stored = StoredTurns.messages(fleet.client(one), "shared");
    assertThat(stored)
        .hasSize(2 * turns.size())
        .isEqualTo(StoredTurns.messages(fleet.client(other), "shared"));
    for (int i = 0; i < stored.size(); i += 2) {
      assertThat(stored.get(i + 1).getString("content"))
          .isEqualTo("You said: " + stored.get(i).getString("content"));
    }
    assertThat(stored.stream().filter(message -> message.getString("role").equals("user")))
        .extracting(message -> message.getString("content"))
        .containsExactlyInAnyOrderElementsOf(turns.stream().map(Turn::message).toList());
    // Who was passed over may still ask the model, late and in vain: what counts is whose answer is
    // kept.
    for (int i = 0; i < stored.size(); i += 2) {
      assertThat(prompts(stored.get(i).getString("content")))
          .as("messages of the prompts of turn %d", i / 2)
          .contains(i + 1);
    }
  }

  /** How many messages the model was given each time that it was asked this. */
  private List<Integer> prompts(String message) {
    return fleet.model().requests().stream()
        .filter(request -> request.lastUserText().equals(message))
        .map(request -> request.messages().size())
        .toList();
  }

  /** What runs on one node is followed on the other as before. */
  private void assertTogetherAgain() {
    ChatClient client = fleet.client(other);
    Crowd next = Crowd.ask("next", CLIENTS, 60, fleet.entrances(one)).awaitHeard(20);
    Crowd listeners = next.follow(fleet.entrances(other)).awaitHeard(60).awaitEnd();
    next.awaitEnd().assertWhole(client);
    listeners.assertWhole(client);
    assertThat(listeners.turns()).allMatch(turn -> turn.transcript().refusals().isEmpty());
  }

  private static long millis(long nanos) {
    return nanos / 1_000_000;
  }
}
