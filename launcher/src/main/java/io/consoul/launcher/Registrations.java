package io.consoul.launcher;

import com.hazelcast.core.LifecycleEvent;
import com.hazelcast.core.LifecycleEvent.LifecycleState;
import io.consoul.message.Addresses;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this node has on the event bus, in the list that the cluster shares. A node that goes on after it stood still believes for
 * a while that all others have left, and strikes them off; where it is still at it when it is a member again, it strikes them off
 * everybody's list, and nobody would hear them any more. So each node says again what it has when one has come.
 */
final class Registrations {

  /** When whoever has come may be at it still, and when it is surely done. */
  private static final List<Duration> AFTERWARDS =
      List.of(Duration.ofSeconds(2), Duration.ofSeconds(10));

  /** All nodes do it, but not all at the same time. */
  private static final int SPREAD_MILLIS = 1_000;

  /** Which are heard by more than one: nodes remember who listens, and not all notice that there are more again. */
  private static final List<String> ANNOUNCEMENTS = List.of(
      Addresses.EVENTS_NODE,
      Addresses.EVENTS_SESSION,
      Addresses.EVENTS_STORE,
      Addresses.EVENTS_BREAKER,
      Addresses.EVENTS_CLUSTER);

  private static final Logger log = LoggerFactory.getLogger(Registrations.class);

  private final Vertx vertx;
  private final HazelcastClusterManager manager;
  private final List<Long> timers = new ArrayList<>();

  Registrations(Vertx vertx, HazelcastClusterManager manager) {
    this.vertx = vertx;
    this.manager = manager;
  }

  /** Soon, and once more later. Many calls within that time are as good as the last one. */
  synchronized void sayAgain() {
    timers.forEach(vertx::cancelTimer);
    timers.clear();
    int place = Math.floorMod(manager.getNodeId().hashCode(), SPREAD_MILLIS);
    AFTERWARDS.forEach(delay -> timers.add(vertx.setTimer(delay.toMillis() + place, due -> say())));
  }

  private void say() {
    vertx
        .executeBlocking(
            () -> {
              // What the manager does of itself where it was this node that had been away.
              manager.stateChanged(new LifecycleEvent(LifecycleState.MERGED));
              return null;
            },
            false)
        .compose(said -> Future.all(ANNOUNCEMENTS.stream().map(this::stir).toList()))
        .onFailure(failure -> log.warn(
            "what this node has on the event bus could not be said again to the cluster; other nodes may"
                + " not hear it ({})",
            failure.getClass().getSimpleName()));
  }

  /** Only an entry that is new makes the nodes read anew who listens there. */
  private Future<Void> stir(String address) {
    MessageConsumer<Object> passing = vertx.eventBus().consumer(address, ignored -> {});
    return passing.completion().eventually(passing::unregister);
  }
}
