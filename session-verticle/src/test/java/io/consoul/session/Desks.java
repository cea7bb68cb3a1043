package io.consoul.session;

import io.consoul.message.StoreState;
import io.consoul.node.Node;
import io.vertx.core.Vertx;
import java.util.concurrent.atomic.AtomicReference;

/** The desks of an instance over a store that the test gives, wired as the verticle does. */
record Desks(TurnDesk turns, AttachDesk attach, CancelDesk cancel, Departure departure) {

  static Desks over(SessionStore store, Vertx vertx, Node node, SessionConfig config) {
    TurnQueues queues = new TurnQueues(config.maxWaiting());
    RunningTurns running = new RunningTurns(node.clock());
    Workload workload = new Workload(queues, running, config.lease().multipliedBy(2), load -> {});
    Handover handover = new Handover(node, config, store, "desk");
    ProviderLine provider = new ProviderLine(node);
    AtomicReference<TurnStart> started = new AtomicReference<>();
    TakeoverDesk takeovers = new TakeoverDesk(
        node,
        config,
        store,
        handover,
        new Conclusion(store, sealed -> {}),
        running,
        workload,
        turn -> started.get().ended(turn));
    AttachDesk attach = new AttachDesk(config, store, queues, running, provider, takeovers);
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
    started.set(start);
    AsideDesk aside = new AsideDesk(vertx, node, store, handover, queues, workload);
    return new Desks(
        new TurnDesk(vertx, node, config, store, start, aside, queues, running, workload),
        attach,
        new CancelDesk(store, start, queues, running, repeats, provider),
        new Departure(vertx, node, () -> StoreState.MEMORY, start, queues, workload));
  }
}
