package io.consoul.launcher;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.Addresses;
import io.consoul.message.Bus;
import io.consoul.message.DrainNode;
import io.consoul.message.Handlers;
import io.consoul.message.Kind;
import io.consoul.message.NodeChanged;
import io.consoul.message.WireType;
import io.consoul.node.Node;
import io.vertx.core.Future;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** Takes the order to drain a node, this one or any other, and hands it to the one that is meant. */
final class DrainDesk {

  private final Node node;
  private final Supplier<Set<String>> nodes;
  private final Supplier<NodeChanged> drain;
  private List<MessageConsumer<Object>> consumers = List.of();

  /**
   * @param nodes ids of all nodes that there are
   * @param drain begins to drain this node and returns at once; more than once is as once
   */
  DrainDesk(Node node, Supplier<Set<String>> nodes, Supplier<NodeChanged> drain) {
    this.node = node;
    this.nodes = nodes;
    this.drain = drain;
  }

  Future<?> open() {
    consumers = List.of(
        node.bus()
            .serve(
                Addresses.NODE_DRAIN,
                WireType.NODE_DRAIN,
                new Handlers().on(DrainNode.class, this::passOn)),
        node.bus().serve(inbox(node.id()), new Handlers().on(DrainNode.class, order -> drained())));
    return Future.join(consumers.stream().map(MessageConsumer::completion).toList());
  }

  Future<?> close() {
    return Future.join(consumers.stream().map(MessageConsumer::unregister).toList());
  }

  private Future<NodeChanged> passOn(DrainNode order) {
    String id = order.node();
    if (id.equals(node.id())) {
      return drained();
    }
    if (!nodes.get().contains(id)) {
      return Future.failedFuture(Fault.FIELD_VALIDATION_FAILED.inField(
          "node", "is none of the cluster; " + Addresses.EVENTS_NODE + " tells their ids"));
    }
    return node.bus()
        .ask(Kind.GC, inbox(id), order, NodeChanged.class, Bus.ACKNOWLEDGEMENT)
        .recover(failure -> Future.failedFuture(unanswered(failure)));
  }

  private Future<NodeChanged> drained() {
    return Future.succeededFuture(drain.get());
  }

  /** The kind that the bus would name does not matter: it is the node that is silent. */
  private static Throwable unanswered(Throwable failure) {
    boolean silent = failure instanceof FaultException known && known.fault() == Kind.GC.absent();
    return silent
        ? Fault.SERVER_BUSY.retryAfter(
            1, "the node did not answer: it may have just left, or is not up yet")
        : failure;
  }

  /** Known from the id alone: no directory is needed where there may be no verticle yet. */
  private static String inbox(String id) {
    return "consoul.node.inbox." + id;
  }
}
