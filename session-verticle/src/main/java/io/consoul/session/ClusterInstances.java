package io.consoul.session;

import io.consoul.message.BusMessage;
import io.consoul.message.Hello;
import io.consoul.message.Kind;
import io.consoul.message.RecallSession;
import io.consoul.message.Recalled;
import io.consoul.message.SessionId;
import io.consoul.message.StoreState;
import io.consoul.message.Tenant;
import io.consoul.node.Node;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;

/** The other session instances of a cluster. Confined to one event loop. */
final class ClusterInstances implements OtherInstances {

  /** A turn waits for it to begin. */
  static final Duration PATIENCE = Duration.ofMillis(300);

  private static final long LOOK_MILLIS = 1_000;

  /** The shelter is looked at so often, in looks, while it is thought to be empty, and after the last outage. */
  private static final int LOOKS = 5;

  private final Vertx vertx;
  private final Node node;
  private final String ownInbox;
  private final Shelter shelter;
  private final Runnable room;
  private final Elsewhere elsewhere;
  private long timer = -1;
  private boolean mayShelter = true;
  private int quietLooks;

  /** @param room looks whether the shelter has any left; done every second while it may have something */
  ClusterInstances(Vertx vertx, Node node, String ownInbox, Shelter shelter, Runnable room) {
    this.vertx = vertx;
    this.node = node;
    this.ownInbox = ownInbox;
    this.shelter = shelter;
    this.room = room;
    this.elsewhere = new Elsewhere(node, ownInbox);
  }

  /** @param whileOpen to be done every second while the shelter may have something */
  void start(Runnable whileOpen) {
    timer = vertx.setPeriodic(LOOK_MILLIS, id -> {
      look();
      if (mayShelter()) {
        room.run();
        whileOpen.run();
      }
    });
  }

  void stop() {
    vertx.cancelTimer(timer);
  }

  /** A hello of a node in an outage is here before any request that it hands on because of it. */
  @Override
  public boolean mayShelter() {
    if (!mayShelter && isOutage()) {
      mayShelter = true;
      quietLooks = 0;
    }
    return mayShelter;
  }

  @Override
  public boolean reachRedis() {
    return elsewhere.inbox("").isPresent();
  }

  /** Of all instances of the cluster that reach Redis, this one does what one has to do for all. */
  boolean isFirst() {
    return node.directory().serving(Kind.SESSION).stream()
        .filter(hello -> hello.store() == StoreState.REDIS)
        .map(Hello::inbox)
        .min(Comparator.naturalOrder())
        .filter(ownInbox::equals)
        .isPresent();
  }

  @Override
  public Future<Void> recall(String sessionKey) {
    int colon = sessionKey.indexOf(':');
    RecallSession recall = new RecallSession(
        new SessionId(sessionKey.substring(colon + 1)), new Tenant(sessionKey.substring(0, colon)));
    List<Future<Recalled>> answers = node.directory().serving(Kind.SESSION).stream()
        .filter(hello -> !hello.inbox().equals(ownInbox))
        .map(hello -> node.bus().ask(Kind.SESSION, hello.inbox(), recall, Recalled.class, PATIENCE))
        .toList();
    return Future.join(answers).transform(done -> Future.succeededFuture());
  }

  @Override
  public <R extends BusMessage> Future<R> instead(
      Throwable failure, String sessionKey, BusMessage request, Class<R> reply) {
    return elsewhere.ask(failure, sessionKey, request).map(reply::cast);
  }

  private boolean isOutage() {
    return node.directory().serving(Kind.SESSION).stream()
        .anyMatch(hello -> hello.store() == StoreState.DEGRADED);
  }

  private void look() {
    if (isOutage()) {
      mayShelter = true;
      quietLooks = 0;
    } else if (++quietLooks % LOOKS == 0) {
      shelter.guests().onSuccess(guests -> mayShelter = !guests.isEmpty() || quietLooks < LOOKS);
    }
  }
}
