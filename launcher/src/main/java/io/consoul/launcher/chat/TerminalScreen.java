package io.consoul.launcher.chat;

import java.io.PrintWriter;

/** For eyes: what is not the answer is dim and on a line of its own. */
final class TerminalScreen implements Screen {

  private static final String DIM = "\u001b[2m";
  private static final String RED = "\u001b[31m";
  private static final String PLAIN = "\u001b[0m";

  private final PrintWriter out;
  private final boolean coloured;
  private boolean midLine;

  TerminalScreen(PrintWriter out, boolean coloured) {
    this.out = out;
    this.coloured = coloured;
  }

  @Override
  public void print(String piece) {
    String text = Printable.of(piece);
    if (!text.isEmpty()) {
      out.print(text);
      out.flush();
      midLine = !text.endsWith("\n");
    }
  }

  @Override
  public void rewrite(String piece) {
    note("(the end of this was lost on the server; the answer goes on differently)");
    print("… " + piece);
  }

  @Override
  public void note(String line) {
    line(line, DIM);
  }

  @Override
  public void error(String line) {
    line(line, RED);
  }

  @Override
  public void finish(String summary) {
    if (summary.isEmpty()) {
      endLine();
      out.flush();
    } else {
      note(summary);
    }
  }

  private void line(String line, String colour) {
    endLine();
    String text = Printable.of(line);
    out.println(coloured ? colour + text + PLAIN : text);
    out.flush();
  }

  private void endLine() {
    if (midLine) {
      out.println();
      midLine = false;
    }
  }
}
