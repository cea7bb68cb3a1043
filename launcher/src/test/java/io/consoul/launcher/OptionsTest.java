package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@DisplayName("The options and the configuration files")
class OptionsTest {

  @TempDir
  private Path conf;

  @Test
  @DisplayName("are all optional")
  void nothingGiven() {
    Options.Read read = read(Map.of());

    assertThat(read.report().problems()).isEmpty();
    assertThat(read.configuration().gateway().port()).isEqualTo(8000);
    assertThat(read.configuration().gateway().host()).isEqualTo("127.0.0.1");
    assertThat(read.configuration().provider().defaultModel()).contains("echo");
  }

  @Test
  @DisplayName("stand above the environment, and that above the files")
  void order() throws IOException {
    write("gateway.json", "{\"host\":\"::1\",\"port\":1}");

    Options.Read read =
        read(Map.of("CONSOUL_PORT", "2", "CONSOUL_APP_NAME", "Ours"), "--port", "3");

    assertThat(read.configuration().gateway().host()).isEqualTo("::1");
    assertThat(read.configuration().gateway().port()).isEqualTo(3);
    assertThat(read.configuration().gateway().appName()).isEqualTo("Ours");
  }

  @Test
  @DisplayName("report the problems of all files at once")
  void allProblems() throws IOException {
    write("gateway.json", "{\"prot\":1}");
    write("session.json", "{\n  \"ttlSeconds\": 1,,\n}");
    write("node.json", "[1]");
    write("gc.json", "{\"batchSize\":1,\"batchSize\":2}");

    Options.Read read = read(Map.of("CONSOUL_WORKER_POOL_SIZE", "many"), "--log-format", "xml");

    assertThat(read.report().problems())
        .anySatisfy(line -> assertThat(line)
            .startsWith("gateway.json: prot is not a known key; did you mean port?"))
        .anySatisfy(line ->
            assertThat(line).startsWith("session.json: not valid JSON at line 2, column 19"))
        .anySatisfy(line -> assertThat(line).isEqualTo("node.json: must hold one JSON object"))
        .anySatisfy(line ->
            assertThat(line).startsWith("gc.json: not valid JSON at line 1").contains("batchSize"))
        .anySatisfy(
            line -> assertThat(line).startsWith("CONSOUL_WORKER_POOL_SIZE must be an integer"))
        .anySatisfy(
            line -> assertThat(line).isEqualTo("--log-format must be one of text, json, got xml"))
        .hasSize(6);
  }

  @Test
  @DisplayName("refuse times that do not go together: a turn that is well would be given up")
  void rhythm() {
    Map<String, String> environment = Map.of(
        "CONSOUL_SESSION_LEASE", "2",
        "CONSOUL_TURN_SILENCE_TIMEOUT", "1",
        "CONSOUL_STREAM_LISTENER_SILENCE_MS", "2000");

    assertThat(read(environment).report().problems())
        .containsExactly(
            "session.json: leaseSeconds must be at least twice provider.json: stream.aliveMillis, got 2.0 s and 1.5 s",
            "gateway.json: stream.silenceSeconds must be at least twice provider.json: stream.aliveMillis, got 1.0 s and 1.5 s",
            "gateway.json: stream.silenceSeconds must be at least twice session.json: queuedIntervalMillis, got 1.0 s and 1.5 s",
            "provider.json: stream.listenerSilenceMillis must be at least twice the 1.5 s between two credits of a gateway, got 2.0 s and 1.5 s",
            "session.json: acknowledgementMillis must be shorter than leaseSeconds, got 2.0 s and 2.0 s");
  }

  @Test
  @DisplayName("name a folder that must be there when it is named")
  void missingFolder() {
    Options options = new Options();
    new CommandLine(options).parseArgs("--conf", conf.resolve("nowhere").toString());

    assertThat(options.read(Map.of()).report().problems())
        .singleElement()
        .asString()
        .startsWith("--conf must name a folder");
  }

  @Test
  @DisplayName("quote no token of a file that is not JSON: it may be a key")
  void unquotedKey() throws IOException {
    write("gateway.json", "{\"auth\":{\"keys\":[secretkey]}}");

    assertThat(read(Map.of()).report().problems())
        .singleElement()
        .asString()
        .startsWith("gateway.json: not valid JSON at line 1")
        .doesNotContain("secretkey");
  }

  @Test
  @DisplayName("refuse a port that is left to chance: no two instances would have the same one")
  void anyPort() {
    assertThat(read(Map.of(), "--port", "0").report().problems())
        .containsExactly(
            "the port (--port, CONSOUL_PORT, gateway.json: port) must be from 1 to 65535, got 0");
  }

  @Test
  @DisplayName("quote nothing twice given that may be a key")
  void duplicateKey() throws IOException {
    write("gateway.json", "{\"auth\":{\"keyTiers\":{\"sk-'1'*\":\"a\",\"sk-'1'*\":\"b\"}}}");

    assertThat(read(Map.of()).report().problems())
        .singleElement()
        .asString()
        .startsWith("gateway.json: not valid JSON at line 1")
        .endsWith("Duplicate field");
  }

  @Test
  @DisplayName("make a banner that tells how many requests a caller has")
  void bannerWithLimits() {
    assertThat(banner(Map.of())).contains("limits    10 per minute for each caller;");
    assertThat(banner(Map.of(
            "CONSOUL_DEFAULT_LIMITS", "unlimited",
            "CONSOUL_RATE_LIMIT_TIERS", "{\"gold\":\"5/second;9/5 minutes\"}")))
        .contains("limits    none, others for tiers of keys;");
    assertThat(banner(Map.of("CONSOUL_RATE_LIMIT_ENABLED", "false"))).contains("limits    none\n");
  }

  @Test
  @DisplayName("make a banner that tells of expired keys")
  void bannerWithExpiredKeys() {
    String keys = "[\"sk-good-0123456789\",{\"key\":\"sk-late-0123456789\",\"id\":\"late\","
        + "\"expires_at\":\"2020-01-01T00:00:00Z\"}]";
    Banner banner = bannerOf(read(Map.of("CONSOUL_API_KEYS", keys)));

    assertThat(banner.text(Duration.ZERO, Instant.parse("2020-01-01T00:00:00Z")))
        .contains("callers   holders of one of 2 API keys (1 of which has expired);");
    assertThat(banner.text(Duration.ZERO, Instant.parse("2019-12-31T23:59:59Z")))
        .contains("callers   holders of one of 2 API keys;");
  }

  @Test
  @DisplayName("make a banner that tells who is served, and how to chat with a key, but no key")
  void bannerWithKeys() {
    Map<String, String> one = Map.of("CONSOUL_API_KEYS", "sk-secret-0123456789");
    assertThat(banner(Map.of())).contains("callers   this machine only");
    assertThat(banner(one))
        .contains("callers   holders of the API key")
        .contains("-H \"X-API-Key: $CONSOUL_API_KEY\" \\")
        .doesNotContain("sk-secret");
    assertThat(banner(Map.of(
            "CONSOUL_API_KEYS",
            "sk-secret-0123456789,sk-secret-1123456789",
            "CONSOUL_ALLOW_ANONYMOUS",
            "true")))
        .contains("callers   holders of one of 2 API keys, and anybody else")
        .doesNotContain("$CONSOUL_API_KEY");
  }

  @Test
  @DisplayName("take the chat command's key for a mistake only where the server has none")
  void keyOfTheChat() {
    String keys = "sk-0123456789abcdef";
    assertThat(read(Map.of("CONSOUL_API_KEY", keys)).overrides().warnings())
        .singleElement()
        .asString()
        .contains("did you mean CONSOUL_API_KEYS?")
        .doesNotContain(keys);
    assertThat(read(Map.of("CONSOUL_API_KEY", keys, "CONSOUL_API_KEYS", keys))
            .overrides()
            .warnings())
        .isEmpty();
  }

  @Test
  @DisplayName("know the variables of the start script, and those that stand in cluster.xml")
  void variablesOfOthers() throws IOException {
    write(
        "cluster.xml",
        "<!-- ${CONSOUL_CLUSTER_MEMBERS} --><interface>${CONSOUL_CLUSTER_ADDRESS}</interface>");
    Map<String, String> environment = Map.of(
        "CONSOUL_JAVA_OPTS", "-Xmx1g",
        "CONSOUL_CLUSTER_ADDRESS", "10.0.0.11",
        "CONSOUL_CLUSTER_MEMBERS", "10.0.0.11");
    String before = System.getProperty("consoul.home", "");
    System.setProperty("consoul.home", conf.toString());
    try {
      assertThat(read(environment).overrides().warnings())
          .singleElement()
          .asString()
          .startsWith("CONSOUL_CLUSTER_MEMBERS is not known");
    } finally {
      System.setProperty("consoul.home", before);
    }
  }

  @Test
  @DisplayName("take the metrics' settings under either name, ours first")
  void metrics() {
    assertThat(metrics(Map.of())).isEqualTo(new MetricsConfig(true, Optional.empty(), 9090));
    assertThat(metrics(Map.of(
            "CONSOUL_METRICS_PORT", "1",
            "CONSOUL_METRICS_HOST", "::1",
            "CONSOUL_METRICS_ENABLED", "false")))
        .isEqualTo(new MetricsConfig(false, Optional.of("::1"), 1));
    assertThat(metrics(Map.of(
            "CONSOUL_METRICS_PORT", "1",
            "CONSOUL_METRICS_ENABLED", "false",
            "CONSOUL_OBSERVABILITY_METRICS_PORT", "2",
            "CONSOUL_OBSERVABILITY_PROMETHEUS_ENABLED", "true")))
        .isEqualTo(new MetricsConfig(true, Optional.empty(), 2));
  }

  @Test
  @DisplayName("refuse a model that nobody has, and tell what there is")
  void unknownModel() {
    assertThat(read(Map.of(), "--model", "claude-x").report().problems())
        .singleElement()
        .asString()
        .contains("--model")
        .contains("claude-x")
        .contains("available: echo");
  }

  @Test
  @DisplayName(
      "take a route for the model of new sessions, and a provider that has no default model")
  void models() throws IOException {
    assertThat(read(Map.of("OLLAMA_HOST", "gpu")).report().problems()).isEmpty();
    write(
        "provider.json",
        "{\"routes\":[{\"name\":\"safe\",\"targets\":[\"openai/gpt-5\",\"claude-sonnet-4-5\"]}]}");
    Map<String, String> keys = Map.of("OPENAI_API_KEY", "k", "ANTHROPIC_API_KEY", "k");

    Options.Read read = read(keys, "--model", "safe");

    assertThat(read.report().problems()).isEmpty();
    assertThat(bannerOf(read).text(Duration.ZERO, Instant.EPOCH))
        .contains("model     safe, a route: openai/gpt-5, anthropic/claude-sonnet-4-5")
        .contains("providers openai, anthropic, echo");
  }

  @Test
  @DisplayName(
      "make a banner that tells what answers, and how to get an answer where nothing does by default")
  void banner() {
    assertThat(banner(Map.of())).contains("model     echo, built in").contains("OLLAMA_HOST");
    assertThat(banner(Map.of("ANTHROPIC_API_KEY", "k")))
        .contains("model     claude-haiku-4-5 at https://api.anthropic.com/v1");
    assertThat(banner(Map.of("OLLAMA_HOST", "gpu")))
        .contains(
            "model     none by default: name one in a request, or with --model, such as ollama/…");
  }

  @Test
  @DisplayName("the files in conf/ are complete, good, and say what the defaults say")
  void shippedFiles() {
    Options.Read defaults = read(Map.of());
    Options options = new Options();
    new CommandLine(options).parseArgs("--conf", "../conf");

    Options.Read shipped = options.read(Map.of());

    assertThat(shipped.report().problems()).isEmpty();
    assertThat(shipped.configuration()).isEqualTo(defaults.configuration());
  }

  private String banner(Map<String, String> environment) {
    return bannerOf(read(environment)).text(Duration.ZERO, Instant.EPOCH);
  }

  private static Banner bannerOf(Options.Read read) {
    return new Banner(read.configuration(), null, null, new Posture(read.configuration(), null));
  }

  private MetricsConfig metrics(Map<String, String> environment) {
    Options.Read read = read(environment);
    assertThat(read.report().problems()).isEmpty();
    assertThat(read.overrides().warnings()).isEmpty();
    return read.configuration().node().metrics();
  }

  private Options.Read read(Map<String, String> environment, String... arguments) {
    Options options = new Options();
    new CommandLine(options).parseArgs(arguments);
    Map<String, String> all = new LinkedHashMap<>(environment);
    all.put("CONSOUL_CONF", conf.toString());
    return options.read(all);
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(conf.resolve(name), text);
  }
}
