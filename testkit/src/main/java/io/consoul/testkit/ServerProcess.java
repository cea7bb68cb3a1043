package io.consoul.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server in a process of its own, as a user would start it. Of the tests' environment it sees only PATH, HOME, JAVA_HOME
 * and TMPDIR, so that what a developer has exported changes no result.
 */
public final class ServerProcess implements AutoCloseable {

  /** What can be sent to a process. */
  public enum Signal {
    TERM,
    INT,
    KILL,
    STOP,
    CONT
  }

  private static final List<String> INHERITED = List.of("PATH", "HOME", "JAVA_HOME", "TMPDIR");
  private static final Duration LAST_LINES = Duration.ofSeconds(30);
  private static final Duration KILLED = Duration.ofSeconds(30);

  private final Process process;
  private final Arrivals<String> lines;
  private final Thread destroyer;

  private ServerProcess(Process process, String command) {
    this.process = process;
    this.lines = new Arrivals<>("process " + process.pid() + " (" + command + ")");
    this.destroyer = new Thread(this::destroy);
  }

  /** Starts a command; error output and standard output become one. */
  public static ServerProcess start(
      List<String> command, Map<String, String> environment, Path directory) {
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
    builder.environment().keySet().retainAll(INHERITED);
    builder.environment().putAll(environment);
    try {
      Process process = builder.start();
      ServerProcess server = new ServerProcess(process, String.join(" ", command));
      Thread reader = new Thread(server::read, "output of process " + process.pid());
      reader.setDaemon(true);
      reader.start();
      // A test run that is interrupted leaves no server behind.
      Runtime.getRuntime().addShutdownHook(server.destroyer);
      return server;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** The path of the java command that the tests run on. */
  public static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /**
   * Whether a process that is started here heeds SIGINT. A shell without job control, as a script is, makes what it starts in
   * the background ignore it; that is inherited, and a JVM leaves it so.
   */
  public static boolean heedsInterrupts() {
    try {
      return new ProcessBuilder("sh", "-c", "kill -INT $$").start().waitFor() != 0;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", interrupted);
    }
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** What it has written so far. */
  public List<String> lines() {
    return lines.all();
  }

  /** The first line in which the expression is found; its groups tell the port, say. */
  public MatchResult awaitLine(String regex, Duration limit) {
    Pattern pattern = Pattern.compile(regex);
    Matcher matcher =
        pattern.matcher(awaitLine(pattern.asPredicate(), "line with " + regex, limit));
    matcher.find();
    return matcher.toMatchResult();
  }

  public String awaitLine(Predicate<String> fitting, Duration limit) {
    return awaitLine(fitting, "fitting line", limit);
  }

  public ServerProcess signal(Signal signal) {
    try {
      // The shell's own kill: a bare machine has no other.
      new ProcessBuilder("sh", "-c", "kill -" + signal + " " + process.pid())
          .inheritIO()
          .start()
          .waitFor();
      return this;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    } catch (InterruptedException interrupted) {
      throw interrupted(interrupted);
    }
  }

  /** Waits for the end of the process, and of its output. */
  public int exitCode(Duration limit) {
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError("still running after " + limit + "; " + lines.description());
      }
    } catch (InterruptedException interrupted) {
      throw interrupted(interrupted);
    }
    lines.awaitEnd(LAST_LINES);
    return process.exitValue();
  }

  /** Its resident memory, where the system has /proc and the process is alive. */
  public OptionalLong rssBytes() {
    Path status = Path.of("/proc", String.valueOf(process.pid()), "status");
    try {
      return Files.readAllLines(status).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst();
    } catch (IOException gone) {
      return OptionalLong.empty();
    }
  }

  /** Kills it, if it is still there, with all that it has started. */
  @Override
  public void close() {
    destroy();
    try {
      Runtime.getRuntime().removeShutdownHook(destroyer);
    } catch (IllegalStateException shuttingDown) {
      return;
    }
    exitCode(KILLED);
  }

  private String awaitLine(Predicate<String> fitting, String wanted, Duration limit) {
    return lines.get(lines.await(0, fitting, wanted, limit));
  }

  private void destroy() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  private void read() {
    try (BufferedReader reader = process.inputReader(UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(line);
      }
      lines.end("exit code " + process.waitFor());
    } catch (IOException closed) {
      lines.end("output closed: " + closed.getMessage());
    } catch (InterruptedException interrupted) {
      lines.end("interrupted");
    }
  }

  private AssertionError interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    return new AssertionError("interrupted; " + lines.description(), cause);
  }
}
