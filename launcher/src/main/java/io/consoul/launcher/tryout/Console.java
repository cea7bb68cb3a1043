package io.consoul.launcher.tryout;

import java.io.PrintWriter;

/** Where the command and its nodes write, in whole lines: several threads do. */
final class Console {

  private final PrintWriter out;
  private final PrintWriter err;
  private final boolean traces;

  /** @param traces whether the stack traces of the nodes' logs are shown */
  Console(PrintWriter out, PrintWriter err, boolean traces) {
    this.out = out;
    this.err = err;
    this.traces = traces;
  }

  synchronized void say(String text) {
    out.println(text);
    out.flush();
  }

  synchronized void complain(String text) {
    err.println(text);
    err.flush();
  }

  /** What a node has written. */
  void quote(int node, String line) {
    if (traces || !line.startsWith("\t")) {
      say("node " + node + " | " + line);
    }
  }
}
