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

  /** Their sections have the same keys as the first shorthand's. */
  private static final List<String> OTHER_SHORTHANDS = List.of("anthropic.", "google.", "ollama.");

  @Test
  @DisplayName("names every key and every variable of provider.json")
  void complete() throws IOException {
    String page = Files.readString(Path.of("../docs/providers.md"));
    Options options = new Options();
    new CommandLine(options).parseArgs("--conf", "../conf");
    List<Setting> settings = options.read(Map.of()).report().settings().stream()
        .filter(setting -> setting.file().equals("provider.json"))
        .toList();

    assertThat(settings)
        .filteredOn(setting -> OTHER_SHORTHANDS.stream().noneMatch(setting.key()::startsWith))
        .hasSizeGreaterThan(35)
        .allSatisfy(setting -> assertThat(page)
            .containsAnyOf(
                "`" + setting.key() + "`",
                "`" + setting.key().substring(setting.key().indexOf('.') + 1) + "`"));
    assertThat(settings)
        .filteredOn(setting -> setting.variable() != null)
        .allSatisfy(setting -> assertThat(page).contains("`" + setting.variable() + "`"));
  }
}
