package io.consoul.acceptance;

import io.consoul.testkit.Ports;
import io.consoul.testkit.RedisServer;
import io.consoul.testkit.ServerProcess;
import io.consoul.testkit.ServerProcess.Signal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The jar as one node in a process of its own, with a small heap; it can be killed, paused and started again on its port. */
public final class NodeProcess implements AutoCloseable {

  private static final Duration STARTING = Duration.ofSeconds(180);
  private static final Duration ENDING = Duration.ofSeconds(30);

  /** Of /proc/PID/stat, counted from behind the command's name. */
  private static final int USER_TICKS = 11;

  private static final int MILLIS_PER_TICK = 10;

  /** The jar that is tested; a build of its own has it in the neighbour's folder. */
  private static final String JAR =
      System.getProperty("consoul.jar", "launcher/target/consoul.jar");

  private final int port = Ports.free();
  private final int metricsPort = Ports.free();
  private final Path folder;
  private final Map<String, String> environment;
  private final List<String> jvmOptions = new ArrayList<>();
  private final List<String> earlierLines = new ArrayList<>();
  private ServerProcess process;

  /**
   * @param folder of its own: it holds its configuration and is where it runs
   * @param environment on top of its ports
   */
  private NodeProcess(Path folder, Map<String, String> environment) {
    this.folder = folder;
    this.environment = new HashMap<>(Map.of(
        "CONSOUL_PORT", Integer.toString(port),
        "CONSOUL_METRICS_PORT", Integer.toString(metricsPort),
        "CONSOUL_RATE_LIMIT_ENABLED", "false",
        "CONSOUL_CONF", folder.toString()));
    this.environment.putAll(environment);
    try {
      Files.createDirectories(folder);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /**
   * A node that keeps its sessions in this Redis, and tries every second to reach it again.
   *
   * @param more names and values in turn
   */
  public static NodeProcess onRedis(Path folder, RedisServer redis, String... more) {
    Map<String, String> environment = new HashMap<>(Map.of(
        "CONSOUL_SESSION_REDIS_URL", redis.url(),
        "CONSOUL_REDIS_RECONNECT_INTERVAL", "1",
        "CONSOUL_REDIS_FALLBACK_JOURNAL", folder.resolve("outage.journal").toString()));
    environment.putAll(pairs(more));
    return new NodeProcess(folder, environment);
  }

  /** A node without Redis. */
  public static NodeProcess inMemory(Path folder, String... more) {
    return new NodeProcess(folder, pairs(more));
  }

  /**
   * A node of a cluster, without Redis.
   *
   * @param home folder that the cluster's file is in
   */
  public static NodeProcess inCluster(Path folder, Path home, String... more) {
    return inMemory(folder, more).inCluster(home);
  }

  /** It joins the cluster whose file is in this folder. */
  public NodeProcess inCluster(Path home) {
    environment.put("CONSOUL_CLUSTER", "true");
    jvmOptions.add("-Dconsoul.home=" + home);
    return this;
  }

  /** It gets this option of the JVM too. */
  public NodeProcess with(String jvmOption) {
    jvmOptions.add(jvmOption);
    return this;
  }

  private static Map<String, String> pairs(String... namesAndValues) {
    Map<String, String> pairs = new HashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      pairs.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return pairs;
  }

  /** Returns at once; {@link #awaitUp} waits. */
  public synchronized NodeProcess start() {
    List<String> command = new ArrayList<>(List.of(
        ServerProcess.java(),
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xshare:auto",
        "-Xmx192m"));
    command.addAll(jvmOptions);
    command.addAll(List.of("-jar", Path.of(JAR).toAbsolutePath().toString()));
    if (process != null) {
      earlierLines.addAll(process.lines());
      process.close();
    }
    process = ServerProcess.start(command, environment, folder);
    return this;
  }

  public NodeProcess awaitUp() {
    process().awaitLine("Ctrl-C stops", STARTING);
    return this;
  }

  /** As if its machine had failed. */
  public synchronized void kill() {
    process.signal(Signal.KILL);
    process.exitCode(ENDING);
  }

  /** As a service manager does it. */
  public void terminate() {
    process().signal(Signal.TERM);
  }

  /** It does nothing until {@link #resume}, and its connections stay open. */
  public void pause() {
    process().signal(Signal.STOP);
  }

  public void resume() {
    process().signal(Signal.CONT);
  }

  public int port() {
    return port;
  }

  public int metricsPort() {
    return metricsPort;
  }

  public long pid() {
    return process().pid();
  }

  /** User and system time that it has used since it was started; in ticks of 10 ms. */
  public long cpuMillis() {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(pid()), "stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      return MILLIS_PER_TICK
          * (Long.parseLong(fields[USER_TICKS]) + Long.parseLong(fields[USER_TICKS + 1]));
    } catch (IOException gone) {
      throw new UncheckedIOException(gone);
    }
  }

  /** Whether it serves, as far as it has said; a paused one does. */
  public boolean isUp() {
    return process().lines().stream().anyMatch(line -> line.contains("Ctrl-C stops"));
  }

  /** Whether it was started, however it has fared since. */
  public boolean isStarted() {
    return process() != null;
  }

  public boolean isAlive() {
    return process().isAlive();
  }

  /** Whether it has ended because it found no Redis at its start; a supervisor would start it again. */
  public boolean hasGivenUpOnRedis() {
    ServerProcess current = process();
    return !current.isAlive()
        && current.lines().stream()
            .anyMatch(line -> line.startsWith("Cannot keep sessions: Redis"));
  }

  public int exitCode(Duration limit) {
    return process().exitCode(limit);
  }

  /** What it has written, also before it was killed. */
  public synchronized List<String> lines() {
    List<String> all = new ArrayList<>(earlierLines);
    all.addAll(process.lines());
    return all;
  }

  @Override
  public void close() {
    process().close();
  }

  private synchronized ServerProcess process() {
    return process;
  }
}
