package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.config.ConfigReader;
import io.consoul.config.ConfigReport;
import io.consoul.config.Overrides;
import io.consoul.config.Secret;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The key store of the event bus")
class EventBusConfigTest {

  private static final String STORE = "CONSOUL_EVENT_BUS_KEY_STORE";
  private static final String PASSWORD = "CONSOUL_EVENT_BUS_KEY_STORE_PASSWORD";

  @TempDir
  private Path folder;

  private final ConfigReport report = new ConfigReport();

  @Test
  @DisplayName("is none where none is configured")
  void none() {
    assertThat(read(Map.of()).keyStore()).isEmpty();
    assertThat(report.problems()).isEmpty();
  }

  @Test
  @DisplayName("has a password that may be in a file, and is printed nowhere")
  void passwordInAFile() throws Exception {
    Path file = Files.writeString(folder.resolve("password"), "open sesame\n");

    EventBusConfig config =
        read(Map.of(STORE, "/etc/consoul/bus.p12", PASSWORD, "${file:" + file + "}"));

    assertThat(report.problems()).isEmpty();
    assertThat(config.keyStore()).contains("/etc/consoul/bus.p12");
    assertThat(config.keyStorePassword()).contains(new Secret("open sesame"));
    assertThat(config.toString()).doesNotContain("sesame");
    assertThat(report.settings()).noneMatch(setting -> setting.toString().contains("sesame"));
  }

  @Test
  @DisplayName("and its password go together")
  void together() {
    read(Map.of(STORE, "/etc/consoul/bus.p12"));
    read(Map.of(PASSWORD, "open sesame"));

    assertThat(report.problems())
        .hasSize(2)
        .anySatisfy(line -> assertThat(line).contains("keyStorePassword is required"))
        .anySatisfy(line -> assertThat(line).contains("keyStore is required"));
  }

  private EventBusConfig read(Map<String, String> environment) {
    return EventBusConfig.from(
        ConfigReader.of("node.json", new JsonObject(), new Overrides(environment), report));
  }
}
