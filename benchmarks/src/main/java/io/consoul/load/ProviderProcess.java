package io.consoul.load;

import io.consoul.testkit.FakeProvider;
import io.consoul.testkit.Ports;
import io.consoul.testkit.ServerProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The fake provider in a process of its own. */
final class ProviderProcess implements AutoCloseable {

  private final int port = Ports.free();
  private final ServerProcess process;

  ProviderProcess(int delayMillis, int firstTokenMillis) {
    process = ServerProcess.start(
        List.of(
            ServerProcess.java(),
            "-XX:+UseSerialGC",
            "-Xmx256m",
            "-cp",
            System.getProperty("consoul.benchmarks.class-path"),
            FakeProvider.class.getName(),
            "--port",
            Integer.toString(port),
            "--delay-ms",
            Integer.toString(delayMillis),
            "--first-token-ms",
            Integer.toString(firstTokenMillis)),
        Map.of(),
        Path.of("."));
    process.awaitLine("listens on", Duration.ofSeconds(30));
  }

  int port() {
    return port;
  }

  long cpuMicros() {
    return Machine.cpuMicros(process.pid());
  }

  /** What points a node at it, and more. */
  Map<String, String> with(String... more) {
    Map<String, String> environment = new HashMap<>(Map.of(
        "OPENAI_BASE_URL",
        "http://127.0.0.1:" + port + "/v1",
        "OPENAI_API_KEY",
        "any",
        "CONSOUL_MODEL_NAME",
        "openai/fake"));
    for (int i = 0; i < more.length; i += 2) {
      environment.put(more[i], more[i + 1]);
    }
    return environment;
  }

  @Override
  public void close() {
    process.close();
  }
}
