package io.consoul.acceptance;

import static io.consoul.acceptance.ledger.Mishap.CUT_REDIS;
import static io.consoul.acceptance.ledger.Mishap.KILL_NODE;
import static io.consoul.acceptance.ledger.Mishap.KILL_REDIS;
import static io.consoul.acceptance.ledger.Mishap.PAUSE_NODE;
import static io.consoul.acceptance.ledger.Mishap.PAUSE_REDIS;
import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.acceptance.ledger.LedgerPlan;
import io.consoul.acceptance.ledger.LedgerReport;
import io.consoul.acceptance.ledger.LedgerRun;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Where one fails, the folder that it prints holds the ledger, what was stored, the mishaps and the logs. */
@DisplayName("Every acknowledged turn is stored once, in its place")
class LedgerIT {

  private static final Duration SHORT = Duration.ofSeconds(12);
  private static final Duration LONG = Duration.ofMinutes(3);

  @Test
  @DisplayName("by a node with its sessions in memory, also for clients that lose their streams")
  void memory() throws Exception {
    holds(LedgerPlan.quiet("memory"));
  }

  @Test
  @DisplayName("by two nodes that are killed and paused, on a Redis that is killed and paused")
  void twoNodes() throws Exception {
    holds(twoNodes("two-nodes", SHORT));
  }

  @Test
  @DisplayName("by a node that goes on while Redis is killed")
  void outages() throws Exception {
    holds(LedgerPlan.quiet("outages")
        .onRedis(1, KILL_REDIS, CUT_REDIS)
        .withFallback()
        .lasting(SHORT));
  }

  @Test
  @Tag("long")
  @DisplayName("by two nodes of a cluster that go on while Redis is killed")
  void clusterOutages() throws Exception {
    holds(LedgerPlan.quiet("cluster-outages")
        .onRedis(2, KILL_REDIS, CUT_REDIS)
        .withFallback()
        .inCluster()
        .lasting(SHORT));
  }

  @Test
  @Tag("long")
  @DisplayName("by a node whose Redis forgets all it has: what was acknowledged is offered again")
  void forgetful() throws Exception {
    holds(LedgerPlan.quiet("forgetful")
        .onRedis(1, KILL_REDIS)
        .onForgetfulRedis()
        .withFallback()
        .lasting(Duration.ofSeconds(60)));
  }

  @Test
  @Tag("long")
  @DisplayName("by two nodes, for minutes")
  void twoNodesForLong() throws Exception {
    holds(twoNodes("two-nodes-long", LONG));
  }

  @Test
  @Tag("long")
  @DisplayName("by a node that is killed as well while Redis is killed, for minutes")
  void outagesForLong() throws Exception {
    holds(LedgerPlan.quiet("outages-long")
        .onRedis(1, KILL_REDIS, KILL_REDIS, CUT_REDIS, PAUSE_REDIS, KILL_NODE)
        .withFallback()
        .lasting(LONG));
  }

  @Test
  @Tag("long")
  @DisplayName("by two nodes of a cluster that go on while Redis is killed or paused, for minutes")
  void clusterOutagesForLong() throws Exception {
    holds(LedgerPlan.quiet("cluster-outages-long")
        .onRedis(2, KILL_REDIS, KILL_REDIS, CUT_REDIS, PAUSE_REDIS)
        .withFallback()
        .inCluster()
        .lasting(LONG));
  }

  private static LedgerPlan twoNodes(String name, Duration length) {
    return LedgerPlan.quiet(name)
        .onRedis(2, KILL_NODE, KILL_NODE, PAUSE_NODE, KILL_REDIS, PAUSE_REDIS, CUT_REDIS)
        .lasting(length);
  }

  private static void holds(LedgerPlan plan) throws Exception {
    Path folder = Path.of("target", plan.name() + "-" + plan.seed()).toAbsolutePath();
    LedgerReport report = LedgerRun.of(plan, folder);
    System.out.println(report.summary() + " (" + folder + ")");
    assertThat(report.problems()).isEmpty();
    assertThat(report.acknowledged()).isGreaterThan(10);
  }
}
