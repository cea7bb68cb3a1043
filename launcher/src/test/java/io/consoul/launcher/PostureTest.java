package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.consoul.testkit.LoggedBy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

@DisplayName("What a start says of what is on, off and insecure")
class PostureTest {

  @TempDir
  private Path conf;

  @Test
  @DisplayName("is short with nothing configured, and nothing is insecure")
  void laptop() {
    Posture posture = posture(Map.of());

    assertThat(posture.insecure()).isEmpty();
    assertThat(posture.off())
        .satisfiesExactly(
            tls -> assertThat(tls).startsWith("TLS, which this machine alone does not need"),
            traces -> assertThat(traces).startsWith("traces; "));
    assertThat(posture.on())
        .containsExactly(
            "rate limits",
            "circuit breaker",
            "rescue of broken answers",
            "collection every 3600 s");
  }

  @Test
  @DisplayName("names all that is insecure on an address that others reach, with what to do")
  void open() {
    Map<String, String> open = new HashMap<>(Map.of(
        "CONSOUL_HOST", "0.0.0.0",
        "CONSOUL_ALLOW_ANONYMOUS", "true",
        "CONSOUL_RATE_LIMIT_ENABLED", "false",
        "CONSOUL_CLUSTER", "true"));

    assertThat(posture(open).insecure())
        .satisfiesExactly(
            tls -> assertThat(tls).contains("TLS", "CONSOUL_TLS_CERT"),
            anonymous -> assertThat(anonymous).contains("anybody", "CONSOUL_API_KEYS"),
            limits -> assertThat(limits).contains("rate limits", "CONSOUL_RATE_LIMIT_ENABLED"),
            metrics -> assertThat(metrics).contains("metrics", "CONSOUL_METRICS_HOST"),
            bus -> assertThat(bus).contains("event bus", "CONSOUL_EVENT_BUS_KEY_STORE"));
  }

  @Test
  @DisplayName("calls it insecure when callers without a tier have no limits where others reach it")
  void unlimited() {
    assertThat(posture(Map.of("CONSOUL_HOST", "::", "CONSOUL_DEFAULT_LIMITS", "unlimited"))
            .insecure())
        .anyMatch(line -> line.contains("for callers without a tier"));
  }

  @Test
  @DisplayName("leaves out what others see to: TLS of a proxy, a metrics port of this machine")
  void seenTo() {
    Map<String, String> seenTo = Map.of(
        "CONSOUL_HOST", "10.0.0.1",
        "CONSOUL_TRUSTED_PROXIES", "10.0.0.0/8",
        "CONSOUL_METRICS_HOST", "127.0.0.1");

    assertThat(posture(seenTo).insecure()).isEmpty();
  }

  @Test
  @DisplayName("says of each that is off what follows from it and which variable turns it on")
  void off() {
    Map<String, String> off = Map.of(
        "CONSOUL_CIRCUIT_BREAKER_ENABLED", "false",
        "CONSOUL_RESCUE_ENABLED", "false",
        "CONSOUL_SESSION_GC_INTERVAL", "0",
        "CONSOUL_SESSION_REDIS_URL", "redis://r:1",
        "CONSOUL_CLUSTER", "true");

    assertThat(posture(off).off())
        .anyMatch(line -> line.contains("CONSOUL_CIRCUIT_BREAKER_ENABLED=true"))
        .anyMatch(line -> line.contains("CONSOUL_RESCUE_ENABLED=true"))
        .anyMatch(line -> line.contains("CONSOUL_SESSION_GC_INTERVAL=3600"))
        .anyMatch(line -> line.contains("CONSOUL_REDIS_FALLBACK_ENABLED=true"))
        .anyMatch(line -> line.contains("CONSOUL_RATE_LIMIT_REDIS_URL"));
  }

  @Test
  @DisplayName("is one line of a log in JSON, and one for each that is insecure")
  void forPrograms() {
    Configuration open =
        read(Map.of("CONSOUL_HOST", "0.0.0.0", "CONSOUL_METRICS_HOST", "127.0.0.1"));
    ((Logger) LoggerFactory.getLogger(Banner.class)).setLevel(Level.INFO);
    try (LoggedBy<Banner> log = new LoggedBy<>(Banner.class)) {
      new Banner(open, null, null, new Posture(open, null))
          .log(Duration.ofMillis(900), Instant.EPOCH);

      assertThat(log.lines())
          .satisfiesExactly(
              ready -> assertThat(ready)
                  .contains(" is ready, 0.9 s after its start; Ctrl-C stops")
                  .doesNotContain("\n"),
              insecure -> assertThat(insecure).startsWith("insecure: no TLS on 0.0.0.0"));
    }
  }

  private Posture posture(Map<String, String> environment) {
    return new Posture(read(environment), "10.0.0.1");
  }

  private Configuration read(Map<String, String> environment) {
    Options options = new Options();
    new CommandLine(options).parseArgs();
    Map<String, String> all = new HashMap<>(environment);
    all.put("CONSOUL_CONF", conf.toString());
    Options.Read read = options.read(all);
    assertThat(read.report().problems()).isEmpty();
    return read.configuration();
  }
}
