package io.consoul.launcher.tryout;

import java.io.BufferedReader;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/** A node in a process of its own. This end of its standard input is held as long as this process lives ({@link Leash}). */
final class Member {

  /** How a node begins what it says of settings that it does not know. */
  private static final String WARNING = "warning: ";

  private final int number;
  private final Role role;
  private final String url;
  private final Process process;
  private final Console console;
  private final BiConsumer<Member, Integer> ended;
  private final CompletableFuture<String> up = new CompletableFuture<>();

  /**
   * @param url null where it has no gateway
   * @param ended is told the status that the process has ended with, after its last line
   */
  Member(
      int number,
      Role role,
      String url,
      Process process,
      Console console,
      BiConsumer<Member, Integer> ended) {
    this.number = number;
    this.role = role;
    this.url = url;
    this.process = process;
    this.console = console;
    this.ended = ended;
    Thread reader = new Thread(this::read, "consoul-node-" + number);
    reader.setDaemon(true);
    reader.start();
  }

  int number() {
    return number;
  }

  Role role() {
    return role;
  }

  String url() {
    return url;
  }

  long pid() {
    return process.pid();
  }

  /** Completes with where its metrics are, and fails when it ends before. */
  CompletableFuture<String> up() {
    return up;
  }

  /** Where it serves, or what it does where it serves nobody from outside. */
  String place() {
    return url == null ? role.verticles() : url;
  }

  boolean wasUp() {
    return up.isDone() && !up.isCompletedExceptionally();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** As SIGTERM does it: turns in progress may finish. */
  void terminate() {
    process.toHandle().destroy(); // the process's own method would also cut off its last words
  }

  /**
   * Waits for its end.
   *
   * @return whether it had to be killed
   */
  boolean end(Duration limit) {
    try {
      if (process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        return false;
      }
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
    return true;
  }

  private void read() {
    try (BufferedReader lines = process.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(Leash.UP)) {
          up.complete(line.substring(Leash.UP.length()));
        } else if (up.isDone() || !line.startsWith(WARNING)) { // those have been said, once for all
          console.quote(number, line);
        }
      }
    } catch (IOException broken) {
      console.quote(number, "its output cannot be read any more: " + broken.getMessage());
    }
    try {
      int status = process.waitFor();
      up.completeExceptionally(new IllegalStateException("ended"));
      ended.accept(this, status);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
