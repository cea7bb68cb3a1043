package io.consoul.launcher;

import io.consoul.config.ConfigReport.Setting;
import io.vertx.core.eventbus.EventBusOptions;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code consoul check}: reads the configuration as a start would, prints it, and starts nothing. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description =
        "Checks the configuration, prints every setting with its origin, and starts nothing.")
final class CheckCommand implements Callable<Integer> {

  @Mixin
  private Options options;

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Options.Read read = options.read(System.getenv());
    if (!Findings.print(read, spec.commandLine().getErr())) {
      return ServeCommand.BAD_CONFIGURATION;
    }
    NodeConfig node = read.configuration().node();
    if (node.cluster()) {
      try {
        ClusterFile.in(Options.home(), System.getenv());
        EventBusTls.apply(node.eventBus(), new EventBusOptions());
      } catch (StartException wrong) {
        spec.commandLine().getErr().println(wrong.getMessage());
        return ServeCommand.BAD_CONFIGURATION;
      }
    }
    print(read.report().settings(), out);
    out.println();
    out.println("Running in this node: " + node.verticles() + ".");
    out.println("The configuration is good.");
    out.flush();
    return 0;
  }

  private static void print(List<Setting> settings, PrintWriter out) {
    int width =
        settings.stream().mapToInt(setting -> setting.key().length()).max().orElse(0);
    String file = "";
    for (Setting setting : settings) {
      if (!setting.file().equals(file)) {
        file = setting.file();
        out.println();
        out.println(file);
      }
      out.println("  " + pad(setting.key(), width) + "  " + pad(setting.value(), 24) + "  "
          + origin(setting));
    }
  }

  private static String origin(Setting setting) {
    boolean overridable = setting.variable() != null && setting.origin().equals("default");
    return overridable ? "default (" + setting.variable() + ")" : setting.origin();
  }

  private static String pad(String text, int width) {
    return text + " ".repeat(Math.max(0, width - text.length()));
  }
}
