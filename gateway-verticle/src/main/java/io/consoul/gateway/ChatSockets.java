package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.SessionId;
import io.consoul.node.Node;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
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
  private final Node node;
  private final Edge edge;
  private final GatewayConfig.Sockets limits;
  private final Connections connections;
  private final InProgress inProgress;
  private final TurnStreams streams;
  private final Set<ChatSocket> open = new HashSet<>();

  ChatSockets(
      Vertx vertx,
      Node node,
      Edge edge,
      GatewayConfig.Sockets limits,
      Connections connections,
      InProgress inProgress,
      TurnStreams streams) {
    this.vertx = vertx;
    this.node = node;
    this.edge = edge;
    this.limits = limits;
    this.connections = connections;
    this.inProgress = inProgress;
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
    String path = exchange.request().path();
    SessionId session = new SessionId(decoded(path.substring(path.lastIndexOf('/') + 1)));
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
    self[0] =
        new ChatSocket(vertx, node.clock(), socket, connection, session, streams, limits, () -> {
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

  /**
   * Percent-decodes strictly: unlike in a form, a plus sign stands for itself, and unlike in the router, what is not
   * UTF-8 stands for nothing.
   */
  private static String decoded(String raw) {
    Buffer bytes = Buffer.buffer(raw.length());
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (c != '%') {
        bytes.appendString(String.valueOf(c));
        continue;
      }
      int high = i + 2 < raw.length() ? Character.digit(raw.charAt(i + 1), 16) : -1;
      int low = i + 2 < raw.length() ? Character.digit(raw.charAt(i + 2), 16) : -1;
      if (high < 0 || low < 0) {
        throw notDecodable();
      }
      bytes.appendByte((byte) (high * 16 + low));
      i += 2;
    }
    try {
      return JsonText.utf8(bytes);
    } catch (FaultException malformed) {
      throw notDecodable();
    }
  }

  private static FaultException notDecodable() {
    return Fault.SESSION_ID_INVALID.inField(
        "session_id", "must be percent-encoded UTF-8 in the path");
  }
}
