package io.consoul.gc;

import io.consoul.fault.FaultException;
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

/**
 * Asks every session instance for step after step until nothing is left, one run at a time. Confined to the event loop of
 * its verticle.
 */
final class Collection {

  private static final Logger log = LoggerFactory.getLogger(Collection.class);
  private static final Swept NOTHING = new Swept(0, 0, false);

  private final Vertx vertx;
  private final Node node;
  private final GcConfig config;
  private boolean running;
  private boolean fullRunDue;

  Collection(Vertx vertx, Node node, GcConfig config) {
    this.vertx = vertx;
    this.node = node;
    this.config = config;
  }

  /** Settles turns whose provider is gone. Nothing is lost when a run is under way: the next look comes soon. */
  void orphans() {
    if (!running) {
      run(true);
    }
  }

  /** Removes what has expired, too; after the run that is under way, when there is one. */
  void everything() {
    if (running) {
      fullRunDue = true;
    } else {
      run(false);
    }
  }

  private void run(boolean orphansOnly) {
    running = true;
    List<Hello> instances = node.directory().serving(Kind.SESSION);
    Future.all(instances.stream()
            .map(instance -> steps(instance, orphansOnly, NOTHING))
            .toList())
        .onSuccess(done -> report(done.list()))
        .onComplete(done -> over());
  }

  private void over() {
    running = false;
    if (fullRunDue) {
      fullRunDue = false;
      run(false);
    }
  }

  private Future<Swept> steps(Hello instance, boolean orphansOnly, Swept before) {
    Sweep sweep = new Sweep(config.batchSize(), orphansOnly);
    return node.bus()
        .ask(Kind.SESSION, instance.inbox(), sweep, Swept.class, Bus.ACKNOWLEDGEMENT)
        .transform(step -> step.succeeded()
            ? onward(
                instance,
                orphansOnly,
                plus(before, step.result()),
                step.result().more())
            : skipped(instance, before, step.cause()));
  }

  private Future<Swept> onward(Hello instance, boolean orphansOnly, Swept total, boolean more) {
    return more
        ? vertx
            .timer(config.pause().toMillis(), TimeUnit.MILLISECONDS)
            .compose(waited -> steps(instance, orphansOnly, total))
        : Future.succeededFuture(total);
  }

  private static Future<Swept> skipped(Hello instance, Swept before, Throwable failure) {
    log.warn(
        "a session instance did not take its collection; left to the next run: inbox={} node={} fault={}",
        instance.inbox(),
        instance.node(),
        failure instanceof FaultException known
            ? known.fault().code()
            : failure.getClass().getName());
    return Future.succeededFuture(before);
  }

  private static void report(List<Swept> results) {
    Swept total = results.stream().reduce(NOTHING, Collection::plus);
    if (total.expired() > 0 || total.orphans() > 0) {
      log.info("collected expired_sessions={} orphaned_turns={}", total.expired(), total.orphans());
    }
  }

  private static Swept plus(Swept left, Swept right) {
    return new Swept(left.expired() + right.expired(), left.orphans() + right.orphans(), false);
  }
}
