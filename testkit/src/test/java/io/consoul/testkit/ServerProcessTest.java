package io.consoul.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.consoul.testkit.ServerProcess.Signal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("A server process")
class ServerProcessTest {

  private static final Duration LIMIT = Duration.ofSeconds(30);

  @TempDir
  private Path directory;

  @Test
  @DisplayName("gives its lines, of both outputs, and its exit code")
  void lines() {
    try (ServerProcess process = shell("echo port 81; echo oops >&2; pwd; exit 3", Map.of())) {
      assertThat(process.awaitLine("port (\\d+)", LIMIT).group(1)).isEqualTo("81");
      assertThat(process.exitCode(LIMIT)).isEqualTo(3);
      assertThat(process.lines())
          .hasSize(3)
          .contains("oops")
          .element(2)
          .asString()
          .endsWith(directory.getFileName().toString());
      assertThat(process.isAlive()).isFalse();
    }
  }

  @Test
  @DisplayName("sees of the tests' environment only what every program needs")
  void environment() {
    try (ServerProcess process = shell("env", Map.of("CONSOUL_PORT", "0"))) {
      process.exitCode(LIMIT);

      assertThat(process.lines())
          .contains("CONSOUL_PORT=0")
          .anyMatch(line -> line.startsWith("PATH="));
      assertThat(process.lines())
          .allMatch(line ->
              // From PWD on they are the shell's own.
              line.matches("(CONSOUL_PORT|PATH|HOME|JAVA_HOME|TMPDIR|PWD|OLDPWD|SHLVL|_)=.*"));
    }
  }

  @Test
  @DisplayName("gets signals, and no others do")
  void signals() {
    String script = "trap 'echo terminated; exit 0' TERM; echo ready; while :; do sleep 0.05; done";
    try (ServerProcess first = shell(script, Map.of());
        ServerProcess second = shell(script, Map.of())) {
      first.awaitLine("ready", LIMIT);
      second.awaitLine("ready", LIMIT);

      first.signal(Signal.TERM);

      assertThat(first.exitCode(LIMIT)).isZero();
      assertThat(first.lines()).contains("terminated");
      assertThat(second.isAlive()).isTrue();
      second.signal(Signal.KILL);
      assertThat(second.exitCode(LIMIT)).isEqualTo(128 + 9);
    }
  }

  @Test
  @DisplayName("says what it has written when a line does not come, at once if it has ended")
  void tells() {
    try (ServerProcess running = shell("echo one; exec sleep 60", Map.of());
        ServerProcess ended = shell("echo two; exit 4", Map.of())) {
      running.awaitLine("one", LIMIT);
      assertThatThrownBy(() -> running.awaitLine("ready", Duration.ofMillis(100)))
          .hasMessageContaining("no line with ready within")
          .hasMessageContaining("[one]");
      assertThatThrownBy(() -> running.exitCode(Duration.ofMillis(100)))
          .hasMessageContaining("still running");
      assertThatThrownBy(() -> ended.awaitLine("ready", Duration.ofHours(1)))
          .hasMessageContaining("exit code 4")
          .hasMessageContaining("[two]");
    }
  }

  @Test
  @DisplayName("is gone with all it has started when it is closed, and tells its memory before")
  void closes() {
    ServerProcess process = shell("sleep 60 & echo child; wait", Map.of());
    process.awaitLine("child", LIMIT);
    if (Path.of("/proc/self/status").toFile().exists()) {
      assertThat(process.rssBytes().orElseThrow()).isPositive();
    }

    // It waits for the end of the output, which the child holds open too.
    process.close();

    assertThat(process.isAlive()).isFalse();
    assertThat(process.rssBytes()).isEmpty();
  }

  private ServerProcess shell(String script, Map<String, String> environment) {
    return ServerProcess.start(List.of("sh", "-c", script), environment, directory);
  }
}
