package io.consoul.session;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Copies of the sessions in Redis that were used last, with the newest part of what was said: so that a turn need not fetch
 * its history, and so that a session goes on with it when Redis fails. Never the truth while Redis answers: each step there
 * tells whether the copy is of now. Bounded; confined to one event loop.
 */
final class SessionsAtHand {

  /** @param token of the session in Redis: another one there is another session of the same name */
  private record Copy(MemorySession session, String token) {}

  private final int max;

  /** In order of last use. */
  private final Map<String, Copy> sessions = new LinkedHashMap<>(16, 0.75f, true);

  SessionsAtHand(int max) {
    this.max = max;
  }

  Optional<MemorySession> find(String sessionKey) {
    return Optional.ofNullable(sessions.get(sessionKey)).map(Copy::session);
  }

  /** By which Redis tells the session from others of its name; empty where it is not at hand. */
  String token(String sessionKey) {
    Copy copy = sessions.get(sessionKey);
    return copy == null ? "" : copy.token();
  }

  /** The oldest that has no turn in progress goes for it. */
  void keep(MemorySession session, String token) {
    sessions.put(session.key(), new Copy(session, token));
    Iterator<Copy> oldest = sessions.values().iterator();
    while (sessions.size() > max && oldest.hasNext()) {
      if (oldest.next().session().pending() == null) {
        oldest.remove();
      }
    }
  }

  List<MemorySession> all() {
    return sessions.values().stream().map(Copy::session).toList();
  }

  void forget(String sessionKey) {
    sessions.remove(sessionKey);
  }

  int size() {
    return sessions.size();
  }
}
