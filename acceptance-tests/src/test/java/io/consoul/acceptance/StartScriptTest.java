package io.consoul.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.consoul.testkit.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a Java that writes down how it was called, and an archive where it is asked for one. */
@DisplayName("The start script and its archives")
class StartScriptTest {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private static final String JAVA = """
      #!/bin/sh
      echo "$*" >>"$JAVA_HOME/calls"
      for argument; do
        case $argument in
          -XX:ArchiveClassesAtExit=*) [ -n "$NONE" ] || echo archive >"${argument#*=}" ;;
        esac
      done
      """;

  private static final String MAVEN = """
      #!/bin/sh
      echo once >>"$JAVA_HOME/builds"
      sleep 1
      mkdir -p launcher/target
      echo jar >launcher/target/consoul.jar
      """;

  @TempDir
  private Path temporary;

  private Path jdk;
  private Path home;
  private Path target;

  @BeforeEach
  void install() throws IOException {
    jdk = temporary.resolve("jdk");
    program(jdk.resolve("bin/java"), JAVA);
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"17.0.1\"\n");
    home = project("the project");
    target = home.resolve("launcher/target");
    Files.writeString(target.resolve("consoul.jar"), "jar");
  }

  @Test
  @DisplayName("use one that was made, also where the path has a space")
  void used() throws IOException {
    assertThat(run("train")).isZero();
    assertThat(run("--version")).isZero();

    assertThat(archives(target)).hasSize(1);
    assertThat(lastCall()).contains(" -XX:SharedArchiveFile=" + archives(target).get(0) + " ");
  }

  @Test
  @DisplayName(
      "use one beside a jar that the user cannot write to, and make their own in his cache")
  void image() throws IOException {
    assertThat(run("train")).isZero();
    List<String> as = asSomebodyElse();
    Path archive = archives(target).get(0);

    assertThat(run(as, Map.of("HOME", "/nonexistent"), "--version")).isZero();
    assertThat(lastCall()).contains(" -XX:SharedArchiveFile=" + archive + " ");

    Path cache = temporary.resolve("cache");
    open(Files.createDirectory(cache));
    Map<String, String> cached = Map.of("XDG_CACHE_HOME", cache.toString());
    open(Files.writeString(target.resolve("consoul.jar"), "another jar"));
    assertThat(run(as, cached, "train")).isZero();
    assertThat(run(as, cached, "--version")).isZero();
    assertThat(archives(target)).containsExactly(archive);
    assertThat(lastCall())
        .contains(" -XX:SharedArchiveFile=" + archives(cache.resolve("consoul")).get(0) + " ");
  }

  @Test
  @DisplayName("do not pile up: not those of older jars, not the halves of runs that were killed")
  void bounded() throws IOException {
    Path jar = target.resolve("consoul.jar");
    Instant built = Instant.now().minusSeconds(7_200);
    Files.setLastModifiedTime(jar, FileTime.from(built));
    assertThat(run(List.of(), Map.of("NONE", "yes"), "train")).isEqualTo(1);
    Path mark = archives(target).get(0);
    file("consoul-node-1.8.jsa", built.minusSeconds(1));
    file("consoul-node-2.8.jsa.11-12", built.plusSeconds(1));
    Path elsewhere = file("deeper/consoul-node-1.8.jsa", built.minusSeconds(1));
    Path own = file("consoul-node-mine", built.minusSeconds(1));
    List<Path> others = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      others.add(file("consoul-cluster-" + i + ".8.jsa", built.plusSeconds(1 + i)));
    }

    assertThat(run("train")).isZero();

    assertThat(mark).doesNotExist();
    assertThat(List.of(elsewhere, own)).allSatisfy(file -> assertThat(file).exists());
    assertThat(archives(target))
        .filteredOn(file -> !file.equals(own))
        .hasSize(6)
        .containsAll(others.subList(3, 8));
  }

  @Test
  @DisplayName("are kept where the jar is of the future")
  void skewed() throws IOException {
    Files.setLastModifiedTime(
        target.resolve("consoul.jar"), FileTime.from(Instant.now().plusSeconds(3_600)));

    assertThat(run("train")).isZero();

    assertThat(archives(target)).hasSize(1);
  }

  @Test
  @DisplayName("are made by several at once without harm")
  void atOnce() throws IOException {
    List<ServerProcess> all = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      all.add(start(List.of(), Map.of(), home, "train"));
    }
    for (ServerProcess each : all) {
      assertThat(each.exitCode(LIMIT)).as("%s", each.lines()).isZero();
      each.close();
    }

    assertThat(archives(target))
        .singleElement()
        .satisfies(archive -> assertThat(archive).hasContent("archive"));
  }

  @Test
  @DisplayName("are made in the background by a start that serves, and by no other")
  void background() throws IOException {
    List<String> others = List.of("health", "check", "--version");
    for (String command : others) {
      Path project = project(command);
      Files.writeString(project.resolve("launcher/target/consoul.jar"), "jar");
      try (ServerProcess process = start(List.of(), Map.of(), project, "--port", "1", command)) {
        assertThat(process.exitCode(LIMIT)).isZero();
      }
    }

    assertThat(run("--port", "1")).isZero();

    // Until it is whole it has a longer name.
    await()
        .atMost(LIMIT)
        .until(() -> archives(target).stream().anyMatch(file -> file.toString().endsWith(".jsa")));
    for (String command : others) {
      assertThat(archives(temporary.resolve(command).resolve("launcher/target")))
          .isEmpty();
    }
  }

  @Test
  @DisplayName("are not made where somebody asks what that does")
  void help() throws IOException {
    for (String asking : List.of("--help", "-h", "--version")) {
      assertThat(run("train", asking)).isZero();

      assertThat(lastCall()).endsWith(" train " + asking).doesNotContain("ArchiveClassesAtExit");
    }
    assertThat(archives(target)).isEmpty();
  }

  @Test
  @DisplayName(
      "are those of a cluster where node.json says that it is one, and nothing above it that it is not")
  void clusterInFile() throws IOException {
    Path conf = Files.createDirectories(home.resolve("conf"));
    Files.writeString(conf.resolve("node.json"), "{\n  \"cluster\" : true\n}");
    Path other = Files.createDirectories(temporary.resolve("other conf"));
    Files.writeString(other.resolve("node.json"), "{\"cluster\":false}");

    assertThat(run(List.of(), Map.of("CONSOUL_CLUSTER", "false"), "train")).isZero();
    assertThat(run("train", "--conf", other.toString())).isZero();
    assertThat(run("train", "--conf=" + other)).isZero();
    assertThat(run(List.of(), Map.of("CONSOUL_CONF", other.toString()), "train"))
        .isZero();
    assertThat(archives(target)).singleElement().asString().contains("/consoul-node-");

    assertThat(run("train")).isZero();
    assertThat(lastCall()).endsWith(" train --cluster");
    assertThat(archives(target)).anyMatch(each -> each.toString().contains("/consoul-cluster-"));
  }

  @Test
  @DisplayName("give way to one that the options name, and the options stay as they are")
  void options() throws IOException {
    assertThat(run("train")).isZero();
    Files.writeString(home.resolve("-Xlog:gc.txt"), "");
    String options = "-Xlog:gc* -XX:SharedArchiveFile=mine";

    assertThat(run(List.of(), Map.of("CONSOUL_JAVA_OPTS", options), "--version"))
        .isZero();

    assertThat(lastCall()).contains(" " + options + " ").containsOnlyOnce("SharedArchiveFile");
  }

  @Test
  @DisplayName("come after one build, however many start at once")
  void build() throws IOException {
    Map<String, String> path = unbuilt();
    List<ServerProcess> all = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      all.add(start(List.of(), path, home, "--version"));
    }
    for (ServerProcess each : all) {
      assertThat(each.exitCode(LIMIT)).as("%s", each.lines()).isZero();
      each.close();
    }

    assertThat(jdk.resolve("builds")).hasContent("once");
    assertThat(calls()).hasSize(3);
    assertThat(Files.isSymbolicLink(home.resolve("launcher/.building"))).isFalse();
  }

  @Test
  @DisplayName("come after a build that follows one that was killed")
  void killedBuild() throws IOException {
    Map<String, String> path = unbuilt();
    Files.createSymbolicLink(home.resolve("launcher/.building"), Path.of("999999999"));

    assertThat(run(List.of(), path, "--version")).isZero();

    assertThat(jdk.resolve("builds")).hasContent("once");
    assertThat(Files.isSymbolicLink(home.resolve("launcher/.building"))).isFalse();
  }

  /** Without a jar. What is returned has a Maven in its path that makes one. */
  private Map<String, String> unbuilt() throws IOException {
    Files.delete(target.resolve("consoul.jar"));
    program(jdk.resolve("bin/mvn"), MAVEN);
    return Map.of("PATH", jdk.resolve("bin") + ":" + System.getenv("PATH"));
  }

  private Path project(String name) throws IOException {
    Path project = temporary.resolve(name);
    Files.createDirectories(project.resolve("launcher/target"));
    Files.copy(
        Path.of("..", "consoul"), project.resolve("consoul"), StandardCopyOption.COPY_ATTRIBUTES);
    return project;
  }

  private static void program(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    open(file);
  }

  private Path file(String name, Instant time) throws IOException {
    Path file = target.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "12345678");
    return Files.setLastModifiedTime(file, FileTime.from(time));
  }

  /** Everybody may do everything with it. */
  private static void open(Path file) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxrwxrwx"));
  }

  /** What a command begins with for the jar's folder to be read-only to it; nothing is to root. */
  private List<String> asSomebodyElse() throws IOException {
    open(temporary);
    open(jdk.resolve("calls"));
    Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("r-xr-xr-x"));
    if (!Files.isWritable(target)) {
      return List.of();
    }
    Path setpriv = Path.of("/usr/bin/setpriv");
    assumeTrue(Files.isExecutable(setpriv), "no setpriv here");
    return List.of(setpriv.toString(), "--reuid=65534", "--regid=65534", "--clear-groups");
  }

  private int run(String... arguments) throws IOException {
    return run(List.of(), Map.of(), arguments);
  }

  private int run(List<String> as, Map<String, String> environment, String... arguments)
      throws IOException {
    try (ServerProcess process = start(as, environment, home, arguments)) {
      return process.exitCode(LIMIT);
    }
  }

  private ServerProcess start(
      List<String> as, Map<String, String> environment, Path project, String... arguments) {
    Map<String, String> all = new HashMap<>(environment);
    all.put("JAVA_HOME", jdk.toString());
    List<String> command = new ArrayList<>(as);
    command.add(project.resolve("consoul").toString());
    command.addAll(List.of(arguments));
    return ServerProcess.start(command, all, project);
  }

  private List<String> calls() throws IOException {
    return Files.readAllLines(jdk.resolve("calls"));
  }

  private String lastCall() throws IOException {
    List<String> calls = calls();
    return calls.get(calls.size() - 1);
  }

  private static List<Path> archives(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("consoul-"))
          .sorted()
          .toList();
    }
  }
}
