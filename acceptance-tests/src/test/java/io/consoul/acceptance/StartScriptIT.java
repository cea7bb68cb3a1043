package io.consoul.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.consoul.testkit.ServerProcess;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In a folder with the script and the jar alone: nothing can be built there. It is called by a link that lies elsewhere. */
@DisplayName("The start script")
class StartScriptIT {

  private static final Duration LIMIT = Duration.ofSeconds(90);

  /** What the JVM says of a class that it has from an archive, where it logs which it loads. */
  private static final String ARCHIVED = "io.consoul.launcher.Main source: shared objects file";

  private static final List<String> AS_NOBODY =
      List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");

  @TempDir
  private static Path temporary;

  private static Path jar;
  private static Path archive;

  @BeforeAll
  static void train() throws IOException {
    Path home = temporary.resolve("project");
    Path target = Files.createDirectories(home.resolve("launcher/target"));
    jar = Files.copy(Path.of(System.getProperty("consoul.jar")), target.resolve("consoul.jar"));
    Path script = Files.copy(
        Path.of(System.getProperty("consoul.home"), "consoul"),
        home.resolve("consoul"),
        StandardCopyOption.COPY_ATTRIBUTES);
    Files.createSymbolicLink(temporary.resolve("consoul"), script);

    assertThat(run(Map.of(), "train")).isEmpty();

    try (Stream<Path> files = Files.list(target)) {
      List<Path> made = files.filter(file -> !file.equals(jar)).toList();
      assertThat(made).hasSize(1);
      archive = made.get(0);
    }
  }

  @Test
  @DisplayName("has the classes from the archive that it has made")
  void archived() throws IOException {
    assertThat(version(Map.of(), "-Xlog:class+load")).anyMatch(line -> line.contains(ARCHIVED));
  }

  @Test
  @DisplayName("has them from there, too, where it may not write, as in an image")
  void fromAnImage() throws IOException {
    File target = jar.getParent().toFile();
    Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertThat(target.setWritable(false)).isTrue();
    try {
      // Root may write everywhere.
      List<String> before = target.canWrite() ? AS_NOBODY : List.of();
      assumeTrue(exitCode(before, System.getProperty("java.home") + "/bin/java", "-version") == 0);
      Map<String, String> environment = Map.of(
          "CONSOUL_JAVA_OPTS",
          "-Xlog:class+load",
          "HOME",
          temporary.resolve("none").toString());

      assertThat(run(before, environment, "--version")).anyMatch(line -> line.contains(ARCHIVED));
    } finally {
      assertThat(target.setWritable(true)).isTrue();
    }
  }

  @Test
  @DisplayName("leaves the archive of another jar alone, without a word")
  void anotherJar() throws IOException {
    FileTime time = Files.getLastModifiedTime(jar);
    Files.setLastModifiedTime(jar, FileTime.fromMillis(time.toMillis() - 3_600_000));
    try {
      assertThat(version(Map.of(), "-Xlog:class+load"))
          .noneMatch(line -> line.contains(ARCHIVED))
          .anyMatch(line -> line.startsWith("Consoul "));
    } finally {
      Files.setLastModifiedTime(jar, time);
    }
  }

  @Test
  @DisplayName("starts without a word over an archive that is cut off or damaged, and without any")
  void broken() throws IOException {
    byte[] whole = Files.readAllBytes(archive);
    byte[] damaged = whole.clone();
    for (int place = damaged.length / 4; place < damaged.length; place += 100_000) {
      damaged[place] ^= 0x55;
    }
    assertThat(versionWith(Arrays.copyOf(whole, whole.length / 2))).hasSize(1);
    assertThat(versionWith(damaged)).hasSize(1);
    assertThat(version(Map.of("CONSOUL_ARCHIVES", "none"), "")).hasSize(1);
  }

  /** In place of the archive. */
  private static List<String> versionWith(byte[] content) throws IOException {
    Path folder = Files.createTempDirectory(temporary, "archives");
    Files.write(folder.resolve(archive.getFileName()), content);
    return version(Map.of("CONSOUL_ARCHIVES", folder.toString()), "");
  }

  private static List<String> version(Map<String, String> environment, String javaOptions)
      throws IOException {
    Map<String, String> all = new HashMap<>(environment);
    all.put("CONSOUL_JAVA_OPTS", javaOptions);
    return run(all, "--version");
  }

  private static int exitCode(List<String> before, String... command) {
    List<String> whole = new ArrayList<>(before);
    whole.addAll(List.of(command));
    try (ServerProcess process = ServerProcess.start(whole, Map.of(), temporary)) {
      return process.exitCode(LIMIT);
    } catch (UncheckedIOException notThere) {
      return -1;
    }
  }

  private static List<String> run(Map<String, String> environment, String... arguments)
      throws IOException {
    return run(List.of(), environment, arguments);
  }

  /**
   * From another folder; it must end with 0.
   *
   * @param before the command that starts it
   */
  private static List<String> run(
      List<String> before, Map<String, String> environment, String... arguments)
      throws IOException {
    Map<String, String> all = new HashMap<>(environment);
    all.put("JAVA_HOME", System.getProperty("java.home"));
    List<String> command = new ArrayList<>(before);
    command.add(temporary.resolve("consoul").toString());
    command.addAll(List.of(arguments));
    try (ServerProcess process = ServerProcess.start(command, all, temporary)) {
      assertThat(process.exitCode(LIMIT)).as("%s", process.lines()).isZero();
      return process.lines();
    }
  }
}
