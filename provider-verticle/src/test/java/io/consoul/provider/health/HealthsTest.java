package io.consoul.provider.health;

import static io.vertx.circuitbreaker.CircuitBreakerState.OPEN;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.FaultException;
import io.consoul.message.Addresses;
import io.consoul.message.BreakerChanged;
import io.consoul.node.Node;
import io.consoul.testkit.ManualClock;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayName("The healths of a node")
class HealthsTest {

  private static final BreakerConfig BREAKER =
      new BreakerConfig(true, 5, 3, Duration.ofSeconds(60), 3);
  private static final RetryConfig RETRY = new RetryConfig(
      2, Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(1), 20, 10);

  private final ManualClock clock = new ManualClock();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private Node node;
  private Healths healths;

  @BeforeEach
  void open(Vertx vertx) throws Exception {
    node = Node.join(vertx, clock, meters).await(30, SECONDS);
    Duration call = Duration.ofHours(1);
    healths = Healths.open(vertx, node, BREAKER, RETRY, Map.of("openai", call, "echo", call))
        .await(30, SECONDS);
  }

  private double gauge(String provider) {
    return meters
        .get("consoul.circuit.breaker.state")
        .tag("provider", provider)
        .gauge()
        .value();
  }

  private double count(String name, String provider) {
    return meters
        .get("consoul.circuit.breaker." + name)
        .tag("provider", provider)
        .counter()
        .count();
  }

  private void trip() {
    while (healths.of("openai").state() != OPEN) {
      healths.of("openai").admit().failed();
    }
  }

  @Test
  @DisplayName("are one for each provider, and none for another name")
  void oneEach() {
    trip();

    healths.of("echo").admit();
    assertThatThrownBy(healths.of("openai")::admit).isInstanceOf(FaultException.class);
    assertThatIllegalArgumentException().isThrownBy(() -> healths.of("gemini"));
  }

  @Test
  @DisplayName("show in the meters, with 0 from the start")
  void meters() {
    assertThat(gauge("echo")).isZero();
    assertThat(gauge("openai")).isZero();
    assertThat(count("trips", "openai")).isZero();
    assertThat(count("rejections", "openai")).isZero();

    trip();
    assertThatThrownBy(healths.of("openai")::admit).isInstanceOf(FaultException.class);
    assertThat(gauge("openai")).isEqualTo(2);
    assertThat(count("trips", "openai")).isEqualTo(1);
    assertThat(count("rejections", "openai")).isEqualTo(1);
    clock.advance(BREAKER.timeout());
    assertThat(gauge("openai")).isEqualTo(2);
    healths.of("openai").admit();
    assertThat(gauge("openai")).isEqualTo(1);
    assertThat(gauge("echo")).isZero();
  }

  @Test
  @DisplayName("tell the world of every change, in plain JSON and in order")
  void events(Vertx vertx) throws Exception {
    List<JsonObject> events = new CopyOnWriteArrayList<>();
    vertx
        .eventBus()
        .<JsonObject>consumer(Addresses.EVENTS_BREAKER, event -> events.add(event.body()))
        .completion()
        .await(30, SECONDS);

    trip();
    clock.advance(BREAKER.timeout());
    for (int i = 0; i < 3; i++) {
      healths.of("openai").admit().succeeded();
    }

    await().until(() -> events.size() >= 3);
    assertThat(events)
        .containsExactly(
            new BreakerChanged("openai", BreakerChanged.State.OPEN, node.id(), 60_000)
                .toTypedJson(),
            new BreakerChanged("openai", BreakerChanged.State.HALF_OPEN, node.id(), 0)
                .toTypedJson(),
            new BreakerChanged("openai", BreakerChanged.State.CLOSED, node.id(), 0).toTypedJson());
  }

  @Test
  @DisplayName("say nothing and show nothing any more when they are closed")
  void closed() throws Exception {
    healths.close().await(30, SECONDS);

    assertThat(meters.find("consoul.circuit.breaker.state").gauges()).isEmpty();
  }

  @Test
  @DisplayName(
      "say nothing of another account that stood behind the same name, and whose calls still fail")
  void replaced(Vertx vertx) throws Exception {
    List<JsonObject> events = new CopyOnWriteArrayList<>();
    vertx
        .eventBus()
        .<JsonObject>consumer(Addresses.EVENTS_BREAKER, event -> events.add(event.body()))
        .completion()
        .await(30, SECONDS);
    Health before = healths.of("openai");
    healths.change(BREAKER, RETRY, Map.of("openai", Duration.ofHours(1)), Set.of("openai"));

    while (before.state() != OPEN) {
      before.admit().failed();
    }
    assertThat(count("trips", "openai")).isZero();
    trip();
    clock.advance(BREAKER.timeout());
    healths.of("openai").admit();

    await().until(() -> events.size() >= 2);
    assertThat(events)
        .extracting(event -> event.getString("state"))
        .containsExactly("open", "half_open");
    assertThat(count("trips", "openai")).isEqualTo(1);
  }
}
