package io.consoul.session;

import static io.consoul.session.MemoryStore.atomically;

import io.consoul.fault.Fault;
import io.consoul.message.CreateSession;
import io.consoul.message.DeleteSession;
import io.consoul.message.ListSessions;
import io.consoul.message.MessagePage;
import io.consoul.message.ReadMessages;
import io.consoul.message.ReadSession;
import io.consoul.message.SessionChanged;
import io.consoul.message.SessionInfo;
import io.consoul.message.SessionPage;
import io.consoul.message.SessionRequest;
import io.vertx.core.Future;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Whole sessions of a memory store. Confined to its event loop. */
final class MemoryCatalog implements SessionCatalog {

  private final InstantSource clock;
  private final MemorySessions sessions;
  private final Settlement settlement;
  private final Reservations reservations;
  private final Tombstones tombstones;
  private final Predicate<String> partial;

  /** @param partial which sessions may have turns in another store, when they are made here */
  MemoryCatalog(
      InstantSource clock,
      MemorySessions sessions,
      Settlement settlement,
      Reservations reservations,
      Tombstones tombstones,
      Predicate<String> partial) {
    this.clock = clock;
    this.sessions = sessions;
    this.settlement = settlement;
    this.reservations = reservations;
    this.tombstones = tombstones;
    this.partial = partial;
  }

  @Override
  public Future<SessionInfo> create(CreateSession create, int promptTokens) {
    return atomically(() -> {
      if (settlement.settled(create.sessionKey()) != null) {
        throw Fault.SESSION_EXISTS.because();
      }
      sessions.makeRoom();
      MemorySession.Origin origin = new MemorySession.Origin(
          create.tenant(),
          create.session(),
          create.owner(),
          create.model(),
          create.settings(),
          promptTokens,
          create.metadata());
      MemorySession session = new MemorySession(origin, clock.instant());
      if (partial.test(session.key())) {
        session.markPartial();
      }
      sessions.add(session);
      sessions.stored(session);
      return session.info();
    });
  }

  @Override
  public Future<SessionInfo> read(ReadSession read) {
    return atomically(() -> existing(read).info());
  }

  @Override
  public Future<MessagePage> messages(ReadMessages read) {
    return atomically(() -> {
      int from = Cursor.message(read.cursor());
      return existing(read).transcript().page(read.session(), from, read.limit());
    });
  }

  @Override
  public Future<SessionPage> list(ListSessions list) {
    return atomically(() -> {
      Instant now = clock.instant();
      String prefix = prefix(list.namespace());
      List<SessionInfo> page = new ArrayList<>();
      for (MemorySession session :
          sessions.listed(ListName.of(list), Cursor.session(list.cursor()))) {
        if (session.isExpired(now) || !session.id().value().startsWith(prefix)) {
          continue;
        }
        if (page.size() == list.limit()) {
          ListPosition last = ListPosition.of(page.get(page.size() - 1));
          return new SessionPage(page, Cursor.ofSession(last));
        }
        page.add(session.summary());
      }
      return new SessionPage(page, null);
    });
  }

  @Override
  public boolean isShared() {
    return false;
  }

  @Override
  public Future<Long> count() {
    return Future.succeededFuture((long) sessions.size());
  }

  @Override
  public Future<Optional<SessionStore.Known.Pending>> delete(DeleteSession delete) {
    return atomically(() -> {
      MemorySession session = existing(delete);
      Optional<SessionStore.Known.Pending> running = session.running();
      running.ifPresent(pending -> tombstones.add(new TurnKey(delete.tenant(), pending.turn())));
      String batch = reservations.drop(session.key());
      if (batch != null) {
        tombstones.add(session.key(), batch);
      }
      sessions.forget(session, SessionChanged.Change.DELETED);
      return running;
    });
  }

  private MemorySession existing(SessionRequest request) {
    MemorySession session = settlement.settled(request.sessionKey());
    if (session == null) {
      throw Fault.SESSION_NOT_FOUND.because();
    }
    return session;
  }

  /** What the ids of a namespace begin with. */
  static String prefix(String namespace) {
    if (namespace == null) {
      return "";
    }
    return namespace.endsWith(":") ? namespace : namespace + ":";
  }
}
