package io.consoul.gc;

import io.consoul.message.Bus;
import io.consoul.message.Hello;
import io.consoul.message.Kind;
import io.consoul.message.Sweep;
import io.consoul.message.Swept;
import io.consoul.node.Node;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One kind of collection: asks every session instance for step after step until nothing is left, one run at a time. */
final class Collection {

  private static final Logger log = LoggerFactory.getLogger(Collection.class);
  private static final Swept NOTHING = new Swept(0, 0, false);

  private final Vertx vertx;
  private final Node node;
  private final GcConfig config;
  private final boolean orphansOnly;
  private boolean running;

  Collection(Vertx vertx, Node node, GcConfig config, boolean orphansOnly) {
    this.vertx = vertx;
    this.node = node;
    this.config = config;
    this.orphansOnly = orphansOnly;
  }

  /** Does nothing while the last run is not over. */
  void run() {
    if (running) {
      return;
    }
    running = true;
    List<Hello> instances = node.directory().serving(Kind.SESSION);
    Future.all(
            instances.stream().map(instance -> steps(instance.inbox(), NOTHING)).toList())
        .onComplete(done -> running = false)
        .onSuccess(done -> report(done.list()));
  }

  private Future<Swept> steps(String inbox, Swept before) {
    return node.bus()
        .ask(
            Kind.SESSION,
            inbox,
            new Sweep(config.batchSize(), orphansOnly),
            Swept.class,
            Bus.ACKNOWLEDGEMENT)
        .compose(step -> {
          Swept total = plus(before, step);
          return step.more()
              ? vertx
                  .timer(config.pause().toMillis(), TimeUnit.MILLISECONDS)
                  .compose(waited -> steps(inbox, total))
              : Future.succeededFuture(total);
        })
        .recover(failure -> {
          log.warn("a session instance did not take its collection; left to the next run");
          return Future.succeededFuture(before);
        });
  }

  private void report(List<Swept> results) {
    Swept total = results.stream().reduce(NOTHING, Collection::plus);
    if (total.expired() > 0 || total.orphans() > 0) {
      log.info("collected expired_sessions={} orphaned_turns={}", total.expired(), total.orphans());
    }
  }

  private static Swept plus(Swept left, Swept right) {
    return new Swept(left.expired() + right.expired(), left.orphans() + right.orphans(), false);
  }
}
