package io.consoul.acceptance.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The packaging")
class PackagingTest {

  private static final int LEAST_STOP_SECONDS = 60 + 25;
  private static final String DOCKERFILE = OpsFiles.text("ops/docker/Dockerfile");
  private static final String UNIT = OpsFiles.text("ops/systemd/consoul.service");

  @Test
  @DisplayName(
      "makes an image that is not root, gets its signals itself, and copies what the build is given")
  void image() {
    List<String> given = OpsFiles.text(".dockerignore")
        .lines()
        .filter(line -> line.startsWith("!"))
        .map(line -> line.substring(1))
        .toList();
    List<String> copied = Pattern.compile("(?m)^COPY --from=build (.*) \\S+$")
        .matcher(DOCKERFILE)
        .results()
        .flatMap(copy -> Stream.of(copy.group(1).split(" ")))
        .map(path -> path.substring("/src/".length()))
        .filter(path -> !path.contains("/target/"))
        .toList();

    assertThat(copied).hasSize(3).isSubsetOf(given);
    assertThat(copied)
        .allSatisfy(path -> assertThat(OpsFiles.HOME.resolve(path)).exists());
    assertThat(DOCKERFILE)
        .containsPattern("(?m)^USER 10001:10001$")
        .containsPattern("(?m)^ENTRYPOINT \\[\"/opt/consoul/consoul\"]$");
  }

  @Test
  @DisplayName("asks in the image and in compose the same script how it is, where it was copied to")
  void healthCheck() {
    String command = Pattern.compile("(?m)^ +CMD (\\[.*health.*])$")
        .matcher(DOCKERFILE)
        .results()
        .findFirst()
        .orElseThrow()
        .group(1);
    List<String> inImage =
        OpsFiles.texts(new JsonObject("{\"command\":" + command + "}"), "command");
    List<String> inCompose = OpsFiles.texts(
        OpsFiles.at(
            OpsFiles.yaml("ops/compose/compose.yml"), "services", "consoul-1", "healthcheck"),
        "test");

    assertThat(inCompose.subList(1, inCompose.size() - 1)).isEqualTo(inImage);
    assertThat(inImage).containsExactly("/opt/consoul/consoul", "health");
    assertThat(DOCKERFILE)
        .contains(
            "WORKDIR /opt/consoul",
            "/src/consoul ",
            "launcher/target/consoul.jar launcher/target/consoul.jar");
  }

  @Test
  @DisplayName("gives a service of systemd the time to drain")
  void unit() {
    int stop = Integer.parseInt(Pattern.compile("(?m)^TimeoutStopSec=(\\d+)$")
        .matcher(UNIT)
        .results()
        .findFirst()
        .orElseThrow()
        .group(1));

    assertThat(stop).isGreaterThan(LEAST_STOP_SECONDS);
    assertThat(UNIT).contains("\nKillSignal=SIGTERM\n", "\nRestart=on-failure\n");
  }

  @Test
  @DisplayName("has a unit that systemd reads without a complaint")
  void verified(@TempDir Path folder) throws Exception {
    Tool systemd = Tool.orSkip("systemd-analyze");
    Path unit = folder.resolve("consoul.service");
    Files.writeString(
        unit,
        UNIT.replace(
            "ExecStart=/opt/consoul/consoul", "ExecStart=" + OpsFiles.HOME.resolve("consoul")));

    Tool.Run verified = systemd.run("verify", unit.toString());

    assertThat(verified.output()).doesNotContain("consoul.service");
    assertThat(verified.status()).as(verified.output()).isZero();
  }
}
