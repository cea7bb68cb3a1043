package io.consoul.launcher;

import io.consoul.config.ConfigReader;
import io.consoul.config.ConfigReport;
import io.consoul.config.Overrides;
import io.consoul.fault.FaultException;
import io.consoul.gateway.GatewayConfig;
import io.consoul.gc.GcConfig;
import io.consoul.message.Kind;
import io.consoul.provider.ProviderConfig;
import io.consoul.session.SessionConfig;

/** The whole configuration, typed: one record per file. */
record Configuration(
    NodeConfig node,
    GatewayConfig gateway,
    SessionConfig session,
    ProviderConfig provider,
    GcConfig gc) {

  /**
   * Reads all five files and goes on after a problem.
   *
   * @param report gets every setting and every problem
   * @return what was understood, of use only when the report has no problem
   */
  static Configuration read(ConfigFolder folder, Overrides overrides, ConfigReport report) {
    Configuration configuration = new Configuration(
        NodeConfig.from(reader("node.json", folder, overrides, report)),
        GatewayConfig.from(reader("gateway.json", folder, overrides, report)),
        SessionConfig.from(reader("session.json", folder, overrides, report)),
        ProviderConfig.from(reader("provider.json", folder, overrides, report)),
        GcConfig.from(reader("gc.json", folder, overrides, report)));
    if (report.problems().isEmpty()) {
      configuration.checkPort(report);
      configuration.checkModel(report);
      new Rhythm(configuration).check(report);
    }
    return configuration;
  }

  /** Each instance would have a port of its own, and nobody would know which. */
  private void checkPort(ConfigReport report) {
    if (gateway.port() == 0 && node.verticles().has(Kind.GATEWAY)) {
      report.addProblem(
          "the port (--port, CONSOUL_PORT, gateway.json: port) must be from 1 to 65535, got 0");
    }
  }

  /**
   * Otherwise every turn would fail, each with the same message. Turns that name their model may do without one here. Where the
   * providers are on other nodes, theirs is the list that counts.
   */
  private void checkModel(ConfigReport report) {
    checkModel(
        session.model(),
        "the model of new sessions (--model, CONSOUL_MODEL_NAME, session.json: newSessions.model): ",
        node.verticles(),
        report);
  }

  /** Whether it goes together with what a node that runs keeps of the one that it was started with. */
  void checkBeside(Configuration started, ConfigReport report) {
    String model = started.session().model();
    checkModel(
        model,
        "the model of new sessions, which stays " + model + " until a restart: ",
        started.node().verticles(),
        report);
  }

  private void checkModel(String model, String what, VerticleList here, ConfigReport report) {
    if (model == null || !here.has(Kind.SESSION) || !here.has(Kind.PROVIDER)) {
      return;
    }
    try {
      provider.routing().resolve(model);
    } catch (FaultException unavailable) {
      report.addProblem(what + unavailable.getMessage());
    }
  }

  private static ConfigReader reader(
      String file, ConfigFolder folder, Overrides overrides, ConfigReport report) {
    return ConfigReader.of(file, folder.read(file, report), overrides, report);
  }
}
