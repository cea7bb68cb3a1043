package io.consoul.gc;

import io.consoul.fault.FaultException;
import io.consoul.message.GcRun;
import io.consoul.message.Hello;
import io.consoul.message.Kind;
import io.consoul.message.Sweep;
import io.consoul.message.Swept;
import io.consoul.node.Node;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Asks every session instance for step after step until nothing is left. {@link Runs} sees to it that one collection is
 * under way at a time. The pauses between the steps are timers, so a run ends with its verticle.
 */
final class Collection {

  private static final Logger log = LoggerFactory.getLogger(Collection.class);

  private final Vertx vertx;
  private final Node node;
  private final Patience patience;
  private GcConfig config;

  /** Inboxes of instances that did not take their last collection. */
  private final Set<String> skipping = new HashSet<>();

  Collection(Vertx vertx, Node node, GcConfig config, Patience patience) {
    this.vertx = vertx;
    this.node = node;
    this.config = config;
    this.patience = patience;
  }

  /** For the runs from now on; the one that is under way only pauses as this says. */
  void change(GcConfig changed) {
    config = changed;
  }

  /** @param orphansOnly settle turns whose provider is gone, and leave what has expired */
  Future<GcRun> run(boolean orphansOnly) {
    Instant started = node.clock().instant();
    Sweep sweep = new Sweep(config.batchSize(), orphansOnly);
    List<Hello> serving = node.directory().serving(Kind.SESSION);
    skipping.retainAll(serving.stream().map(Hello::inbox).toList());
    List<Future<Tally>> instances =
        serving.stream().map(instance -> steps(instance, sweep, Tally.NOTHING)).toList();
    return Future.all(instances).map(done -> {
      Tally total = done.<Tally>list().stream().reduce(Tally.NOTHING, Tally::plus);
      GcRun run = new GcRun(
          started,
          Duration.between(started, node.clock().instant()).toMillis(),
          orphansOnly,
          total.expired(),
          total.orphans(),
          total.strays(),
          total.skipped());
      report(run);
      return run;
    });
  }

  private Future<Tally> steps(Hello instance, Sweep sweep, Tally before) {
    return node.bus()
        .ask(Kind.SESSION, instance.inbox(), sweep, Swept.class, patience.instance())
        .transform(step -> step.succeeded()
            ? taken(instance, sweep, before.plus(step.result()), step.result().more())
            : skipped(instance, before, step.cause()));
  }

  private Future<Tally> taken(Hello instance, Sweep sweep, Tally total, boolean more) {
    if (skipping.remove(instance.inbox())) {
      log.info(
          "a session instance takes its collections again: inbox={} node={}",
          instance.inbox(),
          instance.node());
    }
    return more
        ? vertx
            .timer(config.pause().toMillis(), TimeUnit.MILLISECONDS)
            .compose(waited -> steps(instance, sweep, total))
        : Future.succeededFuture(total);
  }

  /** With a look for orphans every few seconds, one that is away would have a warning for each. */
  private Future<Tally> skipped(Hello instance, Tally before, Throwable failure) {
    Level level = skipping.add(instance.inbox()) ? Level.WARN : Level.DEBUG;
    log.atLevel(level)
        .log(
            "a session instance did not take its collection; left to the next run: inbox={} node={} fault={}",
            instance.inbox(),
            instance.node(),
            failure instanceof FaultException known
                ? known.fault().code()
                : failure.getClass().getName());
    return Future.succeededFuture(before.skipping());
  }

  /** A full run always has its line, so that its absence says something; a look for orphans when it found some. */
  private static void report(GcRun run) {
    if (!run.orphansOnly() || run.orphans() > 0 || run.strays() > 0) {
      log.info(
          "collected expired_sessions={} orphaned_turns={} strays={} skipped_instances={} duration_ms={} orphans_only={}",
          run.expired(),
          run.orphans(),
          run.strays(),
          run.skipped(),
          run.durationMillis(),
          run.orphansOnly());
    }
  }
}
