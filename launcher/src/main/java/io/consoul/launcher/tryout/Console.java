package io.consoul.launcher.tryout;

import java.io.PrintWriter;

/** Where the command and its nodes write, in whole lines: several threads do. */
final class Console {

  /** The level, in both formats of the log. */
  private static final String ERROR = "ERROR";

  private final PrintWriter out;
  private final PrintWriter err;
  private final boolean all;
  private volatile boolean stopping;

  /** @param all whether everything is shown that the nodes write, stack traces and all */
  Console(PrintWriter out, PrintWriter err, boolean all) {
    this.out = out;
    this.err = err;
    this.all = all;
  }

  synchronized void say(String text) {
    out.println(text);
    out.flush();
  }

  synchronized void complain(String text) {
    err.println(text);
    err.flush();
  }

  /** From now on the nodes lose sight of each other, and what they warn of is meant to be. */
  void stopping() {
    stopping = true;
  }

  /** What a node has written. */
  void quote(int node, String line) {
    boolean worthIt = stopping ? line.contains(ERROR) : !line.startsWith("\t");
    if (all || worthIt) {
      say("node " + node + " | " + line);
    }
  }
}
