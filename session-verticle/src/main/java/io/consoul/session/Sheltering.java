package io.consoul.session;

import com.hazelcast.core.HazelcastInstance;
import io.consoul.message.SessionChanged;
import io.consoul.node.Node;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The shelter of an instance, and what comes with it.
 *
 * @param clock that its leases go by
 * @param others of a cluster that shares the shelter; else null
 * @param tick to be called several times a second
 */
record Sheltering(Shelter shelter, InstantSource clock, ClusterInstances others, Runnable tick) {

  /** @param changes told of each session that is made or deleted in an outage */
  static Sheltering inMemory(SessionConfig config, Node node, Consumer<SessionChanged> changes) {
    MemoryShelter shelter = new MemoryShelter(config, node.clock(), node.random(), changes);
    return new Sheltering(shelter, node.clock(), null, shelter::tick);
  }

  /** @param first whether this instance does for its node what one has to do for all */
  static Sheltering inCluster(
      Vertx vertx,
      SessionConfig config,
      Node node,
      String inbox,
      HazelcastInstance member,
      BooleanSupplier first,
      Consumer<SessionChanged> changes) {
    InstantSource clock = ClusterMaps.clock(member);
    ClusterStores stores = new ClusterStores(
        vertx,
        member,
        ClusterMaps.SHELTER,
        config,
        MemberCalls.PATIENCE,
        clock,
        node.random(),
        first,
        changes);
    Shelter shelter = new ClusterShelter(vertx, stores, inbox, first);
    ClusterInstances others =
        new ClusterInstances(vertx, node, inbox, shelter, () -> stores.room().look());
    return new Sheltering(shelter, clock, others, () -> {});
  }

  OtherInstances otherInstances() {
    return others == null ? OtherInstances.NONE : others;
  }
}
