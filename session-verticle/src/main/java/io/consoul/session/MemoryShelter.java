package io.consoul.session;

import io.consoul.message.SessionChanged;
import io.vertx.core.Future;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** A shelter in the memory of one verticle instance, for its sessions. Confined to the instance's event loop. */
final class MemoryShelter implements Shelter {

  /**
   * A session was deleted in here.
   *
   * @param open whether Redis has yet to do it
   */
  private record Deletion(long number, boolean open) {}

  private final MemoryStore store;
  private final SessionCatalog catalog;

  /** Of the sessions that were deleted in here, until they are let go. */
  private final Map<String, Deletion> deletions = new HashMap<>();

  private long lastDeletion;

  /** @param changes told of each session that is made or deleted in here */
  MemoryShelter(
      SessionConfig config,
      InstantSource clock,
      RandomGenerator random,
      Consumer<SessionChanged> changes) {
    store = new MemoryStore(
        config,
        clock,
        new Leases(clock, random),
        new Tombstones(clock),
        changes,
        MemorySession::isUnmerged,
        sessionKey -> !deletions.containsKey(sessionKey));
    catalog = store.catalog();
  }

  /** As {@link MemoryStore#tick}. */
  void tick() {
    store.tick();
  }

  @Override
  public SessionStore store() {
    return store;
  }

  @Override
  public SessionCatalog catalog() {
    return catalog;
  }

  @Override
  public Future<Boolean> holds(String sessionKey) {
    return Future.succeededFuture(
        store.look(sessionKey) != null || deletions.containsKey(sessionKey));
  }

  @Override
  public Future<Void> adopt(MemorySession copy) {
    return MemoryStore.atomically(() -> {
      if (store.look(copy.key()) == null) {
        store.adopt(copy);
      }
      return null;
    });
  }

  @Override
  public Future<Void> delete(String sessionKey) {
    deletions.put(sessionKey, new Deletion(++lastDeletion, true));
    return Future.succeededFuture();
  }

  @Override
  public Future<Guest> export(String sessionKey) {
    MemorySession session = store.look(sessionKey);
    Deletion deletion = deletions.get(sessionKey);
    return Future.succeededFuture(
        session == null && deletion == null
            ? null
            : new Guest(sessionKey, session, isOpen(deletion), deletion != null, number(deletion)));
  }

  @Override
  public Future<Boolean> claim(String sessionKey) {
    return Future.succeededFuture(true);
  }

  @Override
  public Future<Void> merged(Guest guest, int turns) {
    Deletion deletion = deletions.get(guest.sessionKey());
    if (number(deletion) != guest.deletion()) {
      return Future.succeededFuture();
    }
    if (guest.deleted()) {
      deletions.put(guest.sessionKey(), new Deletion(guest.deletion(), false));
    }
    MemorySession session = store.look(guest.sessionKey());
    if (session != null && session == guest.session()) {
      session.stored(turns);
    }
    return Future.succeededFuture();
  }

  @Override
  public Future<Boolean> release(String sessionKey) {
    MemorySession session = store.look(sessionKey);
    if (isOpen(deletions.get(sessionKey))
        || session != null && (session.pending() != null || session.isUnmerged())) {
      return Future.succeededFuture(false);
    }
    deletions.remove(sessionKey);
    if (session != null) {
      store.release(session);
    }
    return Future.succeededFuture(true);
  }

  @Override
  public Future<Collection<String>> guests() {
    Set<String> keys = new LinkedHashSet<>(store.keys());
    keys.addAll(deletions.keySet());
    return Future.succeededFuture(keys);
  }

  @Override
  public Future<Collection<String>> own() {
    return guests();
  }

  @Override
  public boolean isShared() {
    return false;
  }

  private static boolean isOpen(Deletion deletion) {
    return deletion != null && deletion.open();
  }

  private static long number(Deletion deletion) {
    return deletion == null ? 0 : deletion.number();
  }
}
