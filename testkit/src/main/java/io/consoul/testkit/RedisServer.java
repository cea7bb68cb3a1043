package io.consoul.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A real Redis in a process of its own, on a free port of loopback: the one that is installed, or else the one that a Maven
 * artifact carries. It can be killed, paused, and started again on the same port with what it had written.
 */
public final class RedisServer implements AutoCloseable {

  private static final Duration STARTING = Duration.ofSeconds(30);
  private static final String CARRIED = "/redis-server-6.2.6-v5-linux-amd64";

  private final int port;
  private final Path folder;
  private final Start start;
  private final List<String> options;
  private ServerProcess process;

  /** The command line up to the options. */
  private interface Start {
    List<String> command(String executable, Path folder) throws IOException;
  }

  private RedisServer(int port, Path folder, Start start, List<String> options) {
    this.port = port;
    this.folder = folder;
    this.start = start;
    this.options = options;
  }

  /** Every write is with the system before it is acknowledged, so that a kill loses nothing; no disk is waited for. */
  public static RedisServer start() {
    return start("--appendonly", "yes", "--appendfsync", "no");
  }

  /** @param options of the command line, such as {@code --appendonly yes} */
  public static RedisServer start(String... options) {
    return startOn(Ports.free(), options);
  }

  /**
   * One that takes TLS only.
   *
   * @throws AssertionError where the server was built without it
   */
  public static RedisServer startWithTls(TlsCertificate certificate) {
    int port = Ports.free();
    return start(
        port,
        (executable, folder) -> List.of(
            executable,
            "--port",
            "0",
            "--tls-port",
            Integer.toString(port),
            "--bind",
            "127.0.0.1",
            "--tls-cert-file",
            certificate.certificate().toString(),
            "--tls-key-file",
            certificate.key().toString(),
            "--tls-ca-cert-file",
            certificate.certificate().toString(),
            "--tls-auth-clients",
            "no",
            "--dir",
            folder.toString(),
            "--save",
            ""),
        List.of());
  }

  static RedisServer startOn(int port, String... options) {
    return start(
        port,
        (executable, folder) -> List.of(
            executable,
            "--port",
            Integer.toString(port),
            "--bind",
            "127.0.0.1",
            "--dir",
            folder.toString(),
            "--save",
            ""),
        List.of(options));
  }

  /** @param settings of a sentinel; it writes into the file that it is given */
  static RedisServer startSentinel(List<String> settings) {
    int port = Ports.free();
    return start(
        port,
        (executable, folder) -> {
          Path file = folder.resolve("sentinel.conf");
          if (!Files.exists(file)) {
            List<String> lines = new ArrayList<>(
                List.of("port " + port, "bind 127.0.0.1", "dir " + folder, "protected-mode no"));
            lines.addAll(settings);
            Files.write(file, lines);
          }
          return List.of(executable, file.toString(), "--sentinel");
        },
        List.of());
  }

  private static RedisServer start(int port, Start start, List<String> options) {
    RedisServer server;
    try {
      server = new RedisServer(port, Files.createTempDirectory("consoul-redis"), start, options);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    try {
      server.restart();
      return server;
    } catch (RuntimeException | Error failed) {
      server.close();
      throw failed;
    }
  }

  public int port() {
    return port;
  }

  public String url() {
    return "redis://127.0.0.1:" + port;
  }

  /** The URL with the password that was given with {@code --requirepass}, if any. */
  public String urlWithPassword() {
    return "redis://:" + password() + "@127.0.0.1:" + port;
  }

  /**
   * Asks it one thing over a connection of its own.
   *
   * @return a String, Long, null, or List of these
   * @throws AssertionError with the error that it replied
   */
  public Object cli(String... command) {
    return RedisCli.ask(port, password(), command);
  }

  /** Another server that follows this one. */
  public RedisServer startReplica() {
    return start("--replicaof", "127.0.0.1", Integer.toString(port));
  }

  /** Starts it again after {@link #kill}, with what it had written. */
  public void restart() {
    try {
      List<String> command = new ArrayList<>(start.command(executable().toString(), folder));
      command.addAll(options);
      process = ServerProcess.start(command, Map.of(), folder);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    process.awaitLine(
        line -> line.contains("eady to accept connections") || line.contains("Sentinel ID is"),
        STARTING);
  }

  /** Ends it at once, as if the machine had failed. */
  public void kill() {
    process.signal(ServerProcess.Signal.KILL);
    process.exitCode(STARTING);
  }

  /** It does nothing until {@link #resume}, and its connections stay open. */
  public void pause() {
    process.signal(ServerProcess.Signal.STOP);
  }

  public void resume() {
    process.signal(ServerProcess.Signal.CONT);
  }

  @Override
  public void close() {
    if (process != null) {
      process.close();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted((one, other) -> other.compareTo(one)).forEach(RedisServer::delete);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private String password() {
    int option = options.indexOf("--requirepass");
    return option < 0 ? null : options.get(option + 1);
  }

  private static Path executable() {
    return installed().orElseGet(RedisServer::carried);
  }

  private static Optional<Path> installed() {
    return Stream.of(System.getenv("PATH").split(":"))
        .map(folder -> Path.of(folder, "redis-server"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static synchronized Path carried() {
    Path copy = Path.of(System.getProperty("java.io.tmpdir"), "consoul-" + CARRIED.substring(1));
    if (Files.isExecutable(copy)) {
      return copy;
    }
    try (InputStream binary = RedisServer.class.getResourceAsStream(CARRIED)) {
      Path fresh = Files.createTempFile("consoul-redis", ".bin");
      Files.copy(binary, fresh, StandardCopyOption.REPLACE_EXISTING);
      if (!fresh.toFile().setExecutable(true)) {
        throw new IOException("cannot make " + fresh + " executable");
      }
      return Files.move(fresh, copy, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
