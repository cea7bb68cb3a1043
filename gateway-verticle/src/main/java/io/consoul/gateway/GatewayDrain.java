package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.node.Membership;
import io.consoul.node.Node;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;

/**
 * One gateway instance on its way out. It is not ready at once; for the grace it still answers whoever has not seen that; then it
 * takes nothing new, and what is in progress has the rest of the node's drain. Confined to the instance's event loop.
 */
final class GatewayDrain {

  /** What is ended early has so long to be told. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(1);

  private final Vertx vertx;
  private final Node node;
  private final Edge edge;
  private final Membership membership;
  private final FrontDoor door;
  private final ChatSockets sockets;
  private final Connections connections;
  private final InProgress inProgress;
  private final Promise<Void> closed = Promise.promise();
  private boolean begun;

  GatewayDrain(
      Vertx vertx,
      Node node,
      Edge edge,
      Membership membership,
      FrontDoor door,
      ChatSockets sockets,
      Connections connections,
      InProgress inProgress) {
    this.vertx = vertx;
    this.node = node;
    this.edge = edge;
    this.membership = membership;
    this.door = door;
    this.sockets = sockets;
    this.connections = connections;
    this.inProgress = inProgress;
  }

  /** Repeating it changes nothing. */
  void begin() {
    if (begun) {
      return;
    }
    begun = true;
    membership.drain();
    sockets.drain();
    connections.drain();
    Duration left = node.drain().left();
    Duration grace = edge.drainGrace().compareTo(left) < 0 ? edge.drainGrace() : left;
    if (grace.isZero()) {
      close();
    } else {
      vertx.setTimer(grace.toMillis(), id -> close());
    }
  }

  /** @return succeeds when nothing is in progress; what has not finished in time was ended, so that its client goes on elsewhere */
  Future<Void> finish() {
    begin();
    return within(node.drain().left(), closed.future().compose(taken -> inProgress.ended()))
        .compose(late -> {
          sockets.restartAll();
          door.endAll(Fault.SERVER_BUSY.retryAfter(
              1, "This server is shutting down and has not the whole answer; ask again for it."));
          return within(LAST_WORDS, inProgress.ended());
        });
  }

  private void close() {
    door.close();
    sockets.close();
    connections.shutdown(node.drain().left());
    closed.complete();
  }

  private Future<Void> within(Duration limit, Future<Void> work) {
    Promise<Void> done = Promise.promise();
    long timer = vertx.setTimer(Math.max(1, limit.toMillis()), id -> done.tryComplete());
    work.onComplete(result -> done.tryComplete());
    return done.future().onComplete(result -> vertx.cancelTimer(timer));
  }
}
