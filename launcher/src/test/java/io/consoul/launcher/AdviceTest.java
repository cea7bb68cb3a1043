package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@DisplayName("The advice about a configuration")
class AdviceTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final String KEY = "sk-0123456789abcdef";

  @TempDir
  private Path conf;

  @Test
  @DisplayName("is none where only this machine is served, nor where all is as it should be")
  void none() {
    assertThat(warnings(Map.of())).isEmpty();
    assertThat(warnings(
            Map.of("CONSOUL_RATE_LIMIT_ENABLED", "false", "CONSOUL_ALLOW_ANONYMOUS", "true")))
        .isEmpty();
    assertThat(warnings(Map.of(
            "CONSOUL_HOST", "0.0.0.0",
            "CONSOUL_API_KEYS", KEY,
            "CONSOUL_METRICS_HOST", "127.0.0.1",
            "CONSOUL_TRUSTED_PROXIES", "10.0.0.0/8")))
        .isEmpty();
  }

  @Test
  @DisplayName("is what a start calls insecure, in the same words")
  void openToAll() {
    Map<String, String> open = Map.of(
        "CONSOUL_HOST", "0.0.0.0",
        "CONSOUL_ALLOW_ANONYMOUS", "true",
        "CONSOUL_RATE_LIMIT_ENABLED", "false");

    assertThat(warnings(open))
        .hasSize(4)
        .isEqualTo(new Posture(configuration(open), null).insecure());
  }

  @Test
  @DisplayName("warns of a public address that nobody is let in by")
  void nobody() {
    assertThat(warnings(Map.of("CONSOUL_HOST", "::")))
        .last()
        .asString()
        .contains("nobody but this machine is served on ::", "CONSOUL_API_KEYS");
  }

  @Test
  @DisplayName("names the callers whose keys have expired, and no key")
  void expired() {
    String late =
        "{\"key\":\"" + KEY + "\",\"id\":\"web\",\"expires_at\":\"2025-12-31T00:00:00Z\"}";

    assertThat(warnings(Map.of("CONSOUL_API_KEYS", "[" + late + "]")))
        .containsExactly("1 of 1 API key has expired: web; no key is left that lets anybody in");
    assertThat(warnings(Map.of("CONSOUL_API_KEYS", "[" + late + ",\"another-0123456789abcdef\"]")))
        .containsExactly("1 of 2 API keys have expired: web");
  }

  @Test
  @DisplayName(
      "warns of a cluster whose event bus takes messages from everybody, and not of a gateway that runs elsewhere")
  void cluster() {
    assertThat(warnings(Map.of(
            "CONSOUL_CLUSTER", "true",
            "CONSOUL_VERTICLES", "session,provider,gc",
            "CONSOUL_METRICS_HOST", "127.0.0.1",
            "CONSOUL_HOST", "0.0.0.0")))
        .singleElement()
        .asString()
        .contains("the event bus takes messages from anybody who reaches its port");
  }

  private List<String> warnings(Map<String, String> environment) {
    return new Advice(new Posture(configuration(environment), null)).warnings(NOW);
  }

  private Configuration configuration(Map<String, String> environment) {
    Options options = new Options();
    new CommandLine(options).parseArgs("--conf", conf.toString());
    Options.Read read = options.read(new TreeMap<>(environment));
    assertThat(read.report().problems()).isEmpty();
    return read.configuration();
  }
}
