package io.consoul.session;

import io.consoul.session.CellStep.Kind;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.BooleanSupplier;

/** A shelter in a map that the nodes of a cluster share, each session with a copy on a second node. */
final class ClusterShelter implements Shelter {

  private static final GuestCells GUESTS = new GuestCells();

  private final Vertx vertx;
  private final ClusterStores stores;
  private final CellMap cells;
  private final String inbox;
  private final BooleanSupplier merges;

  /**
   * @param stores of the map {@link ClusterMaps#SHELTER}
   * @param inbox of the instance that it is for
   * @param merges whether this instance merges for its node just now
   */
  ClusterShelter(Vertx vertx, ClusterStores stores, String inbox, BooleanSupplier merges) {
    this.vertx = vertx;
    this.stores = stores;
    this.cells = stores.cells();
    this.inbox = inbox;
    this.merges = merges;
  }

  @Override
  public SessionStore store() {
    return stores.store();
  }

  @Override
  public SessionCatalog catalog() {
    return stores.catalog();
  }

  @Override
  public SessionStore guestStore() {
    return stores.guestStore();
  }

  @Override
  public SessionCatalog guestCatalog() {
    return stores.guestCatalog();
  }

  @Override
  public Future<Boolean> holds(String sessionKey) {
    return cells
        .take(sessionKey, Kind.HOLDS, null)
        .map(outcome -> outcome.value().getBoolean("holds"));
  }

  @Override
  public Future<Void> adopt(MemorySession copy) {
    return cells.take(copy.key(), Kind.ADOPT, null, copy.toJson()).mapEmpty();
  }

  @Override
  public Future<Void> delete(String sessionKey) {
    return cells.take(sessionKey, Kind.NOTE_DELETE, null).mapEmpty();
  }

  @Override
  public Future<Guest> export(String sessionKey) {
    return cells
        .take(sessionKey, Kind.EXPORT, null)
        .map(outcome -> outcome.value() == null ? null : guest(sessionKey, outcome.value()));
  }

  @Override
  public Future<Boolean> claim(String sessionKey) {
    return cells
        .take(sessionKey, Kind.CLAIM, null, new JsonObject().put("by", inbox))
        .map(outcome -> outcome.value().getBoolean("claimed"));
  }

  @Override
  public Future<Void> merged(Guest guest, int turns) {
    JsonObject told = new JsonObject()
        .put("turns", turns)
        .put("deleted", guest.deleted())
        .put("deletion", guest.deletion());
    if (guest.session() != null) {
      told.put("created", guest.session().created());
    }
    return cells.take(guest.sessionKey(), Kind.MERGED, null, told).mapEmpty();
  }

  @Override
  public Future<Boolean> release(String sessionKey) {
    return cells
        .take(sessionKey, Kind.RELEASE, null)
        .map(outcome -> outcome.value().getBoolean("released"));
  }

  @Override
  public Future<Collection<String>> guests() {
    return vertx.executeBlocking(() -> new ArrayList<>(cells.map().keySet(GUESTS)), false);
  }

  /** Of those that this node's member holds: each node merges what lies on it. */
  @Override
  public Future<Collection<String>> own() {
    return merges.getAsBoolean()
        ? vertx.executeBlocking(() -> new ArrayList<>(cells.map().localKeySet(GUESTS)), false)
        : Future.succeededFuture(List.of());
  }

  @Override
  public boolean isShared() {
    return true;
  }

  private static Guest guest(String sessionKey, JsonObject value) {
    JsonObject session = value.getJsonObject("session");
    Boolean deletion = value.getBoolean("deletion");
    return new Guest(
        sessionKey,
        session == null ? null : MemorySession.fromJson(session),
        Boolean.TRUE.equals(deletion),
        deletion != null,
        value.getLong("last_deletion"));
  }
}
