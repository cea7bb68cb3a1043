package io.consoul.launcher.chat;

import java.io.PrintWriter;

/** For programs: the answers alone on the output, all else on the error output. */
final class PlainScreen implements Screen {

  private final PrintWriter out;
  private final PrintWriter err;
  private boolean midLine;

  PlainScreen(PrintWriter out, PrintWriter err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public void print(String piece) {
    if (!piece.isEmpty()) {
      out.print(piece);
      out.flush();
      midLine = !piece.endsWith("\n");
    }
  }

  /** Who reads the output cannot take back what it has read, so the true end begins on a new line. */
  @Override
  public void rewrite(String piece) {
    endLine();
    note("The end of this was lost on the server; the answer goes on differently.");
    print(piece);
  }

  @Override
  public void note(String line) {
    err.println(Printable.of(line)); // it may be a terminal where the output is none
    err.flush();
  }

  @Override
  public void error(String line) {
    endLine();
    out.flush();
    note(line);
  }

  @Override
  public void finish(String summary) {
    endLine();
    out.flush();
  }

  private void endLine() {
    if (midLine) {
      out.print('\n');
      midLine = false;
    }
  }
}
