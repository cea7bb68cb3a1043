package io.consoul.acceptance.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.acceptance.NodeProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("long")
@DisplayName("Five nodes without a Redis, one of which stands still for long, in mid-answer,")
class FreezeIT {

  private static final int CLIENTS = 30;

  /** It is out after 5 s, and looked for again from then on, in vain. */
  private static final Duration LONG = Duration.ofSeconds(14);

  private static final Duration WHOLE_AGAIN = Duration.ofSeconds(40);
  private static final Pattern LEFT = Pattern.compile("node (\\S+) at \\S+ has left");

  @TempDir
  private Path home;

  private Fleet fleet;
  private NodeProcess gateway;
  private NodeProcess session;
  private NodeProcess provider;
  private NodeProcess otherSession;
  private NodeProcess otherProvider;

  @BeforeEach
  void start() throws Exception {
    fleet = Fleet.of(home, 5).withoutRedis();
    gateway = fleet.node("gateway", "gc");
    session = fleet.node("session");
    provider = fleet.node("provider");
    otherSession = fleet.node("session");
    otherProvider = fleet.node("provider");
    fleet.start(gateway).warmUp(gateway);
  }

  @AfterEach
  void end() throws Exception {
    fleet.keepLogs("freeze");
    fleet.close();
  }

  @ParameterizedTest(name = "a {0} node")
  @ValueSource(strings = {"provider", "session"})
  @DisplayName("lose that one only, and no word")
  void loseOne(String kind) {
    NodeProcess frozen = kind.equals("provider") ? provider : session;
    Crowd crowd = Crowd.ask(kind, CLIENTS, 420, fleet.entrances(gateway)).awaitHeard(40);

    long fault = System.nanoTime();
    frozen.pause();
    try {
      await("a long time")
          .atMost(LONG.plusSeconds(5))
          .until(() -> System.nanoTime() - fault > LONG.toNanos());
    } finally {
      frozen.resume();
    }
    crowd.awaitEnd();
    fleet.awaitMembersEverywhere(5, WHOLE_AGAIN);

    System.out.println("a " + kind + " node stood still: " + crowd.effect(fault));
    // The frozen one itself, when it goes on, thinks that all others have left.
    assertThat(nodes().filter(node -> node != frozen).flatMap(FreezeIT::left).distinct())
        .as("nodes that were put out of the cluster")
        .hasSize(1);
    crowd.assertWhole(fleet.client(gateway));
    assertThat(crowd.turns()).allMatch(turn -> turn.transcript().errors().isEmpty());
  }

  private Stream<NodeProcess> nodes() {
    return Stream.of(gateway, session, provider, otherSession, otherProvider);
  }

  private static Stream<String> left(NodeProcess node) {
    return node.lines().stream()
        .flatMap(line -> LEFT.matcher(line).results())
        .map(match -> match.group(1));
  }
}
