package io.consoul.session;

import io.consoul.node.Node;
import io.vertx.core.Vertx;

/** The desks of an instance over a store that the test gives, wired as the verticle does. */
record Desks(TurnDesk turns, AttachDesk attach, CancelDesk cancel) {

  static Desks over(SessionStore store, Vertx vertx, Node node, SessionConfig config) {
    TurnQueues queues = new TurnQueues(config.maxWaiting());
    RunningTurns running = new RunningTurns(node.clock());
    Workload workload = new Workload(queues, running, load -> {});
    Handover handover = new Handover(node, config, store, "desk");
    ProviderLine provider = new ProviderLine(node.bus());
    AttachDesk attach = new AttachDesk(store, queues, running, provider);
    Repeats repeats = new Repeats();
    TurnStart start = new TurnStart(
        vertx,
        node,
        config,
        store,
        handover,
        new Elsewhere(node, "desk"),
        attach,
        queues,
        running,
        repeats,
        workload);
    AsideDesk aside = new AsideDesk(vertx, node, store, handover, queues, workload);
    return new Desks(
        new TurnDesk(vertx, node, config, store, start, aside, queues, running, workload),
        attach,
        new CancelDesk(store, start, queues, running, repeats, provider));
  }
}
