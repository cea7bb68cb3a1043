package io.consoul.launcher.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.consoul.launcher.chat.Conversation.Ending;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.util.Iterator;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jline.utils.Signals;

/** A conversation over this process's own streams, from the first message to the exit status. */
final class Chat {

  static final int FAILED = 1;

  /** What shells tell of a command that Ctrl-C has ended: half an answer is no answer for a script. */
  static final int INTERRUPTED = 130;

  /** Held here: a logger that nobody holds forgets its level. Whatever it has to say would stand in the conversation. */
  private static final Logger JLINE = Logger.getLogger("org.jline");

  private final ChatAddress address;
  private final ChatOptions options;
  private final StandardStreams streams = StandardStreams.ofThisProcess();
  // Whatever the locale says: pipes and the terminals of today are UTF-8.
  private final PrintWriter out = writer(FileDescriptor.out);
  private final PrintWriter err = writer(FileDescriptor.err);

  Chat(ChatAddress address, ChatOptions options) {
    JLINE.setLevel(Level.OFF);
    this.address = address;
    this.options = options;
  }

  /** @return the process's exit status */
  int run() {
    Events events = new Events();
    Screen screen = streams.outIsTerminal()
        ? new TerminalScreen(out, StandardStreams.coloured(System.getenv()))
        : new PlainScreen(out, err);
    Trouble trouble = new Trouble(address.server(), options.session(), options.apiKey() != null);
    try (ChatConnection connection =
        new ChatConnection(address.socket(), options.apiKey(), events)) {
      Conversation conversation =
          new Conversation(connection, events, screen, trouble, Patience.USUAL);
      conversation.begin();
      return options.message() == null && streams.areTerminal()
          ? talk(conversation, screen)
          : answer(conversation);
    } catch (ChatFailure failure) {
      out.flush();
      err.println(failure.getMessage());
      err.flush();
      return FAILED;
    }
  }

  /** With a person, who sees what fails and goes on. */
  private int talk(Conversation conversation, Screen screen) {
    try (Prompt prompt = prompt(conversation)) {
      conversation.connect();
      screen.note("Session " + options.session() + " at " + address.server()
          + (options.isNewSession() ? "; --session " + options.session() + " comes back to it" : "")
          + ". Ctrl-C stops an answer, Ctrl-D leaves.");
      for (String text = prompt.next(); text != null; text = prompt.next()) {
        if (!text.isBlank() && conversation.ask(text, options.model()) == Ending.LEFT) {
          break;
        }
      }
      return 0;
    }
  }

  private static Prompt prompt(Conversation conversation) {
    try {
      return new Prompt(() -> interrupted(conversation, 0));
    } catch (IOException | IllegalStateException unusable) {
      throw new ChatFailure("This terminal cannot be used; give the message as an argument.");
    }
  }

  /** For a program: its messages one after the other, and a status that tells whether all went well. */
  private int answer(Conversation conversation) {
    Signals.register("INT", () -> interrupted(conversation, INTERRUPTED));
    Input input = options.message() == null
        ? new Lines(new FileInputStream(FileDescriptor.in))
        : only(options.message());
    conversation.connect();
    if (options.isNewSession()) {
      err.println("Session " + options.session());
      err.flush();
    }
    boolean failed = false;
    for (String text = input.next(); text != null; text = input.next()) {
      Ending ending = text.isBlank() ? Ending.DONE : conversation.ask(text, options.model());
      if (ending == Ending.STOPPED || ending == Ending.LEFT) {
        return INTERRUPTED;
      }
      failed |= ending == Ending.FAILED || ending == Ending.SPOILED;
      if (out.checkError()) {
        return FAILED; // nobody reads the answers any more
      }
    }
    return failed ? FAILED : 0;
  }

  private static void interrupted(Conversation conversation, int status) {
    if (!conversation.interrupt()) {
      System.exit(status);
    }
  }

  private static Input only(String message) {
    Iterator<String> messages = List.of(message).iterator();
    return () -> messages.hasNext() ? messages.next() : null;
  }

  private static PrintWriter writer(FileDescriptor stream) {
    return new PrintWriter(new OutputStreamWriter(new FileOutputStream(stream), UTF_8));
  }
}
