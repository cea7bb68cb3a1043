package io.consoul.launcher;

import io.consoul.gateway.GatewayConfig;
import io.consoul.launcher.NodeConfig.LogLevel;
import io.consoul.launcher.tryout.JavaCommand;
import io.consoul.launcher.tryout.Plan;
import io.consoul.launcher.tryout.Tryout;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code consoul cluster}: several nodes on this machine, each in a process of its own, for trying out. */
@Command(
    name = "cluster",
    mixinStandardHelpOptions = true,
    description = {
      "Starts a cluster of several nodes on this machine, for trying out, and stops it on Ctrl-C.",
      "Each node is a process with ports of its own; environment and configuration are those of all. "
          + "Clusters that run at the same time do not see each other."
    },
    footer = {"", "Exit status: 0 stopped, 1 could not start, 2 wrong options or configuration."})
final class ClusterCommand implements Callable<Integer> {

  private static final int MOST_NODES = 9;

  @Option(
      names = "--nodes",
      paramLabel = "<n>",
      defaultValue = "3",
      description = "How many, 1 to " + MOST_NODES + " (default: 3).")
  private int nodes;

  @Option(
      names = "--split",
      description =
          "One kind of verticle per node: gateway (with gc), session, provider, and over again; needs 3 nodes.")
  private boolean split;

  @Option(
      names = "--port",
      paramLabel = "<port>",
      description =
          "Listen port of the first; the others have the next free ones (CONSOUL_PORT, default: 8000).")
  private String port;

  @Option(
      names = "--conf",
      paramLabel = "<folder>",
      description = "Folder of the JSON files (CONSOUL_CONF, default: conf).")
  private String conf;

  @Option(
      names = "--model",
      paramLabel = "<name>",
      description =
          "Model of new sessions (CONSOUL_MODEL_NAME, default: the first that is configured, else echo).")
  private String model;

  @Option(
      names = "--logs",
      description =
          "Show all that the nodes log, not only warnings and errors without their stack traces.")
  private boolean logs;

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    if (nodes < 1 || nodes > MOST_NODES) {
      throw new ParameterException(
          spec.commandLine(), "--nodes must be from 1 to " + MOST_NODES + ", got " + nodes);
    }
    if (split && nodes < Plan.FEWEST_SPLIT) {
      throw new ParameterException(
          spec.commandLine(),
          "--split needs --nodes " + Plan.FEWEST_SPLIT + " or more, got " + nodes);
    }
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    List<String> arguments = arguments();
    Options.Read read = asNode(arguments);
    if (!Findings.print(read, err)) {
      return ServeCommand.BAD_CONFIGURATION;
    }
    Configuration configuration = read.configuration();
    GatewayConfig gateway = configuration.gateway();
    InetAddress address;
    try {
      address = InetAddress.getByName(gateway.host());
    } catch (UnknownHostException unknown) {
      err.println("Cannot listen on " + gateway.host()
          + ": the host is not known. Choose another with CONSOUL_HOST.");
      return ServeCommand.COULD_NOT_START;
    }
    if (!logs && configuration.node().logLevel().compareTo(LogLevel.WARN) > 0) {
      arguments.addAll(List.of("--log-level", LogLevel.WARN.name()));
    }
    Plan plan = new Plan(
        nodes,
        split,
        logs,
        Options.home(),
        arguments,
        address,
        gateway.port(),
        free -> Banner.url(gateway.isSecure() ? "https" : "http", gateway.host(), free),
        Banner.keyOption(gateway),
        configuration.node().shutdownTimeout());
    return new Tryout(plan, java(), new SecureRandom(), out, err).run();
  }

  /** Of every node. */
  private List<String> arguments() {
    List<String> arguments = new ArrayList<>(List.of("--cluster"));
    Path usual = Options.home().resolve("conf");
    if (conf != null) {
      arguments.addAll(List.of("--conf", conf));
    } else if (System.getenv("CONSOUL_CONF") == null && Files.isDirectory(usual)) {
      // A node's own home is a folder with its cluster.xml and nothing else.
      arguments.addAll(List.of("--conf", usual.toAbsolutePath().toString()));
    }
    if (model != null) {
      arguments.addAll(List.of("--model", model));
    }
    return arguments;
  }

  /** What a node with all kinds will read, so that what is wrong is told once. */
  private Options.Read asNode(List<String> arguments) {
    List<String> all = new ArrayList<>(arguments);
    all.addAll(Plan.ALL_KINDS);
    if (port != null) {
      all.addAll(List.of("--port", port));
    }
    Options options = new Options();
    new CommandLine(options).parseArgs(all.toArray(String[]::new));
    return options.read(System.getenv());
  }

  private static JavaCommand java() {
    return new JavaCommand(
        Path.of(System.getProperty("java.home"), "bin", "java"),
        ManagementFactory.getRuntimeMXBean().getInputArguments(),
        System.getProperty("java.class.path"),
        Main.class.getName());
  }
}
