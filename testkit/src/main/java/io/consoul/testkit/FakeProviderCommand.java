package io.consoul.testkit;

import io.vertx.core.Vertx;
import java.time.Duration;

/**
 * The command line of {@link FakeProvider}.
 *
 * @param delay between pieces
 * @param latency before the first piece
 */
record FakeProviderCommand(int port, Duration delay, Duration latency) {

  private static final String USAGE =
      "usage: fake-provider [--port N] [--delay-ms N | --tokens-per-second N] [--first-token-ms N]\n"
          + "  --port N               listens there on 127.0.0.1; 9100 without it\n"
          + "  --delay-ms N           between tokens; 50 without it\n"
          + "  --tokens-per-second N  the same as a rate, up to 1000\n"
          + "  --first-token-ms N     before the first token; 0 without it";

  private static final int LONGEST_MILLIS = 3_600_000;

  static void run(String[] args) {
    if (args.length == 1 && (args[0].equals("--help") || args[0].equals("-h"))) {
      System.out.println(USAGE);
      System.out.print("\n" + faults());
      return;
    }
    FakeProviderCommand command;
    try {
      command = parse(args);
    } catch (IllegalArgumentException wrong) {
      System.err.println(wrong.getMessage());
      System.err.println(USAGE);
      System.exit(2);
      return;
    }
    Vertx vertx = Vertx.vertx();
    FakeProvider.start(vertx, command.port)
        .onSuccess(fake -> {
          fake.pace(command.delay).latency(command.latency).forgetful();
          System.out.print(welcome(fake));
        })
        .onFailure(failure -> {
          System.err.println("cannot listen on port " + command.port + ": " + failure.getMessage());
          vertx.close().onComplete(closed -> System.exit(1));
        });
  }

  static FakeProviderCommand parse(String[] args) {
    int port = 9100;
    int delayMillis = 50;
    int latencyMillis = 0;
    for (int at = 0; at < args.length; at += 2) {
      switch (args[at]) {
        case "--port" -> port = number(args, at, 0, 65_535);
        case "--delay-ms" -> delayMillis = number(args, at, 0, LONGEST_MILLIS);
        case "--tokens-per-second" -> delayMillis = 1_000 / number(args, at, 1, 1_000);
        case "--first-token-ms" -> latencyMillis = number(args, at, 0, LONGEST_MILLIS);
        default -> throw new IllegalArgumentException("unknown option " + args[at]);
      }
    }
    return new FakeProviderCommand(
        port, Duration.ofMillis(delayMillis), Duration.ofMillis(latencyMillis));
  }

  static String welcome(FakeProvider fake) {
    StringBuilder text = new StringBuilder();
    text.append("A fake provider listens on 127.0.0.1:" + fake.port() + ", as\n");
    for (ProviderKind kind : ProviderKind.values()) {
      text.append(String.format("  %-10s %s%n", kind.title(), fake.baseUrl(kind)));
    }
    text.append("\n").append(faults());
    text.append("\nTo point Consoul at it, at first without and then with a fault:\n");
    for (ProviderKind kind : ProviderKind.values()) {
      text.append("  " + kind.variable() + "=" + fake.baseUrl(kind)
          + (kind == ProviderKind.OLLAMA ? "" : " " + keyVariable(kind) + "=any")
          + " CONSOUL_MODEL_NAME=" + kind.provider()
          + "/fake ./consoul\n");
    }
    text.append("  " + ProviderKind.OPENAI.variable() + "=" + fake.baseUrl()
        + " CONSOUL_MODEL_NAME=" + FaultModel.CUT.model() + " ./consoul\n");
    return text.toString();
  }

  private static String faults() {
    StringBuilder text = new StringBuilder(
        "Any model name is answered with \"You said: …\", and these with a fault; where one has an N, another number\n"
            + "can stand behind the name (fault-cut-3), and \"once\" means: not when the same is asked again:\n");
    for (FaultModel fault : FaultModel.values()) {
      text.append(String.format("  %-24s %s%n", fault.model(), fault.description()));
    }
    return text.toString();
  }

  private static String keyVariable(ProviderKind kind) {
    return kind.variable().replace("BASE_URL", "API_KEY");
  }

  private static int number(String[] args, int at, int least, int most) {
    if (at + 1 == args.length) {
      throw new IllegalArgumentException(args[at] + " needs a number");
    }
    try {
      int number = Integer.parseInt(args[at + 1]);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException notOne) {
      // told below, like one that is out of range
    }
    throw new IllegalArgumentException(
        args[at] + " needs a number from " + least + " to " + most + ", got " + args[at + 1]);
  }
}
