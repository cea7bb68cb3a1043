package io.consoul.launcher.tryout;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The command of a node that is tried out")
class JavaCommandTest {

  private static final Path HOME = Path.of("/tmp/node1");

  @Test
  @DisplayName(
      "starts the same jar, where what somebody chose for the JVM wins over the small heap")
  void jar() {
    JavaCommand command = new JavaCommand(
        Path.of("java"), List.of("-Xmx1g", "-Dconsoul.home=/here"), "/here/consoul.jar", "Main");

    assertThat(command.line(HOME, List.of("--cluster")))
        .containsSubsequence("java", "-Xmx256m", "-Xmx1g")
        .containsSubsequence("-Dconsoul.home=/here", "-Dconsoul.home=/tmp/node1")
        .endsWith("-jar", "/here/consoul.jar", "--cluster");
  }

  @Test
  @DisplayName("starts the same class path where there is no jar")
  void classPath() {
    JavaCommand command =
        new JavaCommand(Path.of("java"), List.of(), "/a/classes:/b/library.jar", "io.consoul.Main");

    assertThat(command.line(HOME, List.of("--cluster")))
        .endsWith("-cp", "/a/classes:/b/library.jar", "io.consoul.Main", "--cluster");
  }
}
