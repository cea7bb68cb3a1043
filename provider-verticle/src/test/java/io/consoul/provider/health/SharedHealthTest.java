package io.consoul.provider.health;

import static io.vertx.circuitbreaker.CircuitBreakerState.CLOSED;
import static io.vertx.circuitbreaker.CircuitBreakerState.HALF_OPEN;
import static io.vertx.circuitbreaker.CircuitBreakerState.OPEN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.BreakerChanged;
import io.consoul.message.BusMessage;
import io.consoul.message.ProviderHeld;
import io.consoul.testkit.ManualClock;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The healths of a provider on several nodes")
class SharedHealthTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final ManualClock clock = new ManualClock();
  private final Map<String, ProviderHealth> nodes = new TreeMap<>();
  private final List<String> cluster = new ArrayList<>();
  private final List<BusMessage> said = new ArrayList<>();
  private boolean lost;

  private ProviderHealth join(String node) {
    Duration any = Duration.ofSeconds(1);
    ProviderHealth health = new ProviderHealth(
        "openai",
        new BreakerConfig(true, 5, 3, TIMEOUT, 3),
        new RetryConfig(2, any, any, any, 20, 10),
        Duration.ofMinutes(10),
        new Surroundings(
            node,
            clock,
            new SimpleMeterRegistry(),
            cluster::contains,
            word -> {
              said.add(word);
              others(word.node()).forEach(each -> each.heard(word));
            },
            word -> {
              said.add(word);
              others(word.node()).forEach(each -> each.heard(word));
            }));
    nodes.put(node, health);
    cluster.add(node);
    return health;
  }

  private Stream<ProviderHealth> others(String node) {
    return nodes.entrySet().stream()
        .filter(each -> !lost && !each.getKey().equals(node))
        .map(Map.Entry::getValue);
  }

  private static void open(ProviderHealth health) {
    while (health.state() == CLOSED) {
      health.admit().failed();
    }
    assertThat(health.state()).isEqualTo(OPEN);
  }

  private static void succeed(ProviderHealth health, int times) {
    Stream.generate(health::admit).limit(times).forEach(Permit::succeeded);
  }

  /** How many calls a node lets through at once. */
  private static int admitted(ProviderHealth health) {
    int admitted = 0;
    while (admitted < 100 && catchThrowableOfType(FaultException.class, health::admit) == null) {
      admitted++;
    }
    return admitted;
  }

  private static void assertFull(ProviderHealth health) {
    assertThat(catchThrowableOfType(FaultException.class, health::admit).fault())
        .isEqualTo(Fault.CIRCUIT_BREAKER_HALF_OPEN);
  }

  /** Time goes by as it does, with every node's timer. */
  private void pass(Duration time) {
    for (Duration gone = Duration.ZERO;
        gone.compareTo(time) < 0;
        gone = gone.plus(ProviderHealth.REPEAT)) {
      clock.advance(ProviderHealth.REPEAT);
      List.copyOf(nodes.values()).forEach(ProviderHealth::tick);
    }
  }

  @Test
  @DisplayName("find out once that it is down: the first call of the others opens theirs")
  void foundOutOnce() {
    List<ProviderHealth> others = List.of(join("b"), join("c"));
    open(join("a"));

    for (ProviderHealth other : others) {
      Permit first = other.admit();
      assertFull(other);
      first.failed();
      assertThat(other.state()).isEqualTo(OPEN);
    }
  }

  @Test
  @DisplayName("do not shut it out because one of them cannot reach it")
  void brokenEgress() {
    ProviderHealth b = join("b");
    ProviderHealth a = join("a");
    open(a);
    succeed(b, 1);
    assertThat(admitted(b)).isEqualTo(100);

    for (int round = 0; round < 3; round++) {
      pass(TIMEOUT);
      a.admit().failed();
      assertThat(a.state()).isEqualTo(OPEN);
      assertThat(admitted(b)).isEqualTo(100);
    }
  }

  @Test
  @DisplayName("share the three probes out by the order of their ids")
  void probesAreShared() {
    List.of("d", "b", "a", "c").forEach(this::join);
    nodes.values().forEach(SharedHealthTest::open);
    pass(TIMEOUT);

    assertThat(nodes.values().stream().map(SharedHealthTest::admitted)).containsExactly(1, 1, 1, 0);
    assertFull(nodes.get("d"));
  }

  @Test
  @DisplayName("share them out among those that are not closed only")
  void closedNodesHaveNoShare() {
    List.of("a", "b", "c").forEach(this::join);
    open(nodes.get("b"));
    nodes.get("c").admit().failed();
    succeed(nodes.get("a"), 1);
    pass(TIMEOUT);

    assertThat(admitted(nodes.get("b"))).isEqualTo(2);
    assertThat(admitted(nodes.get("c"))).isEqualTo(1);
    assertThat(admitted(nodes.get("a"))).isEqualTo(100);
  }

  @Test
  @DisplayName(
      "close together: the node that has a share closes, and those that wait for it let one call go first")
  void closeTogether() {
    List.of("a", "b", "c", "d").forEach(this::join);
    nodes.values().forEach(SharedHealthTest::open);
    pass(TIMEOUT);
    succeed(nodes.get("a"), 3);

    assertThat(nodes.values().stream().map(ProviderHealth::state))
        .containsExactly(CLOSED, CLOSED, CLOSED, CLOSED);
    assertThat(admitted(nodes.get("a"))).isEqualTo(100);
    assertThat(admitted(nodes.get("d"))).isEqualTo(1);
  }

  @Test
  @DisplayName("try it at once when it is back for another node")
  void triedAtOnce() {
    ProviderHealth a = join("a");
    ProviderHealth b = join("b");
    open(a);
    clock.advance(Duration.ofSeconds(59));
    open(b);
    clock.advance(Duration.ofSeconds(1));
    succeed(a, 3);

    assertThat(b.state()).isEqualTo(HALF_OPEN);
    assertThat(admitted(b)).isEqualTo(3);
  }

  @Test
  @DisplayName("tell a node that joins later, which is cautious then")
  void lateJoiner() {
    open(join("a"));
    ProviderHealth b = join("b");
    pass(ProviderHealth.REPEAT);

    assertThat(admitted(b)).isEqualTo(1);
  }

  @Test
  @DisplayName("take it for granted that an event may be lost")
  void lostEvent() {
    ProviderHealth a = join("a");
    ProviderHealth b = join("b");
    lost = true;
    open(a);
    lost = false;
    assertThat(admitted(b)).isEqualTo(100);

    pass(ProviderHealth.REPEAT);
    assertThat(admitted(b)).isEqualTo(1);
  }

  @Test
  @DisplayName("forget one that has missed three repeats, and its share of the probes with it")
  void forgotten() {
    ProviderHealth a = join("a");
    ProviderHealth b = join("b");
    open(a);
    open(b);
    pass(TIMEOUT);
    assertThat(admitted(b)).isEqualTo(1);
    lost = true;
    pass(Duration.ofSeconds(15));
    assertFull(b);

    pass(ProviderHealth.REPEAT);
    assertThat(admitted(b)).isEqualTo(2);
  }

  @Test
  @DisplayName("give the share of a node that has left to the others at once")
  void left() {
    ProviderHealth a = join("a");
    ProviderHealth b = join("b");
    open(a);
    open(b);
    pass(TIMEOUT);
    assertThat(admitted(b)).isEqualTo(1);

    cluster.remove("a");
    assertThat(admitted(b)).isEqualTo(2);
  }

  @Test
  @DisplayName(
      "give the share of a node that nobody asks to those with calls, until it is asked again")
  void idle() {
    List.of("a", "b", "c", "d").forEach(this::join);
    nodes.values().forEach(SharedHealthTest::open);
    ProviderHealth d = nodes.get("d");
    pass(TIMEOUT);
    for (int i = 0; i < 4; i++) {
      assertFull(d);
      pass(ProviderHealth.REPEAT);
    }
    Permit probe = d.admit();
    d.admit();
    d.admit();
    assertFull(d);

    nodes.get("a").admit();
    probe.released();
    assertFull(d);
  }

  @Test
  @DisplayName("repeat nothing that is closed, or half-open and asked by nobody")
  void silence() {
    ProviderHealth a = join("a");
    pass(TIMEOUT);
    assertThat(said).isEmpty();

    open(a);
    pass(Duration.ofSeconds(10));
    assertThat(said)
        .containsExactly(
            new BreakerChanged("openai", BreakerChanged.State.OPEN, "a", 60_000),
            new BreakerChanged("openai", BreakerChanged.State.OPEN, "a", 55_000),
            new BreakerChanged("openai", BreakerChanged.State.OPEN, "a", 50_000));
    pass(TIMEOUT);
    BreakerChanged halfOpen = new BreakerChanged("openai", BreakerChanged.State.HALF_OPEN, "a", 0);
    assertThat(said.stream().filter(halfOpen::equals)).hasSize(1);

    a.admit();
    assertThat(said.stream().filter(halfOpen::equals)).hasSize(2);
    succeed(a, 3);
    assertThat(said).endsWith(new BreakerChanged("openai", BreakerChanged.State.CLOSED, "a", 0));
  }

  @Test
  @DisplayName("tell each other how long it wants to be left alone, which a success does not end")
  void holds() {
    ProviderHealth a = join("a");
    ProviderHealth b = join("b");
    a.hold("gpt", Duration.ofSeconds(20));
    assertThat(said).containsExactly(new ProviderHeld("openai", "gpt", "a", 20_000));

    succeed(b, 1);
    clock.advance(Duration.ofSeconds(5));
    assertThat(b.holdOf("gpt")).isEqualTo(Duration.ofSeconds(15));
    assertThat(a.holdOf("gpt")).isEqualTo(Duration.ofSeconds(15));
    assertThat(a.holdOf("other")).isZero();

    b.hold("gpt", Duration.ofSeconds(10));
    assertThat(said).hasSize(1);
    assertThat(b.holdOf("gpt")).isEqualTo(Duration.ofSeconds(15));
  }
}
