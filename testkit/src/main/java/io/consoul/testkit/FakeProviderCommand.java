package io.consoul.testkit;

import io.vertx.core.Vertx;
import java.time.Duration;

/** The command line of {@link FakeProvider}. */
record FakeProviderCommand(int port, Duration delay) {

  private static final String USAGE = "usage: FakeProvider [--port N] [--delay-ms N]";

  static void run(String[] args) {
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
        .onSuccess(fake -> System.out.print(welcome(fake.pace(command.delay).baseUrl())))
        .onFailure(failure -> {
          System.err.println("cannot listen on port " + command.port + ": " + failure.getMessage());
          vertx.close().onComplete(closed -> System.exit(1));
        });
  }

  static FakeProviderCommand parse(String[] args) {
    int port = 9100;
    int delayMillis = 50;
    for (int at = 0; at < args.length; at += 2) {
      switch (args[at]) {
        case "--port" -> port = number(args, at, 65_535);
        case "--delay-ms" -> delayMillis = number(args, at, 3_600_000);
        default -> throw new IllegalArgumentException("unknown option " + args[at]);
      }
    }
    return new FakeProviderCommand(port, Duration.ofMillis(delayMillis));
  }

  static String welcome(String baseUrl) {
    StringBuilder text = new StringBuilder();
    text.append("A fake OpenAI listens on ").append(baseUrl).append("\n\n");
    text.append("Any model name is answered with \"You said: …\", and these with a fault:\n");
    for (FaultModel fault : FaultModel.values()) {
      text.append(String.format("  %-20s %s%n", fault.model(), fault.description()));
    }
    text.append("\nTo point Consoul at it, at first without and then with a fault:\n");
    for (String model : new String[] {"fake", FaultModel.CUT.model()}) {
      text.append("  OPENAI_BASE_URL=" + baseUrl + " CONSOUL_MODEL_NAME=" + model + " ./consoul\n");
    }
    return text.toString();
  }

  private static int number(String[] args, int at, int most) {
    if (at + 1 == args.length) {
      throw new IllegalArgumentException(args[at] + " needs a number");
    }
    try {
      int number = Integer.parseInt(args[at + 1]);
      if (number >= 0 && number <= most) {
        return number;
      }
    } catch (NumberFormatException notOne) {
      // told below, like one that is out of range
    }
    throw new IllegalArgumentException(
        args[at] + " needs a number from 0 to " + most + ", got " + args[at + 1]);
  }
}
