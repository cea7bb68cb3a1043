package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@DisplayName("The list of the kinds that run in a node")
class VerticleListTest {

  private static final String CLUSTER = "--cluster";

  @TempDir
  private Path conf;

  @Test
  @DisplayName("names all four by default, and any of them in a cluster")
  void kinds() throws Exception {
    assertThat(list(read(Map.of()))).isEqualTo("gateway, session, provider, gc");
    assertThat(list(read(Map.of(), CLUSTER, "--verticles", "gc, Provider")))
        .isEqualTo("provider, gc");
    assertThat(list(read(Map.of("CONSOUL_VERTICLES", "session"), CLUSTER))).isEqualTo("session");
    Files.writeString(conf.resolve("node.json"), "{\"cluster\":true,\"verticles\":[\"gateway\"]}");
    assertThat(list(read(Map.of()))).isEqualTo("gateway");
  }

  @Test
  @DisplayName("may be no part of them without a cluster, for nobody would run the others")
  void alone() {
    assertThat(problems(read(Map.of(), "--verticles", "session,gateway")))
        .singleElement()
        .asString()
        .contains("verticles leaves out provider, gc, and without a cluster nobody else runs it")
        .contains("--cluster");
    assertThat(problems(read(Map.of(), "--verticles", "gc,provider,session,gateway")))
        .isEmpty();
  }

  @Test
  @DisplayName("says which name is none, or is there twice, or that there is none at all")
  void wrongNames() {
    assertThat(problems(read(Map.of(), CLUSTER, "--verticles", "session,sesion,session")))
        .hasSize(2)
        .anySatisfy(line -> assertThat(line)
            .contains("holds sesion, which is none of gateway, session, provider, gc"))
        .anySatisfy(line -> assertThat(line).contains("names session twice"));
    assertThat(problems(read(Map.of(), CLUSTER, "--verticles", ",")))
        .singleElement()
        .asString()
        .contains("must name at least one of");
  }

  @Test
  @DisplayName("makes only settings count that concern what runs")
  void others() {
    Map<String, String> unknownModel = Map.of("CONSOUL_MODEL_NAME", "of-the-provider-nodes");
    assertThat(problems(read(unknownModel, CLUSTER, "--verticles", "session"))).isEmpty();
    assertThat(problems(read(unknownModel, CLUSTER, "--verticles", "session,provider")))
        .hasSize(1);
    assertThat(problems(read(Map.of(), CLUSTER, "--verticles", "session", "--port", "0")))
        .isEmpty();
  }

  @Test
  @DisplayName("stands in the banner, with what concerns these kinds and nothing else")
  void banner() {
    String banner = banner(read(Map.of(), CLUSTER, "--verticles", "session"), "node 7, one of 3");
    assertThat(banner)
        .contains("  verticles session\n", "  cluster   node 7, one of 3\n", "  store     cluster:")
        .contains("  metrics   http://127.0.0.1:9090/metrics, with /health and /ready beside it\n")
        .doesNotContain("address", "providers", "callers", "limits", "curl", "model");
    assertThat(banner(read(Map.of()), null)).doesNotContain("verticles", "cluster", "/ready");
  }

  @Test
  @DisplayName("is said to leave a node without a port where it has neither gateway nor metrics")
  void unprobed() {
    Map<String, String> off = Map.of("CONSOUL_METRICS_ENABLED", "false");
    assertThat(read(off, CLUSTER, "--verticles", "gc").overrides().warnings())
        .singleElement()
        .asString()
        .contains("nothing serves /health and /ready");
    assertThat(read(off, CLUSTER).overrides().warnings()).isEmpty();
  }

  private static String banner(Options.Read read, String place) {
    Posture posture = new Posture(read.configuration(), null);
    return new Banner(read.configuration(), "http://127.0.0.1:9090/metrics", place, posture)
        .text(Duration.ZERO, Instant.EPOCH);
  }

  private static String list(Options.Read read) {
    assertThat(problems(read)).isEmpty();
    return read.configuration().node().verticles().toString();
  }

  private static List<String> problems(Options.Read read) {
    return read.report().problems();
  }

  private Options.Read read(Map<String, String> environment, String... arguments) {
    Options options = new Options();
    new CommandLine(options).parseArgs(arguments);
    Map<String, String> all = new HashMap<>(environment);
    all.put("CONSOUL_CONF", conf.toString());
    return options.read(all);
  }
}
