package io.consoul.session;

import io.consoul.message.Usage;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;

/**
 * What happened to a session in the shelter: a turn was stored, or it was made for its own sake, or deleted. Holds message
 * texts.
 *
 * @param turn or null
 * @param made what it was made with, or null
 * @param created when it was made, or null
 * @param partial whether Redis may have had one of the name of the one that was made
 */
record JournalEntry(
    String sessionKey,
    AcknowledgedTurn turn,
    MemorySession.Origin made,
    Instant created,
    boolean partial) {

  static JournalEntry stored(AcknowledgedTurn turn) {
    return new JournalEntry(turn.sessionKey(), turn, null, null, false);
  }

  static JournalEntry made(MemorySession session) {
    return new JournalEntry(
        session.key(), null, session.origin(), session.created(), session.isPartial());
  }

  static JournalEntry deleted(String sessionKey) {
    return new JournalEntry(sessionKey, null, null, null, false);
  }

  private boolean isDelete() {
    return turn == null && made == null;
  }

  JsonObject toJson() {
    return new JsonObject()
        .put("session", sessionKey)
        .put("turn", turn == null ? null : turn.toJson())
        .put("made", made == null ? null : made.toJson())
        .put("created", created)
        .put("partial", partial);
  }

  static JournalEntry fromJson(JsonObject json) {
    JsonObject turn = json.getJsonObject("turn");
    JsonObject made = json.getJsonObject("made");
    return new JournalEntry(
        json.getString("session"),
        turn == null ? null : AcknowledgedTurn.fromJson(turn),
        made == null ? null : MemorySession.Origin.fromJson(made),
        json.getInstant("created"),
        json.getBoolean("partial"));
  }

  /** A session as it was in the shelter after all this, less what was said in it before it came there. */
  static Shelter.Guest replay(String sessionKey, List<JournalEntry> entries) {
    MemorySession session = null;
    boolean deleted = false;
    for (JournalEntry entry : entries) {
      if (entry.isDelete()) {
        session = null;
        deleted = true;
      } else if (entry.made != null) {
        session = new MemorySession(entry.made, entry.created);
        session.keep();
        if (entry.partial) {
          session.markPartial();
        }
      } else {
        session = session == null ? before(entry.turn) : session;
        session.add(entry.turn);
      }
    }
    return new Shelter.Guest(sessionKey, session, deleted, deleted, 0);
  }

  private static MemorySession before(AcknowledgedTurn first) {
    int turns = first.sealed().answer() / 2;
    MemorySession session =
        new MemorySession(first.origin(), first.created(), new Transcript(turns, Usage.NONE));
    if (turns > 0) {
      session.stored(turns);
      session.markPartial();
    }
    return session;
  }
}
