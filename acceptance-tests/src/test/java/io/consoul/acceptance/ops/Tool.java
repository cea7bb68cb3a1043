package io.consoul.acceptance.ops;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A program of the operator's, where this machine has it; a test that needs one that is not here is skipped and says so. */
final class Tool {

  /** What a run has left behind. */
  record Run(int status, String output) {}

  private static final List<String> ALSO = List.of("/usr/sbin", "/usr/local/sbin");

  private final Path program;

  private Tool(Path program) {
    this.program = program;
  }

  static Tool orSkip(String name) {
    Optional<Path> found = Stream.concat(
            Stream.of(System.getenv("PATH").split(File.pathSeparator)), ALSO.stream())
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst();
    assumeTrue(found.isPresent(), name + " is not installed");
    return new Tool(found.orElseThrow());
  }

  String path() {
    return program.toString();
  }

  Run run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command)
        .directory(OpsFiles.HOME.toFile())
        .redirectErrorStream(true)
        .start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Run(process.waitFor(), output);
  }
}
