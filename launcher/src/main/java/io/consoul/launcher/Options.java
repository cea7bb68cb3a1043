package io.consoul.launcher;

import io.consoul.config.ConfigReport;
import io.consoul.config.Overrides;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Option;

/** The options that every command takes. What is set here stands above the environment, and that above the files. */
final class Options {

  @Option(
      names = "--conf",
      paramLabel = "<folder>",
      description = "Folder of the JSON files (CONSOUL_CONF, default: conf).")
  private String conf;

  @Option(
      names = "--host",
      paramLabel = "<address>",
      description = "Listen address (CONSOUL_HOST, default: 127.0.0.1).")
  private String host;

  @Option(
      names = "--port",
      paramLabel = "<port>",
      description = "Listen port (CONSOUL_PORT, default: 8000).")
  private String port;

  @Option(
      names = "--model",
      paramLabel = "<name>",
      description =
          "Model of new sessions (CONSOUL_MODEL_NAME, default: the first that is configured, else echo).")
  private String model;

  @Option(
      names = "--cluster",
      description =
          "Join the nodes that cluster.xml names, and share the sessions with them (CONSOUL_CLUSTER, default: false).")
  private boolean cluster;

  @Option(
      names = "--verticles",
      paramLabel = "<kinds>",
      description =
          "Kinds to run in this node, with commas: gateway, session, provider, gc (CONSOUL_VERTICLES, default: all four).")
  private String verticles;

  @Option(
      names = "--log-level",
      paramLabel = "<level>",
      description = "ERROR, WARN, INFO, DEBUG or TRACE (CONSOUL_LOG_LEVEL, default: INFO).")
  private String logLevel;

  @Option(
      names = "--log-format",
      paramLabel = "<format>",
      description = "text or json (CONSOUL_LOG_FORMAT, default: text).")
  private String logFormat;

  /** What was read, and what there is to say about it. */
  record Read(Configuration configuration, ConfigReport report, Overrides overrides) {}

  /** @param environment the process's variables */
  Read read(Map<String, String> environment) {
    Overrides overrides = new Overrides(environment);
    override(overrides, "CONSOUL_CONF", conf, "--conf");
    override(overrides, "CONSOUL_HOST", host, "--host");
    override(overrides, "CONSOUL_PORT", port, "--port");
    override(overrides, "CONSOUL_MODEL_NAME", model, "--model");
    override(overrides, "CONSOUL_CLUSTER", cluster ? "true" : null, "--cluster");
    override(overrides, "CONSOUL_VERTICLES", verticles, "--verticles");
    override(overrides, "CONSOUL_LOG_LEVEL", logLevel, "--log-level");
    override(overrides, "CONSOUL_LOG_FORMAT", logFormat, "--log-format");
    ConfigReport report = new ConfigReport();
    overrides.find(
        "CONSOUL_URL"); // of the chat command: it may be exported where the server starts
    overrides.find("CONSOUL_JAVA_OPTS"); // of the start script, as is the next
    overrides.find("CONSOUL_ARCHIVES");
    ClusterFile.variables(home()).forEach(overrides::find);
    if (overrides.find("CONSOUL_API_KEYS").isPresent()) {
      // Likewise; without keys it is said that it has no effect, for it may be the wrong name.
      overrides.find("CONSOUL_API_KEY");
    }
    return new Read(
        Configuration.read(folder(overrides, report), overrides, report), report, overrides);
  }

  /** Where conf/ and cluster.xml are: the folder of the start script, else the current one. */
  static Path home() {
    return Path.of(System.getProperty("consoul.home", ""));
  }

  private static void override(Overrides overrides, String variable, String text, String option) {
    if (text != null) {
      overrides.with(variable, text, option);
    }
  }

  private static ConfigFolder folder(Overrides overrides, ConfigReport report) {
    var named = overrides.find("CONSOUL_CONF");
    Path folder = named.map(value -> Path.of(value.text())).orElse(home().resolve("conf"));
    if (named.isPresent() && !Files.isDirectory(folder)) {
      report.addProblem(
          named.get().origin() + " must name a folder, got " + named.get().text());
    }
    return new ConfigFolder(folder);
  }
}
