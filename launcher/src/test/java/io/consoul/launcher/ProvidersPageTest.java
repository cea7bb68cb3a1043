package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.config.ConfigReport.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

@DisplayName("The page about the providers")
class ProvidersPageTest {

  /** The shorthands' sections have the same keys. */
  private static final List<String> SECTIONS =
      List.of("openai.", "retry.", "circuitBreaker.", "rescue.");

  private static final List<String> SHORTHANDS =
      List.of("openai.", "anthropic.", "google.", "ollama.");

  @Test
  @DisplayName("names every key and every variable of a provider, of retries, breaker and rescue")
  void complete() throws IOException {
    String page = Files.readString(Path.of("../docs/providers.md"));
    Options options = new Options();
    new CommandLine(options).parseArgs("--conf", "../conf");
    List<Setting> settings = options.read(Map.of()).report().settings().stream()
        .filter(setting -> setting.file().equals("provider.json"))
        .toList();

    assertThat(settings)
        .filteredOn(setting -> SECTIONS.stream().anyMatch(setting.key()::startsWith))
        .hasSizeGreaterThan(25)
        .allSatisfy(setting -> assertThat(page)
            .containsAnyOf(
                "`" + setting.key() + "`",
                "`" + setting.key().substring(setting.key().indexOf('.') + 1) + "`"));
    assertThat(settings)
        .filteredOn(setting -> setting.variable() != null)
        .filteredOn(setting -> SECTIONS.stream().anyMatch(setting.key()::startsWith)
            || SHORTHANDS.stream().anyMatch(setting.key()::startsWith))
        .allSatisfy(setting -> assertThat(page).contains("`" + setting.variable() + "`"));
  }
}
