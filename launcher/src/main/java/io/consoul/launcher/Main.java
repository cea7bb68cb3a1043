package io.consoul.launcher;

import picocli.CommandLine;
import picocli.CommandLine.IVersionProvider;

/** Entry point of the jar: reads the command line and runs what it asks for. */
public final class Main {

  public static void main(String[] args) {
    Logging.routeToSlf4j();
    int status = new CommandLine(new ServeCommand()).execute(args);
    Logging.close();
    System.exit(status);
  }

  /** The jar's version, or "development" when run from classes. */
  static String version() {
    String version = Main.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  /** For {@code --version}. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"Consoul " + version()};
    }
  }

  private Main() {}
}
