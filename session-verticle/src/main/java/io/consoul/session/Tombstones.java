package io.consoul.session;

import io.consoul.fault.Fault;
import io.consoul.message.BeginTurn;
import io.consoul.message.Tenant;
import io.consoul.message.TurnId;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The turns that ran when their session was deleted, and the batches that had it: whoever still believes in one must neither
 * run it again, nor go on with it, nor write to a new session of the same name. Bounded in number and in time; confined to
 * one event loop.
 */
final class Tombstones {

  private record BatchKey(String session, String id) {}

  private static final Duration KEPT = Duration.ofMinutes(10);
  private static final int MAX = 10_000;

  private final InstantSource clock;

  /** Turns and batches, until when, the oldest first. */
  private final Map<Record, Instant> graves = new LinkedHashMap<>();

  Tombstones(InstantSource clock) {
    this.clock = clock;
  }

  void add(TurnKey turn) {
    bury(turn);
  }

  void add(String sessionKey, String batch) {
    bury(new BatchKey(sessionKey, batch));
  }

  /** @throws io.consoul.fault.FaultException E100 when the turn's session was deleted under it or its batch */
  void refuse(BeginTurn turn) {
    refuse(TurnKey.of(turn));
    if (turn.batch() != null) {
      refuseGrave(new BatchKey(turn.sessionKey(), turn.batch().id()));
    }
  }

  /** @throws io.consoul.fault.FaultException E100 when this turn's session was deleted under it */
  void refuse(TurnKey turn) {
    refuseGrave(turn);
  }

  void purge() {
    Instant now = clock.instant();
    Iterator<Instant> oldest = graves.values().iterator();
    while (oldest.hasNext() && !oldest.next().isAfter(now)) {
      oldest.remove();
    }
  }

  /** When the first one is to be purged, or null where there is none. */
  Instant firstEnd() {
    return graves.isEmpty() ? null : graves.values().iterator().next();
  }

  JsonArray toJson() {
    JsonArray json = new JsonArray();
    graves.forEach((grave, until) -> {
      JsonObject entry = new JsonObject().put("until", until);
      if (grave instanceof TurnKey turn) {
        entry.put("tenant", turn.tenant().name()).put("turn", turn.turn().value());
      } else if (grave instanceof BatchKey batch) {
        entry.put("session", batch.session()).put("batch", batch.id());
      }
      json.add(entry);
    });
    return json;
  }

  void addAll(JsonArray json) {
    for (Object each : json) {
      JsonObject entry = (JsonObject) each;
      String turn = entry.getString("turn");
      Record grave = turn == null
          ? new BatchKey(entry.getString("session"), entry.getString("batch"))
          : new TurnKey(new Tenant(entry.getString("tenant")), TurnId.parse(turn));
      graves.put(grave, entry.getInstant("until"));
    }
  }

  int size() {
    return graves.size();
  }

  private void bury(Record grave) {
    purge();
    if (graves.size() >= MAX) {
      Iterator<Record> oldest = graves.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
    graves.put(grave, clock.instant().plus(KEPT));
  }

  private void refuseGrave(Record grave) {
    Instant until = graves.get(grave);
    if (until != null && until.isAfter(clock.instant())) {
      throw Fault.SESSION_NOT_FOUND.because("the session of this turn was deleted");
    }
  }
}
