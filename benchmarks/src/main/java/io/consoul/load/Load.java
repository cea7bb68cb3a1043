package io.consoul.load;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Drives the jar with load and prints what that costs. Starts all processes itself, on free ports, and ends them. */
@Command(
    name = "benchmarks/run load",
    mixinStandardHelpOptions = true,
    description = "Drives the jar with load: each scenario compares several subjects in one run.")
public final class Load implements Callable<Integer> {

  /** How a comparison is done. */
  static final class Options {

    @Option(names = "--clients", description = "clients at a time (default ${DEFAULT-VALUE})")
    int clients = 16;

    @Option(
        names = "--rate",
        description =
            "operations a second, whether they are done or not; 0 for each client's next one when the last is done")
    int rate;

    @Option(names = "--seconds", description = "of one run (default ${DEFAULT-VALUE})")
    double seconds = 3;

    @Option(
        names = "--warm-up",
        description = "operations of each subject before the first run (default ${DEFAULT-VALUE})")
    int warmUp = 3_000;

    @Option(
        names = "--warm-up-seconds",
        description = "after which they are enough, however many (default ${DEFAULT-VALUE})")
    int warmUpSeconds = 20;

    @Option(names = "--runs", description = "of each subject (default ${DEFAULT-VALUE})")
    int runs = 3;

    @Option(
        names = "--words",
        description = "of a message, and so of an answer (default ${DEFAULT-VALUE})")
    int words = 40;

    @Option(
        names = "--delay-ms",
        description = "of the fake provider between two tokens (default ${DEFAULT-VALUE})")
    int delayMillis;
  }

  @Mixin
  private final Options options = new Options();

  @Parameters(arity = "1..*", paramLabel = "SCENARIO", description = "${COMPLETION-CANDIDATES}")
  private List<Scenario> scenarios;

  public static void main(String[] args) {
    int status =
        new CommandLine(new Load()).setCaseInsensitiveEnumValuesAllowed(true).execute(args);
    System.exit(status);
  }

  @Override
  public Integer call() {
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    try {
      for (Scenario scenario : scenarios) {
        scenario.run(new Bench(vertx, options));
      }
      return 0;
    } finally {
      vertx.close();
    }
  }
}
