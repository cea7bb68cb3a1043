package io.consoul.launcher.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.consoul.launcher.Main;
import io.consoul.launcher.chat.ScriptedChatServer.Peer;
import io.consoul.testkit.Ports;
import io.consoul.testkit.ServerProcess;
import io.vertx.core.json.JsonArray;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The chat command, as a process")
class ChatProcessTest {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  /**
   * A terminal of 24 lines: waits for a text, types another, and so on; tells the status at the end. As in a terminal of a
   * user SIGINT is not ignored, also where the tests were started by a script in the background, which makes them ignore it.
   */
  private static final String TERMINAL = """
      import fcntl, json, os, pty, signal, struct, sys, termios
      steps = json.loads(sys.argv[1])
      ready, go = os.pipe()
      pid, terminal = pty.fork()
      if pid == 0:
          os.close(go)
          os.read(ready, 1)
          signal.signal(signal.SIGINT, signal.SIG_DFL)
          os.execvp(sys.argv[2], sys.argv[2:])
      fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 80, 0, 0))
      os.write(go, b'x')
      output = b''
      while True:
          try:
              piece = os.read(terminal, 4096)
          except OSError:
              piece = b''
          if not piece:
              break
          sys.stdout.buffer.write(piece)
          sys.stdout.flush()
          output += piece
          while steps and steps[0][0].encode() in output:
              output = output[output.index(steps[0][0].encode()) + len(steps[0][0].encode()):]
              os.write(terminal, steps.pop(0)[1].encode())
      print('\\nstatus', os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
      """;

  @TempDir
  private Path folder;

  private ScriptedChatServer server;
  private ServerProcess chat;

  @BeforeEach
  void start() {
    server = new ScriptedChatServer();
  }

  @AfterEach
  void end() {
    if (chat != null) {
      chat.close();
    }
    server.close();
  }

  @Test
  @DisplayName("stops an answer at Ctrl-C in a terminal, prompts again, and leaves at the next one")
  void interrupts() {
    assumeTrue(hasPython(), "python3 (3.9 or newer) makes the terminal");
    JsonArray steps = new JsonArray()
        .add(new JsonArray().add("> ").add("say \"it\\ !1\r"))
        .add(new JsonArray().add("one ").add("\u0003"))
        .add(new JsonArray().add("> ").add("\u0003"));
    List<String> command = new ArrayList<>(List.of("python3", "-c", TERMINAL, steps.encode()));
    command.addAll(chat("--session", "me"));
    chat = ServerProcess.start(command, Map.of("TERM", "xterm"), folder);

    Peer peer = server.next();
    assertThat(peer.await("message").getString("content")).isEqualTo("say \"it\\ !1");
    peer.token("t1", 0, "one \u001b]0;gotcha\u0007");
    peer.await("cancel");
    peer.done("t1", "cancelled");

    chat.awaitLine("\\(stopped\\)", LIMIT);
    chat.awaitLine("^status 0", LIMIT);
    assertThat(peer.awaitClose()).isEqualTo(1000);
    assertThat(chat.lines()).noneMatch(line -> line.contains("\u001b]0;"));
  }

  @Test
  @DisplayName("prints one answer and nothing else on the output, and ends with 0")
  void oneMessage() {
    chat = ServerProcess.start(chat("--session", "me", "Hello", "you"), Map.of(), folder);
    Peer peer = server.next();
    assertThat(peer.await("message").getString("content")).isEqualTo("Hello you");
    peer.token("t1", 0, "grün 😀").done("t1", "stop");

    assertThat(chat.exitCode(LIMIT)).isZero();
    assertThat(chat.lines()).containsExactly("grün 😀");
  }

  @Test
  @DisplayName("takes each line of a pipe for a message, and ends with 1 when one has failed")
  void pipe() {
    List<String> command =
        new ArrayList<>(List.of("sh", "-c", "printf 'one\\n\\nzwölf\\n' | \"$@\"", "sh"));
    command.addAll(chat("--session", "me"));
    chat = ServerProcess.start(command, Map.of(), folder);
    Peer peer = server.next();
    assertThat(peer.await("message").getString("content")).isEqualTo("one");
    peer.error("E201", "The model took too long.", false, null);
    assertThat(peer.await("message").getString("content")).isEqualTo("zwölf");
    peer.token("t2", 0, "two\n").done("t2", "stop");

    assertThat(chat.exitCode(LIMIT)).isEqualTo(1);
    assertThat(chat.lines()).containsExactly("E201 The model took too long.", "two");
  }

  @Test
  @DisplayName("with nobody to talk to says so in one line and ends with 1")
  void nobody() {
    chat = ServerProcess.start(
        List.of(
            ServerProcess.java(),
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "chat",
            "--api-key",
            "secret-key",
            "--url",
            "http://127.0.0.1:" + Ports.free(),
            "Hello"),
        Map.of(),
        folder);

    assertThat(chat.exitCode(LIMIT)).isEqualTo(1);
    assertThat(chat.lines()).singleElement().asString().contains("Start it with ./consoul");
  }

  private List<String> chat(String... arguments) {
    List<String> command = new ArrayList<>(List.of(
        ServerProcess.java(),
        "-XX:TieredStopAtLevel=1",
        "-cp",
        System.getProperty("java.class.path"),
        Main.class.getName(),
        "chat",
        "--url",
        server.url()));
    command.addAll(List.of(arguments));
    return command;
  }

  private static boolean hasPython() {
    try {
      Process python = new ProcessBuilder(
              "python3", "-c", "import os, pty, termios; os.waitstatus_to_exitcode")
          .redirectErrorStream(true)
          .start();
      return python.waitFor(10, TimeUnit.SECONDS) && python.exitValue() == 0;
    } catch (IOException missing) {
      return false;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
