package io.consoul.session;

import io.consoul.message.Owner;
import io.consoul.message.SessionChanged;
import io.consoul.message.SessionFree;
import io.consoul.message.SessionMoved;
import io.vertx.redis.client.Response;
import java.util.function.Consumer;

/** Who is told when a step has worked, without waiting for any of them. Confined to one event loop. */
final class RedisTidings {

  private final String ownInbox;
  private final RedisIndex index;
  private final Neighbours neighbours;
  private final Consumer<SessionChanged> changes;

  /** @param changes told of each session that comes to stay and of each that is deleted */
  RedisTidings(
      String ownInbox, RedisIndex index, Neighbours neighbours, Consumer<SessionChanged> changes) {
    this.ownInbox = ownInbox;
    this.index = index;
    this.neighbours = neighbours;
    this.changes = changes;
  }

  String ownInbox() {
    return ownInbox;
  }

  /** @param before inbox of the instance that had the session's last turn, or empty */
  void begun(SessionName name, StoredHistory session, long leaseEnd, String before) {
    index.running(name.tenant(), name.session(), leaseEnd);
    if (session.kept()) {
      lives(
          ListedSession.of(name, session.owner()),
          session.created().toEpochMilli(),
          session.expires().toEpochMilli());
    }
    if (isOther(before)) {
      neighbours.tell(before, new SessionMoved(name.session(), name.tenant()));
    }
  }

  /**
   * @param owner in whose list the session is, or null
   * @param expires 0 where nothing has changed about that
   */
  void renewed(SessionName name, Owner owner, long leaseEnd, long created, long expires) {
    index.running(name.tenant(), name.session(), leaseEnd);
    if (expires > 0) {
      lives(ListedSession.of(name, owner), created, expires);
    }
  }

  /** @param at where in the reply stands whether the session comes to stay, and what follows it */
  void stored(SessionName name, Response reply, int at) {
    index.idle(name.tenant(), name.session());
    lives(
        ListedSession.of(name, RedisHead.owner(reply.get(at + 4))),
        reply.get(at + 1).toLong(),
        reply.get(at + 2).toLong());
    if (reply.get(at).toInteger() == 1) {
      tell(name, SessionChanged.Change.CREATED);
    }
    free(name, reply.get(at + 3).toString());
  }

  void dropped(SessionName name, String waiter) {
    index.idle(name.tenant(), name.session());
    free(name, waiter);
  }

  /** @param waiter inbox of the instance that has waited longest, or empty */
  void free(SessionName name, String waiter) {
    if (isOther(waiter)) {
      neighbours.tell(waiter, new SessionFree(name.session(), name.tenant()));
    }
  }

  void made(ListedSession session, long created, long expires) {
    lives(session, created, expires);
    tell(session.name(), SessionChanged.Change.CREATED);
  }

  /**
   * @param kept whether it was one to stay
   * @param at inbox of the instance that had the session's last turn, or empty
   * @param owner in whose list it was, or null
   */
  void deleted(SessionName name, boolean kept, String at, Owner owner) {
    index.gone(ListedSession.of(name, owner));
    if (kept) {
      tell(name, SessionChanged.Change.DELETED);
    }
    if (isOther(at)) {
      neighbours.tell(at, new SessionMoved(name.session(), name.tenant()));
    }
  }

  private void tell(SessionName name, SessionChanged.Change change) {
    changes.accept(new SessionChanged(name.session(), name.tenant(), change));
  }

  private void lives(ListedSession session, long created, long expires) {
    index.stored(session, created, expires);
  }

  private boolean isOther(String inbox) {
    return !inbox.isEmpty() && !inbox.equals(ownInbox);
  }
}
