package io.consoul.launcher;

import com.hazelcast.partition.PartitionService;
import io.consoul.node.Directory;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Set;

/**
 * A node that has just joined waits, before it takes work, until the shared maps have found their places and it has heard of
 * the others: it would keep its first requests waiting, or think that there is nobody who could answer them.
 */
final class Arrival {

  /** Between two hellos, and a little more. Whoever says none is starting as well. */
  private static final Duration HELLOS = Duration.ofMillis(1_200);

  /** What moves longer than that moves much; requests to it wait meanwhile, and succeed. */
  private static final Duration PARTITIONS = Duration.ofSeconds(5);

  private static final long LOOK_MILLIS = 50;

  private final Vertx vertx;

  Arrival(Vertx vertx) {
    this.vertx = vertx;
  }

  /** Never fails. */
  Future<Void> heardOf(Set<String> nodes, Directory directory) {
    return until(
        () -> Future.succeededFuture(nodes.stream().allMatch(directory::knowsNode)), HELLOS);
  }

  /** Never fails. */
  Future<Void> settled(PartitionService partitions) {
    return until(
        () -> vertx.executeBlocking(
            () -> partitions.getPartitions().stream().allMatch(each -> each.getOwner() != null)
                && partitions.isLocalMemberSafe(),
            false),
        PARTITIONS);
  }

  private Future<Void> until(Look look, Duration limit) {
    Promise<Void> arrived = Promise.promise();
    long timer = vertx.setTimer(limit.toMillis(), late -> arrived.tryComplete());
    look(look, arrived);
    return arrived.future().onComplete(done -> vertx.cancelTimer(timer));
  }

  private void look(Look look, Promise<Void> arrived) {
    look.now().otherwise(false).onSuccess(there -> {
      if (there) {
        arrived.tryComplete();
      } else if (!arrived.future().isComplete()) {
        vertx.setTimer(LOOK_MILLIS, again -> look(look, arrived));
      }
    });
  }

  private interface Look {
    Future<Boolean> now();
  }
}
