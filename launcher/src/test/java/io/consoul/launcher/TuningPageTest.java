package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.config.ConfigReport.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

@DisplayName("The page about tuning")
class TuningPageTest {

  /** Second names, and what is the start script's. */
  private static final Set<String> OTHERS = Set.of(
      "REDIS_URL",
      "CONSOUL_RATE_LIMIT_KEY_PREFIX",
      "CONSOUL_METRICS_PORT",
      "CONSOUL_JAVA_OPTS",
      "CONSOUL_ARCHIVES");

  private static final Pattern VARIABLE =
      Pattern.compile("\\b(?:CONSOUL_[A-Z0-9_]*[A-Z0-9]|[A-Z]+_TIMEOUT|REDIS_URL)\\b");

  /** A row that is about variables, and what it says of each in the last cell that may tell a default. */
  private static final Pattern ROW = Pattern.compile("(?m)^\\| (`[A-Z0-9_`, ]+`) \\|([^\\n]*)\\|");

  private static final Pattern NUMBER = Pattern.compile("^\\d+$");

  @Test
  @DisplayName("names no variable that there is not")
  void variables() throws IOException {
    Set<String> known = defaults().keySet();

    assertThat(named(page()))
        .hasSizeGreaterThan(60)
        .filteredOn(variable -> !OTHERS.contains(variable))
        .allSatisfy(variable -> assertThat(known).contains(variable));
  }

  @Test
  @DisplayName("tells the numbers that are the defaults")
  void numbers() throws IOException {
    Map<String, String> defaults = defaults();
    String page = page();
    List<MatchResult> rows = ROW.matcher(page).results().toList();

    assertThat(rows).hasSizeGreaterThan(50);
    for (MatchResult row : rows) {
      for (String variable : named(row.group(1))) {
        String value = defaults.getOrDefault(variable, "");
        if (NUMBER.matcher(value).matches() && !row.group(2).contains("cores")) {
          assertThat(row.group(2)).as(variable).containsPattern("\\b" + value + "\\b");
        }
      }
    }
  }

  private static List<String> named(String text) {
    return VARIABLE.matcher(text).results().map(MatchResult::group).distinct().toList();
  }

  private static String page() throws IOException {
    return Files.readString(Path.of("../docs/tuning.md"));
  }

  /** What the configuration that is delivered comes to. */
  private static Map<String, String> defaults() {
    Options options = new Options();
    new CommandLine(options).parseArgs("--conf", "../conf");
    Map<String, String> defaults = new HashMap<>();
    Stream<Setting> settings = options.read(Map.of()).report().settings().stream();
    settings
        .filter(setting -> setting.variable() != null)
        .forEach(setting -> defaults.put(setting.variable(), setting.value()));
    return defaults;
  }
}
