package io.consoul.gc;

import io.consoul.node.Node;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;

/** Decides when expired sessions and orphaned turns are collected. The session verticles do the collecting. */
public final class GcVerticle extends VerticleBase {

  private final GcConfig config;
  private final Node node;

  public GcVerticle(GcConfig config, Node node) {
    this.config = config;
    this.node = node;
  }

  @Override
  public Future<?> start() {
    Collection collection = new Collection(vertx, node, config);
    vertx.setPeriodic(config.orphanInterval().toMillis(), id -> collection.orphans());
    if (!config.interval().isZero()) {
      vertx.setPeriodic(config.interval().toMillis(), id -> collection.everything());
    }
    return Future.succeededFuture(); // the timers end with the verticle
  }
}
