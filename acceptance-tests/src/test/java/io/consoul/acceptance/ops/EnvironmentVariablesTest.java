package io.consoul.acceptance.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The environment variables that ops/ and the runbook name")
class EnvironmentVariablesTest {

  private static final String NAME =
      "(?:CONSOUL|REDIS|OPENAI|ANTHROPIC|GOOGLE|OLLAMA|OTEL)_[A-Z0-9_]*[A-Z0-9]";

  private static final Pattern NAMED = Pattern.compile("\\b" + NAME + "\\b");

  /** Where they are read, they stand in the code as texts. */
  private static final Pattern READ = Pattern.compile("\"(" + NAME + ")\"");

  private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{(" + NAME + ")}");

  @Test
  @DisplayName("are those that Consoul reads, or a cluster file of its folder")
  void known() {
    Set<String> known = new TreeSet<>();
    Stream.of(OpsFiles.HOME.toFile().list())
        .map(module -> module + "/src/main/java")
        .filter(sources -> OpsFiles.HOME.resolve(sources).toFile().isDirectory())
        .flatMap(sources -> OpsFiles.files(sources).stream())
        .forEach(source -> READ.matcher(OpsFiles.text(source))
            .results()
            .forEach(read -> known.add(read.group(1))));
    Stream.of("ops/compose/cluster.xml", "ops/kubernetes/cluster.xml")
        .forEach(file -> PLACEHOLDER
            .matcher(OpsFiles.text(file))
            .results()
            .forEach(placeholder -> known.add(placeholder.group(1))));

    Stream.concat(
            OpsFiles.files("ops").stream(), Stream.of("docs/runbook.md", "docs/load-balancers.md"))
        .forEach(file -> assertThat(named(file)).as(file).isSubsetOf(known));
  }

  private static List<String> named(String file) {
    return NAMED
        .matcher(OpsFiles.text(file))
        .results()
        .map(MatchResult::group)
        .distinct()
        .toList();
  }
}
