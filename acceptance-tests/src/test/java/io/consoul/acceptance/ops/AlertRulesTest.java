package io.consoul.acceptance.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The alert rules")
class AlertRulesTest {

  private static final String TESTS = "ops/prometheus/tests/consoul.test.yml";
  private static final String RUNBOOK = "docs/runbook.md";
  private static final String ALERTS_CHAPTER = "\n## Alerts\n";

  /** Dashboards and pagers exist that go by these. */
  private static final Map<String, List<String>> GIVEN = Map.of(
      "HighLatency",
      List.of(
          "histogram_quantile(0.99, sum(rate(consoul_request_latency_seconds_bucket[5m])) by (le)) > 5",
          "5m",
          "warning",
          "P99 latency exceeds 5 seconds"),
      "RedisUnavailable",
      List.of(
          "consoul_redis_degraded == 1",
          "2m",
          "critical",
          "Redis unavailable, running in degraded mode"),
      "CircuitBreakerOpen",
      List.of(
          "consoul_circuit_breaker_state == 2",
          "1m",
          "critical",
          "Circuit breaker open for {{ $labels.provider }}"));

  private final List<Alert> alerts = Alert.all();

  @Test
  @DisplayName("have the names and all that were given, and each name once")
  void given() {
    assertThat(alerts).extracting(Alert::name).doesNotHaveDuplicates().containsAll(GIVEN.keySet());
    assertThat(alerts)
        .filteredOn(alert -> GIVEN.containsKey(alert.name()))
        .allSatisfy(alert -> assertThat(GIVEN.get(alert.name()))
            .containsExactly(
                alert.expression(),
                alert.duration(),
                alert.labels().getString("severity"),
                alert.notes().getString("summary")));
  }

  @Test
  @DisplayName("tell how bad it is, what it is, and where the runbook has it")
  void told() {
    assertThat(alerts).allSatisfy(alert -> {
      assertThat(alert.labels().getString("severity")).isIn("critical", "warning");
      assertThat(alert.notes().getString("summary")).isNotBlank();
      assertThat(alert.notes().getString("description")).isNotBlank();
      assertThat(alert.notes().getString("runbook"))
          .isEqualTo(RUNBOOK + "#" + alert.name().toLowerCase(Locale.ROOT));
    });
  }

  @Test
  @DisplayName(
      "have an entry each in the runbook, and it has no other, each with symptom, metric, cause and action")
  void runbook() {
    String page = OpsFiles.text(RUNBOOK);
    String chapter = page.substring(page.indexOf(ALERTS_CHAPTER) + ALERTS_CHAPTER.length());
    List<String> entries = List.of(chapter.split("\n### "));

    assertThat(entries.subList(1, entries.size()))
        .allSatisfy(entry -> assertThat(entry)
            .contains(
                "\n- **Symptom:** ", "\n- **Metric:** ", "\n- **Cause:** ", "\n- **Action:** "))
        .extracting(entry -> entry.lines().findFirst().orElseThrow())
        .containsExactlyInAnyOrderElementsOf(alerts.stream().map(Alert::name).toList());
  }

  @Test
  @DisplayName("are each expected to fire by a test")
  void tested() {
    List<String> fired = Pattern.compile("alertname=\"(\\w+)\"")
        .matcher(OpsFiles.text(TESTS))
        .results()
        .map((MatchResult found) -> found.group(1))
        .distinct()
        .toList();

    assertThat(fired)
        .containsExactlyInAnyOrderElementsOf(alerts.stream().map(Alert::name).toList());
  }

  @Test
  @DisplayName("are sound to promtool, fire when they should and not before")
  void promtool() throws Exception {
    Tool promtool = Tool.orSkip("promtool");

    Tool.Run config = promtool.run("check", "config", "ops/prometheus/prometheus.yml");
    assertThat(config.status()).as(config.output()).isZero();
    Tool.Run tests = promtool.run("test", "rules", TESTS);
    assertThat(tests.status()).as(tests.output()).isZero();
  }
}
