package io.consoul.launcher;

import io.consoul.config.ConfigReport;
import io.consoul.config.Overrides;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code consoul train}: the start script's, for the JVM to see what a node loads, which it then keeps in an archive for quicker
 * starts (docs/decisions/0013). Runs a node for a few requests, on free ports of the loopback address and without the
 * configuration that is there.
 */
@Command(
    name = "train",
    hidden = true,
    mixinStandardHelpOptions = true,
    description = "Runs a node for a moment, for the archive that makes later starts quicker.")
final class TrainCommand implements Callable<Integer> {

  private static final int LIMIT_MS = 10_000;

  private static final String ALONE_IN_ITS_CLUSTER = """
      <hazelcast xmlns="http://www.hazelcast.com/schema/config">
        <cluster-name>%s</cluster-name>
        <properties>
          <property name="hazelcast.wait.seconds.before.join">0</property>
          <property name="hazelcast.partition.count">31</property>
        </properties>
        <network>
          <port auto-increment="false">%d</port>
          <join>
            <auto-detection enabled="false"/>
            <multicast enabled="false"/>
            <tcp-ip enabled="true">
              <member-list><member>127.0.0.1:%2$d</member></member-list>
            </tcp-ip>
          </join>
          <interfaces enabled="true">
            <interface>127.0.0.1</interface>
          </interfaces>
        </network>
      </hazelcast>
      """;

  @Option(names = "--cluster", description = "A node in a cluster, of its own.")
  private boolean cluster;

  @Override
  public Integer call() throws IOException {
    Path home = Files.createTempDirectory("consoul-train-");
    Path file = home.resolve(ClusterFile.NAME);
    System.setProperty("consoul.home", home.toString());
    try {
      Files.writeString(
          file, ALONE_IN_ITS_CLUSTER.formatted("train-" + UUID.randomUUID(), freePort()));
      run(home);
    } finally {
      Files.deleteIfExists(file);
      Files.deleteIfExists(home);
    }
    return 0;
  }

  private void run(Path home) throws IOException {
    int port = freePort();
    Map<String, String> settings = new HashMap<>(Map.of(
        "CONSOUL_HOST", "127.0.0.1",
        "CONSOUL_PORT", "" + port,
        "CONSOUL_METRICS_PORT", "0",
        "CONSOUL_CLUSTER", "" + cluster,
        "CONSOUL_LOG_LEVEL", "ERROR",
        "CONSOUL_ECHO_DELAY_MS", "0"));
    Configuration configuration =
        Configuration.read(new ConfigFolder(home), new Overrides(settings), new ConfigReport());
    Logging.apply(configuration.node());
    Server server = new Server(configuration, () -> {});
    try {
      server.start();
      use("http://127.0.0.1:" + port, server.metrics());
    } finally {
      server.stop();
    }
  }

  private static void use(String url, String metrics) throws IOException {
    get(url + "/ready");
    get(metrics);
    post(url + "/chat", "{\"session_id\":\"train\",\"message\":\"Hello\"}");
    post(url + "/chat/stream", "{\"session_id\":\"train\",\"message\":\"Hello again\"}");
    get(url + "/sessions/train");
  }

  private static void get(String url) throws IOException {
    read(open(url));
  }

  private static void post(String url, String body) throws IOException {
    HttpURLConnection connection = open(url);
    connection.setRequestProperty("Content-Type", "application/json");
    connection.setDoOutput(true);
    try (OutputStream out = connection.getOutputStream()) {
      out.write(body.getBytes(StandardCharsets.UTF_8));
    }
    read(connection);
  }

  private static HttpURLConnection open(String url) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) new URL(url).openConnection();
    connection.setConnectTimeout(LIMIT_MS);
    connection.setReadTimeout(LIMIT_MS);
    return connection;
  }

  /** Fails on any status of 400 or more. */
  private static void read(HttpURLConnection connection) throws IOException {
    try (InputStream in = connection.getInputStream()) {
      in.transferTo(OutputStream.nullOutputStream());
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
