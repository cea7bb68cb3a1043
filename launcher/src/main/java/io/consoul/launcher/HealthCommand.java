package io.consoul.launcher;

import io.consoul.gateway.http.TlsFiles;
import io.consoul.message.Kind;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code consoul health}: asks the node that runs with the same configuration how it is, for supervisors that start a command.
 * Mistakes in the files do not concern it: the node may go on with what it has read before.
 */
@Command(
    name = "health",
    mixinStandardHelpOptions = true,
    description = "Asks the node that runs here with this configuration how it is.",
    footer = {"", "Exit status: 0 well, 1 not well or not there, 2 wrong options."})
final class HealthCommand implements Callable<Integer> {

  private static final int NOT_WELL = 1;

  @Mixin
  private Options options;

  @Option(
      names = "--ready",
      description = "Ask whether it can serve (/ready), not only whether it is up (/health).")
  private boolean ready;

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() {
    Configuration configuration = options.read(System.getenv()).configuration();
    String path = ready ? "/ready" : "/health";
    String address = address(configuration);
    PrintWriter out = spec.commandLine().getOut();
    try {
      HealthProbe.Answer answer =
          new HealthProbe(tls(configuration)).get(URI.create(address + path));
      out.println(answer.body());
      return answer.status() == 200 ? 0 : NOT_WELL;
    } catch (IOException failed) {
      out.println("No answer from " + address + ": " + failed.getMessage());
      return NOT_WELL;
    } finally {
      out.flush();
    }
  }

  /** Where the node tells it: at its gateway's port, or with the metrics where it has no gateway. */
  private static String address(Configuration configuration) {
    if (hasGateway(configuration)) {
      return Banner.url(
          tls(configuration).isPresent() ? "https" : "http",
          configuration.gateway().host(),
          configuration.gateway().port());
    }
    MetricsConfig metrics = configuration.node().metrics();
    return Banner.url(
        "http", metrics.host().orElse(configuration.gateway().host()), metrics.port());
  }

  private static Optional<TlsFiles> tls(Configuration configuration) {
    return configuration.gateway().http().tls();
  }

  private static boolean hasGateway(Configuration configuration) {
    return configuration.node().verticles().has(Kind.GATEWAY);
  }
}
