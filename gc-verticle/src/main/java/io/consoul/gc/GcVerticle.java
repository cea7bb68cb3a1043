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
    Collection orphans = new Collection(vertx, node, config, true);
    vertx.setPeriodic(config.orphanInterval().toMillis(), id -> orphans.run());
    if (!config.interval().isZero()) {
      Collection everything = new Collection(vertx, node, config, false);
      vertx.setPeriodic(config.interval().toMillis(), id -> everything.run());
    }
    return Future.succeededFuture(); // the timers end with the verticle
  }
}
