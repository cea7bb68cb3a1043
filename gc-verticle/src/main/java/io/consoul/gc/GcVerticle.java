package io.consoul.gc;

import io.consoul.message.Addresses;
import io.consoul.message.Handlers;
import io.consoul.message.Kind;
import io.consoul.message.ReadGcStatus;
import io.consoul.message.RunGc;
import io.consoul.message.WireType;
import io.consoul.node.Membership;
import io.consoul.node.Node;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.List;

/**
 * Decides when expired sessions and orphaned turns are collected; one instance of the cluster does at a time. The session
 * verticles do the collecting.
 */
public final class GcVerticle extends VerticleBase {

  private final GcConfig config;
  private final Node node;
  private final Patience patience;
  private Collection collection;
  private Timetable timetable;
  private Runs runs;
  private Membership membership;
  private List<MessageConsumer<Object>> consumers;

  public GcVerticle(GcConfig config, Node node) {
    this(config, node, Patience.USUAL);
  }

  GcVerticle(GcConfig config, Node node, Patience patience) {
    this.config = config;
    this.node = node;
    this.patience = patience;
  }

  @Override
  public Future<?> start() {
    Ledger ledger = new Ledger();
    GcMeters meters = new GcMeters(node.meters());
    collection = new Collection(vertx, node, config, patience);
    runs = new Runs(orphansOnly ->
        collection.run(orphansOnly).onSuccess(ledger::enter).onSuccess(meters::enter));
    membership = node.directory().join(Kind.GC);
    Leadership leadership = new Leadership(node, membership);
    timetable = new Timetable(vertx, node.clock(), config, runs, leadership);
    GcDesk desk = new GcDesk(vertx, node.bus(), runs, ledger, timetable, leadership, patience);
    timetable.begin();
    consumers = List.of(
        node.bus()
            .serve(
                membership.inbox(),
                new Handlers().on(RunGc.class, desk::run).on(ReadGcStatus.class, desk::status)),
        node.bus()
            .serve(Addresses.GC_RUN, WireType.GC_RUN, new Handlers().on(RunGc.class, desk::run)),
        node.bus()
            .serve(
                Addresses.GC_STATUS,
                WireType.GC_STATUS_GET,
                new Handlers().on(ReadGcStatus.class, desk::status)));
    return Future.join(consumers.stream().map(MessageConsumer::completion).toList());
  }

  /** All of it is from now on as it is in there; a run that is under way goes on. On any thread, once it has started. */
  public Future<Void> apply(GcConfig changed) {
    Promise<Void> done = Promise.promise();
    context.runOnContext(now -> {
      collection.change(changed);
      timetable.change(changed);
      done.complete();
    });
    return done.future();
  }

  /** A run under way is abandoned: what it has not come to is there for the next one, whoever does it. */
  @Override
  public Future<?> stop() {
    membership.leave();
    runs.close();
    return Future.join(consumers.stream().map(MessageConsumer::unregister).toList());
  }
}
