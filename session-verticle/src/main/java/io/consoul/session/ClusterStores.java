package io.consoul.session;

import com.hazelcast.core.HazelcastInstance;
import io.consoul.message.SessionChanged;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** The cluster's store and catalog, as one verticle instance uses them. Wires their parts. */
final class ClusterStores {

  private final ClusterStore store;
  private final ClusterStore guestStore;
  private final ClusterCatalog catalog;
  private final ClusterCatalog guestCatalog;
  private final ClusterRoom room;
  private final CellMap cells;

  /**
   * @param map that the sessions are in
   * @param patience with the member that holds a session
   * @param clock of the cluster
   * @param sweeps whether this instance sweeps for its node just now
   * @param changes told of each session that comes to stay and of each that goes, by whoever made it come or go
   */
  ClusterStores(
      Vertx vertx,
      HazelcastInstance member,
      String map,
      SessionConfig config,
      Duration patience,
      InstantSource clock,
      RandomGenerator random,
      BooleanSupplier sweeps,
      Consumer<SessionChanged> changes) {
    MemberCalls calls = new MemberCalls(vertx.getOrCreateContext(), patience);
    ClusterList list = new ClusterList(calls, member.getMap(ClusterMaps.listOf(map)));
    cells = new CellMap(
        calls,
        member.getMap(map),
        list,
        config,
        clock,
        random,
        changes,
        map.equals(ClusterMaps.SHELTER));
    ClusterSweep sweep = new ClusterSweep(vertx, cells, list, clock, sweeps);
    room = new ClusterRoom(
        vertx,
        list,
        sweep,
        config.maxSessions(),
        () -> member.getCluster().getMembers().size(),
        clock);
    store = new ClusterStore(cells, sweep, room);
    catalog = new ClusterCatalog(vertx, cells, list, room);
    CellMap guests = cells.ofGuests();
    guestStore = new ClusterStore(guests, sweep, room);
    guestCatalog = new ClusterCatalog(vertx, guests, list, room);
  }

  SessionStore store() {
    return store;
  }

  SessionCatalog catalog() {
    return catalog;
  }

  /** Of a shelter: makes no session that was not in it, but fails with E100. */
  SessionStore guestStore() {
    return guestStore;
  }

  /** As {@link #guestStore}. */
  SessionCatalog guestCatalog() {
    return guestCatalog;
  }

  CellMap cells() {
    return cells;
  }

  ClusterRoom room() {
    return room;
  }
}
