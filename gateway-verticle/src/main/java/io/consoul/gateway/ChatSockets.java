package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.message.SessionId;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** WebSocket /ws/chat/{session_id}: checks the upgrade, and knows the open sockets of one gateway instance. */
final class ChatSockets {

  private final Vertx vertx;
  private final Edge edge;
  private final GatewayConfig.Sockets limits;
  private final Connections connections;
  private final InProgress inProgress;
  private final TurnPeers peers;
  private final TurnStreams streams;
  private final Set<ChatSocket> open = new HashSet<>();

  ChatSockets(
      Vertx vertx,
      Edge edge,
      GatewayConfig.Sockets limits,
      Connections connections,
      InProgress inProgress,
      TurnPeers peers,
      TurnStreams streams) {
    this.vertx = vertx;
    this.edge = edge;
    this.limits = limits;
    this.connections = connections;
    this.inProgress = inProgress;
    this.peers = peers;
    this.streams = streams;
  }

  void upgrade(Exchange exchange) {
    if (!isUpgrade(exchange.request())) {
      exchange
          .response()
          .putHeader("Upgrade", "websocket")
          .putHeader("Sec-WebSocket-Version", "13");
      exchange.fail(
          426, Fault.INVALID_REQUEST_BODY.because("This path takes WebSocket connections only."));
      return;
    }
    SessionId session = PathSegment.session(exchange.request().path(), 2);
    if (!edge.socketOpened()) {
      exchange.fail(Fault.SERVER_BUSY.retryAfter(
          1, "The server has as many WebSocket connections as it takes."));
      return;
    }
    exchange
        .request()
        .toWebSocket()
        .onSuccess(socket -> accept(socket, session, exchange))
        .onFailure(failure -> {
          edge.socketClosed();
          exchange.abandon();
        });
  }

  /** Each socket finishes its turn, then closes. */
  void drain() {
    List.copyOf(open).forEach(ChatSocket::drain);
  }

  void dropAll() {
    List.copyOf(open).forEach(ChatSocket::drop);
  }

  private void accept(ServerWebSocket socket, SessionId session, Exchange exchange) {
    inProgress.begin();
    HttpConnection connection = exchange.request().connection();
    connections.upgraded(connection);
    exchange.abandon();
    ChatSocket[] self = new ChatSocket[1];
    self[0] = new ChatSocket(
        vertx, socket, connection, session, exchange.caller(), peers, streams, limits, () -> {
          open.remove(self[0]);
          edge.socketClosed();
          inProgress.end();
        });
    open.add(self[0]);
    if (edge.draining()) {
      self[0].drain();
    }
  }

  /** Vert.x checks too, but answers in its own words. */
  private static boolean isUpgrade(HttpServerRequest request) {
    String connection = request.headers().get(HttpHeaders.CONNECTION);
    return request.method() == HttpMethod.GET
        && request.headers().contains(HttpHeaders.UPGRADE, HttpHeaders.WEBSOCKET, true)
        && connection != null
        && connection.toLowerCase(Locale.ROOT).contains("upgrade")
        && "13".equals(request.getHeader("Sec-WebSocket-Version"))
        && request.getHeader("Sec-WebSocket-Key") != null;
  }
}
