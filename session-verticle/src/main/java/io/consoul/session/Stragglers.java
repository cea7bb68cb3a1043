package io.consoul.session;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Iterator;

/**
 * Merges what no node merges that was in the outage itself: it does not reach Redis, while others do, or is gone. Confined to
 * one event loop.
 */
final class Stragglers {

  /** Of turns that are settled at a time because their provider is lost. */
  private static final int SETTLED = 100;

  private final Vertx vertx;
  private final ClusterInstances others;
  private final SessionPlaces places;
  private final Shelter shelter;
  private final Merge merge;
  private boolean busy;

  Stragglers(
      Vertx vertx, ClusterInstances others, SessionPlaces places, Shelter shelter, Merge merge) {
    this.vertx = vertx;
    this.others = others;
    this.places = places;
    this.shelter = shelter;
    this.merge = merge;
  }

  /** To be called again and again; does nothing while it is at it. */
  void fetch() {
    if (busy) {
      return;
    }
    busy = true;
    shelter
        .store()
        .sweep(SETTLED, true)
        .compose(settled -> isMine() ? shelter.guests() : Future.succeededFuture())
        .compose(
            guests -> guests == null ? Future.<Void>succeededFuture() : mergeAll(guests.iterator()))
        .onComplete(done -> busy = false);
  }

  private boolean isMine() {
    return !places.isAway() && others.isFirst();
  }

  private Future<Void> mergeAll(Iterator<String> sessions) {
    if (!sessions.hasNext() || !isMine()) {
      return Future.succeededFuture();
    }
    return merge
        .session(sessions.next(), false)
        .otherwise(false) // it is fetched again
        .compose(next -> vertx.timer(1)) // off the stack: there may be many
        .compose(next -> mergeAll(sessions));
  }
}
