package io.consoul.acceptance.ledger;

import io.consoul.testkit.ChatClient;
import io.consoul.testkit.EventStream;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * An application that sends one turn after the other, whole or as a stream, with or without an idempotency key. Where it has
 * a key it repeats at other nodes until it knows the outcome; where it has lost a stream it goes on from the last event.
 */
final class LedgerClient implements Runnable {

  /** How long one outcome is worth asking for: longer than a lease, a start of a node and a recovery. */
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(40);

  private static final int MOST_WORDS = 20;
  private static final int MOST_NOTES = 12;

  private final int number;
  private final List<ChatClient> nodes;
  private final List<String> sessions;
  private final Duration limit;
  private final Ledger ledger;
  private final Random random;
  private final long until;
  private int node;
  private int turns;

  /**
   * @param nodes each a client of one node
   * @param limit of one request
   * @param until when the last turn may begin, in nanoseconds, where enough was acknowledged by then
   */
  LedgerClient(
      int number,
      List<ChatClient> nodes,
      List<String> sessions,
      Duration limit,
      Ledger ledger,
      Random random,
      long until) {
    this.number = number;
    this.nodes = nodes;
    this.sessions = sessions;
    this.limit = limit;
    this.ledger = ledger;
    this.random = random;
    this.until = until;
  }

  @Override
  public void run() {
    try {
      while (System.nanoTime() < until || isToGoOn()) {
        turn();
      }
    } catch (RuntimeException | AssertionError failed) {
      ledger.problem("client " + number + " failed: " + failed);
    }
  }

  /** On a machine that has hardly come to anything in the time. */
  private boolean isToGoOn() {
    return !ledger.isTelling() && System.nanoTime() < until + PATIENCE_NANOS;
  }

  private void turn() {
    String text =
        "c" + number + "-" + turns++ + " word".repeat(1 + random.nextInt(MOST_WORDS)) + " end";
    String session = sessions.get(random.nextInt(sessions.size()));
    String key = random.nextBoolean() ? "key of " + text : null;
    Turn turn = new Turn(session, text, key);
    node = random.nextInt(nodes.size());
    if (random.nextBoolean()) {
      turn.whole();
    } else {
      turn.stream();
    }
  }

  private ChatClient node() {
    return nodes.get(node);
  }

  private void goElsewhere() {
    node = (node + 1) % nodes.size();
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20 + random.nextInt(200)));
  }

  /** One turn with its attempts. */
  private final class Turn {

    private final String session;
    private final String text;
    private final String key;
    private final long invoked = System.nanoTime();
    private final List<String> notes = new ArrayList<>();
    private boolean refusedOnly = true;
    private String known;

    private Turn(String session, String text, String key) {
      this.session = session;
      this.text = text;
      this.key = key;
    }

    private void whole() {
      Attempt attempt = noted(Attempt.whole(node(), session, text, keyHeader()));
      while (!isOver(attempt) && key != null && isWorthMore()) {
        goElsewhere();
        attempt = noted(Attempt.whole(node(), session, text, keyHeader()));
      }
      end(attempt);
    }

    private void stream() {
      StringBuilder answer = new StringBuilder();
      Attempt attempt = begin(answer);
      while (!isOver(attempt) && isWorthMore()) {
        if (known != null && attempt.code() != null && isResumable(attempt)) {
          goElsewhere();
          attempt = resume(answer);
        } else if (key != null) {
          goElsewhere();
          answer.setLength(0);
          known = null;
          attempt = begin(answer);
        } else {
          break;
        }
      }
      end(attempt);
    }

    private boolean isOver(Attempt attempt) {
      return attempt.isAcknowledged() || attempt.isCutOff();
    }

    /** Of a turn that is gone or has failed there is nothing to come. */
    private boolean isResumable(Attempt attempt) {
      return attempt.status() == 0 || attempt.status() >= 500;
    }

    private Attempt begin(StringBuilder answer) {
      EventStream stream = node().stream(session, text, keyHeader());
      if (random.nextInt(4) == 0) {
        leaveEarly(stream);
      }
      return noted(Attempt.streamed(stream, answer, limit));
    }

    private void leaveEarly(EventStream stream) {
      try {
        stream.await("token", limit);
        stream.abort();
      } catch (RuntimeException | AssertionError ended) {
        // it shows in the attempt
      }
    }

    private Attempt resume(StringBuilder answer) {
      String position = known + ":" + answer.length();
      EventStream stream = random.nextBoolean()
          ? node().follow(known, position)
          : node().stream(
              "/chat/stream",
              new JsonObject().put("session_id", session).put("message", text),
              Map.of("Last-Event-ID", position));
      return noted(Attempt.streamed(stream, answer, limit));
    }

    private Map<String, String> keyHeader() {
      return key == null ? Map.of() : Map.of("Idempotency-Key", key);
    }

    private boolean isWorthMore() {
      return System.nanoTime() - invoked < PATIENCE_NANOS;
    }

    private Attempt noted(Attempt attempt) {
      notes.add(attempt.isAcknowledged() ? "ok" : attempt.code());
      known = attempt.turn() == null ? known : attempt.turn();
      refusedOnly &= attempt.isRefused();
      if (attempt.isRefused() && !attempt.isBusy() && !(attempt.isNoSuchTurn() && known != null)) {
        ledger.problem(text + " in " + session + " was refused with " + attempt);
      }
      if (attempt.code() != null && attempt.code().startsWith("gap")) {
        ledger.problem(text + " in " + session + ": " + attempt.code());
      }
      return attempt;
    }

    private void end(Attempt last) {
      LedgerEntry.Outcome outcome = outcome(last);
      ledger.note(new LedgerEntry(
          number,
          session,
          text,
          key,
          invoked,
          System.nanoTime(),
          outcome,
          last.turn() == null ? known : last.turn(),
          last.answer(),
          last.finishReason(),
          notes.size(),
          told()));
      if (last.isAcknowledged() && key != null && random.nextInt(8) == 0) {
        repeat(last);
      }
      if (!last.isAcknowledged()) {
        goElsewhere();
      }
    }

    /** The end of it, where it was told the same over and over. */
    private String told() {
      return String.join(" ", notes.subList(Math.max(0, notes.size() - MOST_NOTES), notes.size()));
    }

    private LedgerEntry.Outcome outcome(Attempt last) {
      if (last.isAcknowledged()) {
        return LedgerEntry.Outcome.ACKNOWLEDGED;
      }
      if (last.isCutOff()) {
        return LedgerEntry.Outcome.CUT_OFF;
      }
      return refusedOnly ? LedgerEntry.Outcome.REFUSED : LedgerEntry.Outcome.UNKNOWN;
    }

    /** The same key again, elsewhere: whoever answers gives the same answer. */
    private void repeat(Attempt first) {
      goElsewhere();
      Attempt again = Attempt.whole(node(), session, text, keyHeader());
      if (again.isAcknowledged()
          && !(first.turn().equals(again.turn()) && first.answer().equals(again.answer()))) {
        ledger.problem(text + " in " + session + " was answered by " + first
            + " and under the same key by " + again);
      }
    }
  }
}
