package io.consoul.session;

import io.consoul.message.Addresses;
import io.consoul.message.Bus;
import io.consoul.message.BusMessage;
import io.consoul.message.Handlers;
import io.consoul.message.Kind;
import io.consoul.message.SessionRequest;
import io.consoul.message.WireType;
import io.consoul.node.Node;
import io.vertx.core.Future;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The public addresses of sessions ({@link Addresses}): they reach any instance; a session belongs to one. */
final class SessionAddresses {

  private final Node node;
  private final String ownInbox;
  private final Handlers inboxHandlers;
  private final Elsewhere elsewhere;
  private final List<MessageConsumer<Object>> consumers = new ArrayList<>();

  /** @param inboxHandlers get a handler of each request as well */
  SessionAddresses(Node node, String ownInbox, Handlers inboxHandlers) {
    this.node = node;
    this.ownInbox = ownInbox;
    this.inboxHandlers = inboxHandlers;
    this.elsewhere = new Elsewhere(node, ownInbox);
  }

  /** Takes a request here when the session is this instance's, and hands it to its owner when it is not. */
  <R extends SessionRequest> SessionAddresses serve(
      String address,
      WireType type,
      Class<R> request,
      Function<R, ? extends Future<? extends BusMessage>> handler) {
    Function<R, Future<BusMessage>> here =
        message -> orElsewhere(handler.apply(message), message.sessionKey(), message);
    return serveAny(address, type, request, here, message -> handOn(message, here));
  }

  /** Takes a request that any instance can answer. */
  <M extends BusMessage> SessionAddresses serveAny(
      String address,
      WireType type,
      Class<M> request,
      Function<M, ? extends Future<? extends BusMessage>> handler) {
    Function<M, Future<BusMessage>> here =
        message -> orElsewhere(handler.apply(message), "", message);
    return serveAny(address, type, request, here, here);
  }

  /** What this instance cannot do because it does not reach its store, one that does is asked for. */
  private Future<BusMessage> orElsewhere(
      Future<? extends BusMessage> reply, String key, BusMessage request) {
    return reply
        .<BusMessage>map(answer -> answer)
        .recover(failure -> elsewhere.ask(failure, key, request));
  }

  /** Nothing comes in any more. */
  Future<?> close() {
    return Future.all(consumers.stream().map(MessageConsumer::unregister).toList());
  }

  /** Succeeds when all are known to the cluster. */
  Future<?> completion() {
    return Future.all(consumers.stream().map(MessageConsumer::completion).toList());
  }

  private <M extends BusMessage> SessionAddresses serveAny(
      String address,
      WireType type,
      Class<M> request,
      Function<M, ? extends Future<? extends BusMessage>> inInbox,
      Function<M, ? extends Future<? extends BusMessage>> inPublic) {
    inboxHandlers.on(request, inInbox);
    consumers.add(node.bus().serve(address, type, new Handlers().on(request, inPublic)));
    return this;
  }

  private <R extends SessionRequest> Future<? extends BusMessage> handOn(
      R request, Function<R, ? extends Future<? extends BusMessage>> handler) {
    String owner = node.directory()
        .pickFor(Kind.SESSION, request.sessionKey())
        .map(hello -> hello.inbox())
        .orElse(ownInbox);
    return owner.equals(ownInbox)
        ? handler.apply(request)
        : node.bus().ask(Kind.SESSION, owner, request, Bus.ACKNOWLEDGEMENT);
  }
}
