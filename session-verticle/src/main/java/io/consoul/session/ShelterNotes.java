package io.consoul.session;

import io.vertx.core.Future;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Sees to it that whatever the shelter stores is in the journal before it is acknowledged: also what it stores by the way,
 * such as a turn that it settles. Where the shelter outlives a node there is no journal and nothing to do. Confined to one
 * event loop.
 */
final class ShelterNotes {

  /** What of a session is in the journal. */
  private static final class Page {

    /** Turns that were handed to the journal, and those of them that are on disk. */
    int handed;

    int written;
    Future<Void> writing = Future.succeededFuture();
  }

  private final Shelter shelter;
  private final Optional<OutageJournal> journal;
  private final Map<String, Page> pages = new HashMap<>();

  ShelterNotes(Shelter shelter, Optional<OutageJournal> journal) {
    this.shelter = shelter;
    this.journal = journal;
  }

  /** The step, or E110 where nothing more can be stored because the journal is full. */
  <T> Function<Boolean, Future<T>> withRoom(Function<Boolean, Future<T>> step) {
    return guestsOnly -> journal.map(OutageJournal::hasRoom).orElse(true)
        ? step.apply(guestsOnly)
        : Future.failedFuture(OutageJournal.full());
  }

  /** It was read from the journal. */
  void replayed(MemorySession session) {
    Page page = new Page();
    page.handed = session.transcript().turns();
    page.written = page.handed;
    pages.put(session.key(), page);
  }

  /** Succeeds when all turns of the session are in the journal that the shelter has stored by now. */
  Future<Void> note(String sessionKey) {
    return journal.isEmpty()
        ? Future.succeededFuture()
        : shelter
            .export(sessionKey)
            .compose(guest -> guest == null || guest.session() == null
                ? Future.succeededFuture()
                : note(guest.session()));
  }

  Future<Void> made(String sessionKey) {
    return journal
        .map(open -> shelter
            .export(sessionKey)
            .compose(guest -> open.append(JournalEntry.made(guest.session()))))
        .orElseGet(Future::succeededFuture);
  }

  Future<Void> deleted(String sessionKey) {
    pages.remove(sessionKey);
    return journal
        .map(open -> open.append(JournalEntry.deleted(sessionKey)))
        .orElseGet(Future::succeededFuture);
  }

  /** Where the journal of a session ends by now. */
  int position(String sessionKey) {
    return journal.map(open -> open.position(sessionKey)).orElse(0);
  }

  /** Everything up to that position is in Redis. */
  Future<Void> merged(String sessionKey, int position) {
    return journal
        .map(open -> open.merged(sessionKey, position))
        .orElseGet(Future::succeededFuture);
  }

  void released(String sessionKey) {
    pages.remove(sessionKey);
  }

  private Future<Void> note(MemorySession session) {
    int turns = session.transcript().turns();
    Page page = pages.computeIfAbsent(session.key(), key -> {
      Page fresh = new Page();
      fresh.handed = Math.max(session.unmerged(), session.transcript().skippedTurns());
      fresh.written = fresh.handed;
      return fresh;
    });
    for (; page.handed < turns; page.handed++) {
      int turn = page.handed;
      page.writing = journal
          .get()
          .append(JournalEntry.stored(session.acknowledged(turn)))
          .onSuccess(done -> page.written = Math.max(page.written, turn + 1));
      page.writing.onFailure(failed -> page.handed = page.written);
    }
    return page.writing;
  }
}
