package io.consoul.launcher.tryout;

import java.io.PrintWriter;

/** Where the command and its nodes write, in whole lines: several threads do. */
final class Console {

  private final PrintWriter out;
  private final PrintWriter err;

  Console(PrintWriter out, PrintWriter err) {
    this.out = out;
    this.err = err;
  }

  synchronized void say(String text) {
    out.println(text);
    out.flush();
  }

  synchronized void complain(String text) {
    err.println(text);
    err.flush();
  }

  void quote(int node, String line) {
    say("node " + node + " | " + line);
  }
}
