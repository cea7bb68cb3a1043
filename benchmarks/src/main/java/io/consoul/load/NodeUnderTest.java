package io.consoul.load;

import io.consoul.testkit.Ports;
import io.consoul.testkit.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The jar, started as the start script does it, without a limit of its callers' rate and with a heap of 512 MB. */
final class NodeUnderTest implements AutoCloseable {

  private static final Duration STARTING = Duration.ofSeconds(60);

  private final int port = Ports.free();
  private final ServerProcess process;

  /**
   * @param collector as the JVM's option has it, without its ending
   * @param more variables and their values
   */
  NodeUnderTest(String collector, Map<String, String> more) {
    Map<String, String> environment = new HashMap<>();
    try {
      Path folder = Files.createTempDirectory("consoul-load");
      environment.put("CONSOUL_CONF", folder.toString());
      environment.put("CONSOUL_PORT", Integer.toString(port));
      environment.put("CONSOUL_METRICS_PORT", Integer.toString(Ports.free()));
      environment.put("CONSOUL_RATE_LIMIT_ENABLED", "false");
      environment.put(
          "CONSOUL_REDIS_FALLBACK_JOURNAL", folder.resolve("journal").toString());
      environment.putAll(more);
      List<String> command = List.of(
          ServerProcess.java(),
          "-XX:+Use" + collector + "GC",
          "-Xms48m",
          "-Xmx512m",
          "-jar",
          System.getProperty("consoul.jar"));
      process = ServerProcess.start(command, environment, folder);
      process.awaitLine("Ctrl-C stops", STARTING);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  int port() {
    return port;
  }

  ServerProcess process() {
    return process;
  }

  long cpuMicros() {
    return Machine.cpuMicros(process.pid());
  }

  long rssMegabytes() {
    return process.rssBytes().orElse(0) >> 20;
  }

  @Override
  public void close() {
    process.close();
  }
}
