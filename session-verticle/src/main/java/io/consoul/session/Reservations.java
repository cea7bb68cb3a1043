package io.consoul.session;

import io.consoul.message.BeginTurn;
import io.consoul.message.EndBatch;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;

/**
 * Which batch has a session to itself: from its first turn on until its last one has ended, or until the next one has not
 * begun for as long as a lease. Apart from the sessions, since a session that is made by the first turn of a batch is gone
 * when that turn is aborted, and the batch goes on. Confined to one event loop.
 */
final class Reservations {

  /**
   * @param until null while a turn of the batch runs: its lease keeps the others out
   * @param closing whether no turn comes after that one
   */
  record Reservation(String batch, Instant until, boolean closing) {

    Reservation(String batch, Instant until) {
      this(batch, until, false);
    }

    boolean isOver(Instant now) {
      return until != null && !until.isAfter(now);
    }

    JsonObject toJson() {
      return new JsonObject().put("batch", batch).put("until", until).put("closing", closing);
    }

    static Reservation fromJson(JsonObject json) {
      return new Reservation(
          json.getString("batch"), json.getInstant("until"), json.getBoolean("closing"));
    }
  }

  private final InstantSource clock;
  private final Duration pause;
  private final Map<String, Reservation> sessions = new HashMap<>();

  /** @param pause how long the next turn of a batch may take to come */
  Reservations(InstantSource clock, Duration pause) {
    this.clock = clock;
    this.pause = pause;
  }

  /** How long this turn has to stay out if nothing happens before, or null when nobody keeps it out. */
  Duration keepOut(BeginTurn turn) {
    Reservation reservation = current(turn.sessionKey());
    if (reservation == null || reservation.until() == null || isOf(reservation, turn)) {
      return null;
    }
    return Duration.between(clock.instant(), reservation.until());
  }

  /** Whether the session is reserved for the batch of this turn. */
  boolean isFor(BeginTurn turn) {
    Reservation reservation = current(turn.sessionKey());
    return reservation != null && isOf(reservation, turn);
  }

  void begun(BeginTurn turn) {
    if (turn.batch() == null) {
      sessions.remove(turn.sessionKey());
    } else {
      sessions.put(turn.sessionKey(), new Reservation(turn.batch().id(), null));
    }
  }

  /** However it ended: the next turn of the batch does not depend on it. */
  void ended(BeginTurn turn) {
    if (turn.batch() == null) {
      return;
    }
    Reservation reservation = sessions.get(turn.sessionKey());
    if (turn.batch().last() || reservation != null && reservation.closing()) {
      sessions.remove(turn.sessionKey());
    } else {
      Instant until = clock.instant().plus(pause);
      sessions.put(turn.sessionKey(), new Reservation(turn.batch().id(), until));
    }
  }

  /** No turn of this batch comes any more; one may still run. */
  void end(EndBatch end) {
    Reservation reservation = sessions.get(end.sessionKey());
    if (reservation == null || !reservation.batch().equals(end.batch())) {
      return;
    }
    if (reservation.until() == null) {
      sessions.put(end.sessionKey(), new Reservation(end.batch(), null, true));
    } else {
      sessions.remove(end.sessionKey());
    }
  }

  /** @return the batch that had the session, or null */
  String drop(String sessionKey) {
    Reservation dropped = sessions.remove(sessionKey);
    return dropped == null ? null : dropped.batch();
  }

  /** @return what is noted of the session, be it over or not, or null */
  Reservation of(String sessionKey) {
    return sessions.get(sessionKey);
  }

  void restore(String sessionKey, Reservation reservation) {
    sessions.put(sessionKey, reservation);
  }

  void purge() {
    Instant now = clock.instant();
    sessions.values().removeIf(reservation -> reservation.isOver(now));
  }

  int size() {
    return sessions.size();
  }

  private Reservation current(String sessionKey) {
    Reservation reservation = sessions.get(sessionKey);
    return reservation == null || reservation.isOver(clock.instant()) ? null : reservation;
  }

  private static boolean isOf(Reservation reservation, BeginTurn turn) {
    return turn.batch() != null && turn.batch().id().equals(reservation.batch());
  }
}
