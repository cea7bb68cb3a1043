package io.consoul.acceptance.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.testkit.Ports;
import io.consoul.testkit.ServerProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** NGINX with ops/nginx/consoul.conf, whose nodes, one instead of three, and port are replaced, in one process of its own. */
final class NginxProcess implements AutoCloseable {

  private static final Duration STARTING = Duration.ofSeconds(20);

  private final int port = Ports.free();
  private final ServerProcess process;

  /** @param node its port */
  NginxProcess(Tool nginx, Path folder, int node) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("consoul.conf"), adapted(folder, node));
    Files.writeString(
        folder.resolve("nginx.conf"),
        // Without a master there is one process, which ends as a whole.
        "daemon off; master_process off; pid " + folder + "/pid; error_log stderr;\n"
            + "events { worker_connections 4096; }\nhttp {\n  include consoul.conf;\n"
            + List.of("client_body", "proxy", "fastcgi", "uwsgi", "scgi").stream()
                .map(use -> "  " + use + "_temp_path " + folder + "/" + use + ";\n")
                .collect(Collectors.joining())
            + "}\n");
    process = ServerProcess.start(
        List.of(
            nginx.path(), "-p", folder.toString(), "-c", folder + "/nginx.conf", "-e", "stderr"),
        Map.of(),
        folder);
    await()
        .atMost(STARTING)
        .failFast(() -> assertThat(process.isAlive()).as("" + process.lines()).isTrue())
        .until(this::listens);
  }

  int port() {
    return port;
  }

  static Path accessLog(Path folder) {
    return folder.resolve("access.log");
  }

  @Override
  public void close() {
    process.close();
  }

  private String adapted(Path folder, int node) {
    String server = "    server 127.0.0.1:" + node + " max_fails=1 fail_timeout=2s;\n";
    return OpsFiles.text("ops/nginx/consoul.conf")
        .replaceAll("(?m)(^ *server consoul-\\d:8000 .*\\n)+", server)
        .replace("listen 8000;", "listen 127.0.0.1:" + port + ";")
        .replace("/var/log/nginx/access.log", accessLog(folder).toString());
  }

  private boolean listens() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException notYet) {
      return false;
    }
  }
}
