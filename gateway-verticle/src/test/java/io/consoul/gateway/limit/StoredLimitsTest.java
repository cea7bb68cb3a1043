package io.consoul.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.config.ConfigReader;
import io.consoul.gateway.key.Caller;
import io.consoul.message.Addresses;
import io.consoul.message.Hello;
import io.consoul.message.Kind;
import io.consoul.message.Tenant;
import io.consoul.node.Node;
import io.consoul.testkit.ManualClock;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The limits of a node")
class StoredLimitsTest {

  private final Vertx vertx = Vertx.vertx();
  private final ManualClock clock = new ManualClock();
  private Node node;

  @BeforeEach
  void join() throws Exception {
    node = Node.join(vertx, clock).await(10, TimeUnit.SECONDS);
  }

  @AfterEach
  void stop() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  private Limits limits(JsonObject section) {
    LimitConfig config = ConfigReader.read(section, LimitConfig::from);
    return StoredLimits.inMemory(() -> config, node, new NodeLimits(config));
  }

  private static Verdict charge(Limits limits, Caller caller, int cost) {
    return limits.charge(caller, cost).result().orElseThrow();
  }

  private static Caller keyed(String id, String tier) {
    return new Caller(id, Tenant.DEFAULT, null, tier, "192.0.2.1");
  }

  private void gateway(String id, boolean gone) {
    node.bus()
        .publish(
            Addresses.EVENTS_NODE,
            new Hello(Kind.GATEWAY, id, "inbox of " + id, 0, false, gone, 1, null));
  }

  @Test
  @DisplayName("Of the instances of a node one gives the metrics that it has once")
  void shownOnce() {
    NodeLimits shared = new NodeLimits(ConfigReader.read(new JsonObject(), LimitConfig::from));
    assertThat(shared.isFirstToShow()).isTrue();
    assertThat(shared.isFirstToShow()).isFalse();
  }

  @Test
  @DisplayName("are those of the caller's tier, and each caller has them alone")
  void tiers() {
    Limits limits = limits(new JsonObject()
        .put("defaultLimits", "2/minute")
        .put("tiers", new JsonObject().put("gold", "5/minute").put("free", "unlimited")));
    assertThat(charge(limits, Caller.anonymous("192.0.2.1"), 1).limit()).isEqualTo(2);
    assertThat(charge(limits, keyed("plain", null), 1).remaining()).isEqualTo(1);
    assertThat(charge(limits, keyed("shop", "gold"), 5).remaining()).isZero();
    assertThat(charge(limits, keyed("shop", "gold"), 1).admitted()).isFalse();
    assertThat(charge(limits, keyed("other", "gold"), 1).admitted()).isTrue();
    assertThat(limits.charge(keyed("us", "free"), 1_000).result()).isEmpty();
    assertThat(refused("gold")).isEqualTo(1);
    assertThat(refused("default")).isZero();
    assertThat(refused("free")).isZero();

    clock.advance(Duration.ofMinutes(1));
    assertThat(charge(limits, keyed("shop", "gold"), 5).admitted()).isTrue();
  }

  private double refused(String tier) {
    return node.meters().get("consoul.rate.limited").tag("tier", tier).counter().count();
  }

  @Test
  @DisplayName("are shared out among the gateways of the cluster that are alive, rounded up")
  void sharedOut() {
    Limits limits = limits(new JsonObject().put("defaultLimits", "10/minute"));
    assertThat(charge(limits, keyed("a", null), 1).limit()).isEqualTo(10);

    gateway("second", false);
    gateway("third", false);
    await().until(() -> node.directory().serving(Kind.GATEWAY).size() == 2);
    node.directory().join(Kind.GATEWAY);
    clock.advance(Duration.ofSeconds(1));
    Verdict shared = charge(limits, keyed("b", null), 4);
    assertThat(shared.limit()).isEqualTo(4);
    assertThat(shared.remaining()).isZero();
    assertThat(charge(limits, keyed("b", null), 1).admitted()).isFalse();
    Verdict whole = charge(limits, keyed("c", null), 10);
    assertThat(whole.admitted())
        .as("what fits the limit, but not the share, takes all of the share")
        .isTrue();
    assertThat(whole.remaining()).isZero();

    gateway("second", true);
    gateway("third", true);
    await().until(() -> node.directory().serving(Kind.GATEWAY).size() == 1);
    clock.advance(Duration.ofSeconds(1));
    assertThat(charge(limits, keyed("b", null), 1).remaining()).isEqualTo(5);
  }

  @Test
  @DisplayName("are never fewer than 1 on a node")
  void atLeastOne() {
    Limits limits = limits(new JsonObject().put("defaultLimits", "1/minute"));
    gateway("second", false);
    gateway("third", false);
    await().until(() -> node.directory().serving(Kind.GATEWAY).size() == 2);
    assertThat(charge(limits, keyed("a", null), 1).admitted()).isTrue();
    assertThat(charge(limits, keyed("a", null), 1).admitted()).isFalse();
  }

  @Test
  @DisplayName("count what was charged also when a share passes what is counted one by one")
  void shareOfMany() {
    Limits limits = limits(new JsonObject().put("defaultLimits", "15000/minute"));
    node.directory().join(Kind.GATEWAY);
    gateway("second", false);
    await().until(() -> node.directory().serving(Kind.GATEWAY).size() == 2);
    assertThat(charge(limits, keyed("a", null), 7_500).remaining()).isZero();
    gateway("second", true);
    await().until(() -> node.directory().serving(Kind.GATEWAY).size() == 1);
    clock.advance(Duration.ofSeconds(1));
    assertThat(charge(limits, keyed("a", null), 1).remaining()).isEqualTo(7_499);
  }

  @Test
  @DisplayName("of a tier that was taken out are the default ones")
  void tierTakenOut() {
    Limits limits = limits(new JsonObject().put("defaultLimits", "2/minute"));
    assertThat(charge(limits, keyed("shop", "gold"), 1).limit()).isEqualTo(2);
    assertThat(limits.hasTier(keyed("shop", "gold"))).isFalse();
  }
}
