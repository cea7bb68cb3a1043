package io.consoul.launcher.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.Terminal.Signal;
import org.jline.terminal.TerminalBuilder;

/** A line at a time from a terminal, with editing and the history of this run. Both kinds of end, Ctrl-C and Ctrl-D, are one. */
final class Prompt implements Input, AutoCloseable {

  private static final Size USUAL_SIZE = Size.of(80, 24);

  private final Terminal terminal;
  private final LineReader reader;

  /** @param interrupted called at Ctrl-C, except while a line is read */
  Prompt(Runnable interrupted) throws IOException {
    terminal = TerminalBuilder.builder()
        .system(true)
        .providers("jni,exec")
        .dumb(false)
        // It would ask the terminal and wait for an answer that many do not give.
        .graphemeCluster(false)
        .nativeSignals(true)
        .encoding(UTF_8)
        .build();
    if (terminal.getColumns() <= 0) {
      terminal.setSize(
          USUAL_SIZE); // a terminal that does not know its size: the line would be all dots
    }
    terminal.handle(Signal.INT, signal -> interrupted.run());
    // What is typed is a message, not a command: no quotes, no escapes, no "!" for the history.
    DefaultParser parser = new DefaultParser().quoteChars(new char[0]).escapeChars(new char[0]);
    reader = LineReaderBuilder.builder()
        .terminal(terminal)
        .parser(parser)
        .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
        .option(LineReader.Option.HISTORY_IGNORE_SPACE, false)
        .build();
  }

  @Override
  public String next() {
    try {
      return reader.readLine("> ");
    } catch (UserInterruptException | EndOfFileException end) {
      return null;
    }
  }

  @Override
  public void close() {
    try {
      terminal.close();
    } catch (IOException gone) {
      return; // the window was closed: there is nothing to put back in order
    }
  }
}
