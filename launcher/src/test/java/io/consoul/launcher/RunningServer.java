package io.consoul.launcher;

import io.consoul.testkit.ChatClient;
import io.consoul.testkit.FakeProvider;
import io.consoul.testkit.Ports;
import io.consoul.testkit.ProviderKind;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;

/** The whole product in this JVM as the launcher starts it, a fake provider behind it and a client before it. */
final class RunningServer implements AutoCloseable {

  /** A variable for a test's own files: where the fake provider speaks as Anthropic does. */
  static final String FAKE_ANTHROPIC = "FAKE_ANTHROPIC";

  final FakeProvider openAi;
  final ChatClient client;
  final int port = Ports.free();
  private final Vertx outside = Vertx.vertx();
  private final Server server;

  /** @param environment on top of a port and the fake provider */
  RunningServer(Path emptyConf, Map<String, String> environment) throws Exception {
    openAi = FakeProvider.start(outside).await(20, TimeUnit.SECONDS);
    Map<String, String> all = new HashMap<>(Map.of(
        "CONSOUL_CONF",
        emptyConf.toString(),
        "CONSOUL_PORT",
        "" + port,
        "CONSOUL_METRICS_PORT",
        "0",
        "CONSOUL_SHUTDOWN_TIMEOUT",
        "5",
        "CONSOUL_RATE_LIMIT_ENABLED",
        "false",
        "CONSOUL_ECHO_DELAY_MS",
        "1",
        "OPENAI_API_KEY",
        "sk-test-secret",
        "OPENAI_BASE_URL",
        openAi.baseUrl(),
        FAKE_ANTHROPIC,
        openAi.baseUrl(ProviderKind.ANTHROPIC),
        "CONSOUL_MODEL_NAME",
        "fake"));
    all.putAll(environment);
    Options options = new Options();
    new CommandLine(options).parseArgs();
    Options.Read read = options.read(all);
    read.report().throwIfBad();
    server = new Server(read.configuration(), this::end);
    server.start();
    server.watch(new ConfigWatch(read, () -> options.read(all), server::apply));
    client = new ChatClient(outside, port);
  }

  /** Where its metrics are read, or null. */
  String metrics() {
    return server.metrics();
  }

  /** What the process does after a signal. */
  private void end() {
    new Thread(server::stop, "stop").start();
  }

  boolean stop() {
    return server.stop();
  }

  @Override
  public void close() {
    client.close();
    server.stop();
    openAi.close().await();
    outside.close().await();
  }
}
