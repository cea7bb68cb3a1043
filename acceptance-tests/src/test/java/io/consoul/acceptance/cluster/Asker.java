package io.consoul.acceptance.cluster;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A client that asks a question and does not let go of the answer: where it loses its connection, or is told that it may try
 * again, it goes on at another node from what it has. Each is used by one thread.
 */
abstract class Asker implements AutoCloseable {

  /** Longer than the 15 s between two pings. */
  static final Duration SILENCE = Duration.ofSeconds(18);

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final long BEFORE_NEXT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** Returns when the answer is complete or there is no hope of it. */
  final void ask(Turn turn) {
    long until = System.nanoTime() + LIMIT.toNanos();
    Transcript transcript = turn.transcript();
    begin(transcript);
    while (!transcript.isOver()) {
      if (System.nanoTime() > until) {
        transcript.failed("no end within " + LIMIT);
        return;
      }
      try {
        attempt(turn);
      } catch (RuntimeException | AssertionError unexpected) {
        transcript.failed(unexpected.toString());
      }
      if (!transcript.isOver()) {
        LockSupport.parkNanos(BEFORE_NEXT_NANOS);
      }
    }
  }

  /** Another question: of its turn only that is known which is written here. */
  abstract void begin(Transcript transcript);

  /** One request, up to its end; whatever it leads to is noted in the transcript. */
  abstract void attempt(Turn turn);

  @Override
  public void close() {}

  /** What an error leads to: another attempt, or the end. */
  static void shown(Transcript transcript, JsonObject error) {
    transcript.error(error.getString("code"));
    if (!error.getBoolean("recoverable", false) || isKept(error)) {
      transcript.failed("ended by " + error.encode());
    }
  }

  /** The same before the first event. */
  static void refused(Transcript transcript, int status, JsonObject error) {
    transcript.refused(status + " " + error.getString("code"));
    if (!error.getBoolean("recoverable", false)) {
      transcript.failed("refused with " + status + " " + error.encode());
    }
  }

  /** Such a turn is stored as far as it went: to ask again brings no more of it. */
  private static boolean isKept(JsonObject error) {
    return error.getString("message", "").contains("what was said until then is kept");
  }
}
