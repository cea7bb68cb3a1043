package io.consoul.launcher.tryout;

import java.io.IOException;
import java.io.InputStream;

/**
 * What ties a node to the command that has started it among others: it says in one line when it is up, and it stops when the
 * other end of its standard input is closed, which happens however that command ends. The process's own side of it.
 */
public final class Leash {

  private static final String PROPERTY = "consoul.leash";

  /** Gives a node to be started such a leash. */
  static final String JVM_OPTION = "-D" + PROPERTY + "=true";

  /** Begins the line that says that it is up; where its metrics are follows. */
  static final String UP = "consoul is up, metrics: ";

  /** Whether this process is a node of that kind. */
  public static boolean isOn() {
    return Boolean.getBoolean(PROPERTY);
  }

  /** From now on the process stops, as after SIGTERM, when nobody holds the other end. */
  public static void follow() {
    Thread thread = new Thread(() -> awaitEnd(System.in), "consoul-leash");
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * The line that says that the node is up.
   *
   * @param metrics where they are read, or null
   */
  public static String upLine(String metrics) {
    return UP + (metrics == null ? "none" : metrics);
  }

  private static void awaitEnd(InputStream input) {
    byte[] nothing = new byte[64];
    try {
      while (input.read(nothing) >= 0) {
        // whatever is said there means only that somebody is there
      }
    } catch (IOException broken) {
      // as good as its end
    }
    System.exit(0);
  }

  private Leash() {}
}
