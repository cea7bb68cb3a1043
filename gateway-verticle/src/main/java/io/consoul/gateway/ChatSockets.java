package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.gateway.key.Credentials;
import io.consoul.gateway.observe.SocketObserver;
import io.consoul.message.SessionId;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.ServerWebSocket;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** WebSocket /ws/chat/{session_id}: checks the upgrade, and knows the open sockets of one gateway instance. */
final class ChatSockets {

  private final Vertx vertx;
  private final Edge edge;
  private final GatewayConfig.Sockets limits;
  private final Toll toll;
  private final Connections connections;
  private final InProgress inProgress;
  private final TurnPeers peers;
  private final TurnStreams streams;
  private final GatewayMeters meters;
  private final Set<ChatSocket> open = new HashSet<>();
  private boolean closed;

  ChatSockets(
      Vertx vertx,
      Edge edge,
      GatewayConfig.Sockets limits,
      Toll toll,
      Connections connections,
      InProgress inProgress,
      TurnPeers peers,
      TurnStreams streams,
      GatewayMeters meters) {
    this.vertx = vertx;
    this.edge = edge;
    this.limits = limits;
    this.toll = toll;
    this.connections = connections;
    this.inProgress = inProgress;
    this.peers = peers;
    this.streams = streams;
    this.meters = meters;
  }

  void upgrade(Exchange exchange) {
    if (!Handshake.isOffered(exchange)) {
      return;
    }
    SessionId session = PathSegment.session(exchange.request().path(), 2);
    if (!edge.socketOpened()) {
      exchange.fail(Fault.SERVER_BUSY.retryAfter(
          1, "The server has as many WebSocket connections as it takes."));
      return;
    }
    exchange.onRefused(refusal -> {}); // the socket is, once it is there
    Credentials.forget(exchange.request());
    ViolationAnswer violations =
        RawConnection.answerViolations(exchange.request().connection());
    exchange
        .request()
        .toWebSocket()
        .onSuccess(socket -> accept(socket, violations, session, exchange))
        .onFailure(failure -> {
          edge.socketClosed();
          exchange.abandon();
        });
  }

  /** Each socket finishes its turn, then closes. Those that come during the grace are served until {@link #close}. */
  void drain() {
    List.copyOf(open).forEach(ChatSocket::drain);
  }

  /** The grace is over: no other comes, and those that came during it finish their turns, too. */
  void close() {
    closed = true;
    drain();
  }

  /** Each socket closes whatever is in progress; its client goes on elsewhere. */
  void restartAll() {
    List.copyOf(open).forEach(ChatSocket::restart);
  }

  /** To be called now and then: ends those whose key does not count any more. */
  void closeRefused() {
    List.copyOf(open).forEach(ChatSocket::checkStanding);
  }

  void dropAll() {
    List.copyOf(open).forEach(ChatSocket::drop);
  }

  private void accept(
      ServerWebSocket socket, ViolationAnswer violations, SessionId session, Exchange exchange) {
    inProgress.begin();
    HttpConnection connection = exchange.request().connection();
    connections.upgraded(connection);
    SocketObserver observer = exchange.observer().upgraded();
    exchange.abandon();
    ChatSocket[] self = new ChatSocket[1];
    self[0] = new ChatSocket(
        vertx,
        socket,
        connection,
        violations,
        session,
        exchange.standing(),
        toll,
        peers,
        streams,
        limits,
        observer,
        meters::slowClient,
        () -> {
          open.remove(self[0]);
          edge.socketClosed();
          inProgress.end();
        });
    open.add(self[0]);
    self[0].start();
    if (closed) { // while it was upgraded
      self[0].drain();
    }
  }
}
