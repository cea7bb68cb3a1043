package io.consoul.session;

import io.vertx.core.Future;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Copies of the sessions in Redis that were used last, with the newest part of what was said: so that a turn need not fetch
 * its history, and so that a session goes on with it when Redis fails. Never the truth while Redis answers: each step there
 * tells whether the copy is of now. Bounded; confined to one event loop.
 */
final class SessionsAtHand {

  /** Of all copies together, for each that there may be: some 80 KB. */
  static final int TOKENS_EACH = 20_000;

  /**
   * @param token of the session in Redis: another one there is another session of the same name
   * @param tokens that were at hand of it when it was kept
   */
  private record Copy(MemorySession session, String token, long tokens) {}

  private final int max;
  private long tokens;

  /** In order of last use. */
  private final Map<String, Copy> sessions = new LinkedHashMap<>(16, 0.75f, true);

  private Function<String, Future<Void>> missing = sessionKey -> Future.succeededFuture();

  SessionsAtHand(int max) {
    this.max = max;
  }

  /**
   * @param check what to do when Redis does not have a session as it is at hand: it was deleted elsewhere, or Redis was replaced
   *     and nobody has noticed yet. Succeeds when that is known, and when Redis has been given what it lost
   */
  void whenMissing(Function<String, Future<Void>> check) {
    missing = check;
  }

  /** Redis does not have this session as it is at hand. */
  Future<Void> missed(String sessionKey) {
    return missing.apply(sessionKey);
  }

  Optional<MemorySession> find(String sessionKey) {
    return Optional.ofNullable(sessions.get(sessionKey)).map(Copy::session);
  }

  /** By which Redis tells the session from others of its name; empty where it is not at hand. */
  String token(String sessionKey) {
    Copy copy = sessions.get(sessionKey);
    return copy == null ? "" : copy.token();
  }

  /**
   * The oldest that have no turn in progress go for it. One with a turn may have lost it without knowing, so these, too, are
   * bounded.
   */
  void keep(MemorySession session, String token) {
    forget(session.key());
    long more = session.transcript().tokens();
    sessions.put(session.key(), new Copy(session, token, more));
    tokens += more;
    drop(session, 1, copy -> copy.session().pending() == null);
    drop(session, 2, copy -> true);
  }

  List<MemorySession> all() {
    return sessions.values().stream().map(Copy::session).toList();
  }

  void forget(String sessionKey) {
    Copy copy = sessions.remove(sessionKey);
    tokens -= copy == null ? 0 : copy.tokens();
  }

  private void drop(MemorySession latest, int times, Predicate<Copy> which) {
    Iterator<Copy> oldest = sessions.values().iterator();
    while (isAbove(times) && oldest.hasNext()) {
      Copy copy = oldest.next();
      if (copy.session() != latest && which.test(copy)) {
        oldest.remove();
        tokens -= copy.tokens();
      }
    }
  }

  private boolean isAbove(int times) {
    return sessions.size() > (long) times * max || tokens > (long) times * max * TOKENS_EACH;
  }

  int size() {
    return sessions.size();
  }
}
