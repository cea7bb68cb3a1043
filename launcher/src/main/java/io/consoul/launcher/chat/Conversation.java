package io.consoul.launcher.chat;

import io.consoul.launcher.chat.Event.Alive;
import io.consoul.launcher.chat.Event.Closed;
import io.consoul.launcher.chat.Event.Interrupted;
import io.consoul.launcher.chat.Event.Opened;
import io.consoul.launcher.chat.Event.Refused;
import io.consoul.launcher.chat.Event.Text;
import io.consoul.launcher.chat.ServerMessage.Done;
import io.consoul.launcher.chat.ServerMessage.Failed;
import io.consoul.launcher.chat.ServerMessage.Token;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongSupplier;

/**
 * Asks one message after the other and follows each answer to its end, over as many connections as it takes. Confined to
 * the thread that asks, but for {@link #interrupt}.
 */
final class Conversation {

  /** How a turn has ended for the user. */
  enum Ending {
    DONE,
    /** It is done, but what was printed holds more than the answer: a program must not take it for that. */
    SPOILED,
    STOPPED,
    FAILED,
    /** The user did not wait for the end. */
    LEFT
  }

  /** More is a close instead of an error from 256 KiB on, and would come again after each reconnect. */
  private static final int MAX_CHARACTERS = 32_768;

  /** The same message would be closed upon again: RFC 6455's protocol errors and too big messages. */
  private static final Set<Integer> HOPELESS = Set.of(1002, 1003, 1007, 1009);

  private static final int POLICY_VIOLATION = 1008;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final String CANCELLED = "E205";

  private final Contact contact;
  private final Events events;
  private final Screen screen;
  private final Trouble trouble;
  private String lastTurn;
  private volatile boolean asking;

  Conversation(Link link, Events events, Screen screen, Trouble trouble, Patience patience) {
    this(link, events, screen, trouble, patience, System::nanoTime);
  }

  /** @param nanos tells the time of the attempts to come back */
  Conversation(
      Link link,
      Events events,
      Screen screen,
      Trouble trouble,
      Patience patience,
      LongSupplier nanos) {
    this.events = events;
    this.screen = screen;
    this.trouble = trouble;
    this.contact = new Contact(
        link,
        patience,
        nanos,
        () -> screen.note("(the connection is lost; trying to get it back…)"),
        () -> trouble.gaveUp(patience.limit()));
  }

  /** Begins to connect, so that other things can be prepared meanwhile. */
  void begin() {
    contact.open();
  }

  /** Waits for the first connection. There are no further attempts: a wrong address would look like patience. */
  void connect() {
    while (!contact.isOpen()) {
      Event event = events.next(contact.left());
      if (event instanceof Opened) {
        contact.heard();
      } else if (event instanceof Refused refused) {
        throw trouble.refused(refused.status());
      } else if (event instanceof Closed closed && closed.code() == Closed.NO_TLS) {
        throw trouble.notTrusted();
      } else if (event == null || event instanceof Closed) {
        throw trouble.notThere();
      }
    }
  }

  /** Ctrl-C, from any thread: the first stops the answer, the second leaves. False when no answer is awaited. */
  boolean interrupt() {
    if (!asking) {
      return false;
    }
    events.add(new Interrupted());
    return true;
  }

  /** @param model null for the session's */
  Ending ask(String content, String model) {
    if (content.codePointCount(0, content.length()) > MAX_CHARACTERS) {
      screen.error(
          "A message may have up to " + MAX_CHARACTERS + " characters; this one was not sent.");
      return Ending.FAILED;
    }
    asking = true;
    try {
      catchUp();
      contact.settled();
      Turn turn = new Turn(content, model, UUID.randomUUID().toString());
      if (contact.isOpen()) {
        contact.heard();
        contact.send(turn.opening());
      } else {
        contact.open();
      }
      return follow(turn);
    } finally {
      asking = false;
    }
  }

  /** What came while nobody asked: a close of an idle connection is no matter of the user's. */
  private void catchUp() {
    for (Event event = events.past(); event != null; event = events.past()) {
      if (event instanceof Text text && contact.isBy(text.connection())) {
        contact.readOn();
      } else if (event instanceof Closed closed && contact.isBy(closed.connection())) {
        contact.closed();
      }
    }
  }

  private Ending follow(Turn turn) {
    Ending ending = null;
    while (ending == null) {
      Event event = events.next(contact.left());
      if (event == null) {
        contact.timeUp();
      } else if (event instanceof Interrupted) {
        ending = interrupted(turn);
      } else if (event instanceof Opened opened && contact.isBy(opened.connection())) {
        contact.opened();
        goOn(turn);
      } else if (event instanceof Refused refused && contact.isBy(refused.connection())) {
        refused(refused.status());
      } else if (event instanceof Closed closed && contact.isBy(closed.connection())) {
        ending = closed(closed);
      } else if (event instanceof Alive alive && contact.isBy(alive.connection())) {
        contact.heard();
      } else if (event instanceof Text text && contact.isBy(text.connection())) {
        contact.heard();
        contact.readOn();
        ending = received(turn, ServerMessage.of(text.text()));
      }
    }
    return ending;
  }

  private Ending interrupted(Turn turn) {
    if (turn.isStopping()) {
      screen.finish("");
      return Ending.LEFT;
    }
    if (!turn.isSent()) {
      screen.finish("(not sent)");
      contact.drop();
      return Ending.STOPPED;
    }
    turn.stop();
    if (contact.isOpen()) {
      cancel();
    } else {
      screen.note("(stops as soon as the connection is back; Ctrl-C again leaves)");
    }
    return null;
  }

  private void goOn(Turn turn) {
    contact.send(turn.opening());
    if (turn.isStopping()) {
      cancel();
    }
  }

  private void cancel() {
    contact.send(new JsonObject().put("type", "cancel"));
  }

  private void refused(int status) {
    if (status < 500 && status != TOO_MANY_REQUESTS) {
      throw trouble.refused(status);
    }
    contact.lost();
  }

  private Ending closed(Closed closed) {
    contact.closed();
    if (closed.code() == POLICY_VIOLATION && closed.reason().startsWith("Authentication")) {
      throw trouble.refused(401);
    }
    if (HOPELESS.contains(closed.code())) {
      screen.error(
          "The server has closed the connection: " + closed.code() + " " + closed.reason());
      return Ending.FAILED;
    }
    contact.lost();
    return null;
  }

  private Ending received(Turn turn, ServerMessage message) {
    if (message instanceof Token token && isOf(turn, token.turn())) {
      printed(turn.add(token));
    } else if (message instanceof Done done && isOf(turn, done.turn())) {
      return done(turn, done);
    } else if (message instanceof Failed failed && isOf(turn, failed.turn())) {
      return failed(turn, failed);
    }
    return null;
  }

  /** A turn that was given up may still send something before the next one begins. */
  private boolean isOf(Turn turn, String id) {
    return turn.owns(id) && (id == null || !id.equals(lastTurn));
  }

  private void printed(Answer.Step step) {
    if (step.kind() == Answer.Kind.GAP) {
      // What is missing comes with the next resume.
      contact.lost();
      return;
    }
    contact.settled();
    if (step.kind() == Answer.Kind.REWRITTEN) {
      screen.rewrite(step.text());
    } else {
      screen.print(step.text());
    }
  }

  private Ending done(Turn turn, Done done) {
    ended(turn, done.turn());
    if (turn.answer().isOvershown()) {
      screen.note("(the end of this was lost on the server and is no part of the answer)");
    }
    boolean stopped = done.finishReason().equals("cancelled");
    screen.finish(stopped ? "(stopped)" : summary(done));
    if (stopped) {
      return Ending.STOPPED;
    }
    boolean spoiled = turn.answer().isRewritten() || turn.answer().isOvershown();
    return spoiled ? Ending.SPOILED : Ending.DONE;
  }

  private Ending failed(Turn turn, Failed failed) {
    if (turn.isStopping() && failed.code().equals(CANCELLED)) {
      ended(turn, turn.id());
      screen.finish("(stopped)");
      return Ending.STOPPED;
    }
    if (turn.isStopping() && failed.turn() == null) {
      // The answer to the cancel, not to the message.
      screen.note("(could not be stopped: " + failed.code() + " " + failed.message()
          + "; Ctrl-C again leaves)");
      return null;
    }
    ended(turn, turn.id());
    screen.error(failed.code() + " " + failed.message() + advice(failed));
    return Ending.FAILED;
  }

  private void ended(Turn turn, String id) {
    String known = id == null ? turn.id() : id;
    if (known != null) {
      lastTurn = known;
    }
  }

  private static String advice(Failed failed) {
    if (!failed.recoverable()) {
      return "";
    }
    if (failed.retryAfter() == null) {
      return " (it may work later)";
    }
    String later = "try again in " + failed.retryAfter() + " s";
    return failed.message().contains(later) ? "" : " (" + later + ")";
  }

  private static String summary(Done done) {
    StringBuilder summary = new StringBuilder();
    if (done.tokens() != null && done.millis() != null) {
      summary.append(String.format(
          Locale.ROOT,
          "%d token%s, %.1f s",
          done.tokens(),
          done.tokens() == 1 ? "" : "s",
          done.millis() / 1_000.0));
    }
    if (!done.finishReason().equals("stop")) {
      summary.append(summary.isEmpty() ? "" : ", ").append(done.finishReason());
    }
    return summary.isEmpty() ? "" : "(" + summary + ")";
  }
}
