package io.consoul.session;

import io.consoul.session.CellStep.Kind;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collection;

/** A shelter in a map that the nodes of a cluster share, each session with a copy on a second node. */
final class ClusterShelter implements Shelter {

  private final Vertx vertx;
  private final ClusterStores stores;
  private final CellMap cells;

  /** @param stores of the map {@link ClusterMaps#SHELTER} */
  ClusterShelter(Vertx vertx, ClusterStores stores) {
    this.vertx = vertx;
    this.stores = stores;
    this.cells = stores.cells();
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
  public Future<Boolean> holds(String sessionKey) {
    return export(sessionKey).map(guest -> guest != null);
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
  public Future<Void> merged(String sessionKey, int turns) {
    return cells
        .take(sessionKey, Kind.MERGED, null, new JsonObject().put("turns", turns))
        .mapEmpty();
  }

  @Override
  public Future<Boolean> release(String sessionKey) {
    return cells
        .take(sessionKey, Kind.RELEASE, null)
        .map(outcome -> outcome.value().getBoolean("released"));
  }

  /** Of those that this node's member holds: each node merges what lies on it. */
  @Override
  public Future<Collection<String>> guests() {
    return vertx.executeBlocking(() -> new ArrayList<>(cells.map().localKeySet()), false);
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
        deletion != null);
  }
}
