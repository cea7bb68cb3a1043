package io.consoul.launcher;

import io.consoul.config.ConfigReport.Setting;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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

  @Option(
      names = "--json",
      description = "Prints settings, warnings and problems as one JSON object instead.")
  private boolean json;

  @Override
  public Integer call() {
    Options.Read read = options.read(System.getenv());
    List<String> problems = new ArrayList<>(read.report().problems());
    List<String> warnings = new ArrayList<>(read.overrides().warnings());
    if (problems.isEmpty()) {
      advise(read.configuration(), problems, warnings);
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(object(read.report().settings(), warnings, problems).encodePrettily());
    } else if (Findings.print(problems, warnings, spec.commandLine().getErr())) {
      print(read.report().settings(), out);
      out.println();
      out.println("Running in this node: " + read.configuration().node().verticles() + ".");
      out.println("The configuration is good.");
    }
    out.flush();
    return problems.isEmpty() ? 0 : ServeCommand.BAD_CONFIGURATION;
  }

  private static void advise(
      Configuration configuration, List<String> problems, List<String> warnings) {
    NodeConfig node = configuration.node();
    String busHost = null;
    if (node.cluster()) {
      try {
        ClusterFile file = ClusterFile.in(Options.home(), System.getenv());
        busHost = file.busAddress().host().orElse(null);
        EventBusTls.apply(node.eventBus(), new EventBusOptions());
      } catch (StartException wrong) {
        problems.add(wrong.getMessage());
      }
    }
    warnings.addAll(new Advice(new Posture(configuration, busHost)).warnings(Instant.now()));
  }

  private static JsonObject object(
      List<Setting> settings, List<String> warnings, List<String> problems) {
    JsonArray each = new JsonArray();
    settings.forEach(setting -> each.add(new JsonObject()
        .put("file", setting.file())
        .put("key", setting.key())
        .put("value", setting.value())
        .put("origin", setting.origin())
        .put("variable", setting.variable())));
    return new JsonObject()
        .put("good", problems.isEmpty())
        .put("problems", new JsonArray(problems))
        .put("warnings", new JsonArray(warnings))
        .put("settings", each);
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
