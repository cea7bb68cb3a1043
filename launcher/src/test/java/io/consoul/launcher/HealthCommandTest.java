package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.testkit.Ports;
import io.consoul.testkit.TlsCertificate;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@DisplayName("The command that asks how a node is")
class HealthCommandTest {

  @TempDir
  private Path conf;

  private final StringWriter output = new StringWriter();

  @Test
  @DisplayName("ends with 0 while the node is up, and with 1 once it is not")
  void upAndDown() throws Exception {
    List<String> here = new ArrayList<>();
    try (RunningServer server = new RunningServer(conf, Map.of())) {
      here.addAll(List.of("health", "--conf", conf.toString(), "--port", "" + server.port));

      awaitRun(here, 0, "\"status\":\"ok\"");
      awaitRun(with(here, "--ready"), 0, "\"status\":\"ready\"");
    }

    assertThat(run(here)).isEqualTo(1);
    assertThat(output.toString()).contains("No answer from http://127.0.0.1:");
  }

  @Test
  @DisplayName("asks on the metrics port where no gateway runs")
  void withoutGateway() throws Exception {
    int port = Ports.free();
    Files.writeString(conf.resolve("node.json"), "{\"metrics\":{\"port\":" + port + "}}");

    assertThat(run(
            List.of("health", "--conf", conf.toString(), "--cluster", "--verticles", "session")))
        .isEqualTo(1);
    assertThat(output.toString()).contains("No answer from http://127.0.0.1:" + port + ":");
  }

  @Test
  @DisplayName(
      "takes a node with TLS for well if it shows the configured certificate, and no other one")
  void tls(@TempDir Path other) throws Exception {
    TlsCertificate certificate = TlsCertificate.make(conf, "dns:chat.example.org");
    TlsCertificate another = TlsCertificate.make(other, "dns:chat.example.org");
    Map<String, String> environment = Map.of(
        "CONSOUL_TLS_CERT", certificate.certificate().toString(),
        "CONSOUL_TLS_KEY", certificate.key().toString());
    try (RunningServer server = new RunningServer(conf, environment)) {
      write(certificate);
      List<String> here = List.of("health", "--conf", conf.toString(), "--port", "" + server.port);
      awaitRun(here, 0, "\"status\":\"ok\"");

      write(another);
      awaitRun(here, 1, "another certificate than the configuration's");
    }
  }

  private void write(TlsCertificate files) throws Exception {
    Files.writeString(
        conf.resolve("gateway.json"),
        "{\"tls\":{\"cert\":\"" + files.certificate() + "\",\"key\":\"" + files.key() + "\"}}");
  }

  private static List<String> with(List<String> arguments, String more) {
    List<String> all = new ArrayList<>(arguments);
    all.add(more);
    return all;
  }

  /** Asks again where a busy machine has not answered within the few seconds that the command waits. */
  private void awaitRun(List<String> arguments, int status, String said) {
    await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
      assertThat(run(arguments)).as("" + output).isEqualTo(status);
      assertThat(output.toString()).contains(said);
    });
  }

  private int run(List<String> arguments) {
    output.getBuffer().setLength(0);
    return new CommandLine(new ServeCommand())
        .setOut(new PrintWriter(output))
        .execute(arguments.toArray(String[]::new));
  }
}
