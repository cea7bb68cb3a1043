package io.consoul.launcher;

import io.consoul.launcher.chat.ChatCommand;
import io.consoul.launcher.tryout.Leash;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code consoul}: starts the verticles of a node in this JVM, all four unless told otherwise, and serves until it is told to stop. */
@Command(
    name = "consoul",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    subcommands = {
      CheckCommand.class,
      ChatCommand.class,
      ClusterCommand.class,
      HealthCommand.class,
      TrainCommand.class
    },
    description =
        "A chat backend between applications and LLM providers. Without a command it starts and serves.",
    footer = {
      "",
      "Exit status: 0 stopped, 1 could not start, 2 wrong options or configuration.",
      "Settings: docs/ and conf/; every one has a JSON key and an environment variable."
    })
final class ServeCommand implements Callable<Integer> {

  static final int COULD_NOT_START = 1;
  static final int BAD_CONFIGURATION = 2;

  @Mixin
  private Options options;

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    if (Leash.isOn()) {
      Leash.follow();
    }
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    Options.Read read = options.read(System.getenv());
    if (!Findings.print(read, err)) {
      return BAD_CONFIGURATION;
    }
    Configuration configuration = read.configuration();
    Logging.apply(configuration.node());
    Server server = new Server(configuration, ServeCommand::end);
    // Before the start: it may be told to stop meanwhile, and the others shall not take it for
    // dead.
    Thread stop = new Thread(() -> stop(server), "consoul-stop");
    Runtime.getRuntime().addShutdownHook(stop);
    try {
      server.start();
    } catch (StartException failed) {
      if (isStopping(stop)) {
        awaitEnd();
      }
      Logging.close(); // what it says stands last
      err.println(failed.getMessage());
      return COULD_NOT_START;
    }
    server.watch(new ConfigWatch(read, () -> options.read(System.getenv()), server::apply));
    sayReady(configuration, server, out);
    awaitEnd();
    return 0;
  }

  private static void sayReady(Configuration configuration, Server server, PrintWriter out) {
    Banner banner = new Banner(
        configuration,
        server.metrics(),
        server.place(),
        new Posture(configuration, server.busHost()));
    if (Leash.isOn()) {
      out.println(Leash.upLine(server.metrics()));
    } else if (configuration.node().logFormat() == NodeConfig.LogFormat.JSON) {
      banner.log(uptime(), Instant.now());
    } else {
      out.println(banner.text(uptime(), Instant.now()));
    }
    out.flush();
  }

  /** The hook ends the process. */
  private static void awaitEnd() throws InterruptedException {
    new CountDownLatch(1).await();
  }

  /** Takes the hook away, where it is not at work already. */
  private static boolean isStopping(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
      return false;
    } catch (IllegalStateException stopping) {
      return true;
    }
  }

  /** The JVM alone would end with 143 after SIGTERM, which service managers take for a failure. */
  private static void stop(Server server) {
    boolean clean = server.stop();
    Logging.close();
    Runtime.getRuntime().halt(clean ? 0 : COULD_NOT_START);
  }

  /** On a thread of its own, for the hook waits for the one that would call it here. */
  private static void end() {
    new Thread(() -> System.exit(0), "consoul-drain").start();
  }

  private static Duration uptime() {
    return Duration.ofMillis(ManagementFactory.getRuntimeMXBean().getUptime());
  }
}
