package io.consoul.acceptance.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("What the dashboard and the alerts ask for")
class MetricNamesTest {

  private static final List<String> PARTS_OF_A_TIMER = List.of("_bucket", "_sum", "_count", "_max");
  private static final Pattern OURS = Pattern.compile("`(consoul_\\w+)`");

  @Test
  @DisplayName("are metrics that docs/metrics.md has")
  void documented() {
    Set<String> known = new TreeSet<>();
    OpsFiles.text("docs/metrics.md")
        .lines()
        .filter(line -> line.startsWith("| `consoul_"))
        .forEach(line -> {
          String[] cells = line.split("\\|");
          OURS.matcher(cells[1]).results().forEach(name -> {
            known.add(name.group(1));
            if (cells[2].contains("histogram") || cells[2].contains("summary")) {
              PARTS_OF_A_TIMER.forEach(part -> known.add(name.group(1) + part));
            }
          });
        });

    assertThat(Queries.metrics())
        .filteredOn(name -> name.startsWith("consoul_"))
        .hasSizeGreaterThan(30)
        .isSubsetOf(known);
  }

  @Test
  @DisplayName("are told from functions, labels and times")
  void extracted() {
    assertThat(Queries.metrics(
            "histogram_quantile(0.9, sum by (le, use) (rate(a_bucket{x=\"b{\"}[5m])))"
                + " unless on (job) c_d offset 5m > 2 or up == 0"))
        .containsExactlyInAnyOrder("a_bucket", "c_d", "up");
  }
}
