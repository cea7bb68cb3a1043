package io.consoul.gateway;

import io.consoul.gateway.key.Credentials;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import java.time.Duration;

/**
 * Tells browsers that their key is not accepted. They cannot see the status of a refused upgrade, so they get their
 * WebSocket, and a close frame that says why.
 */
final class SocketRefusal {

  static final String REASON = "Authentication required";

  /** What a refused caller may hold a connection for after the close frame. */
  private static final Duration GRACE = Duration.ofSeconds(1);

  private final Vertx vertx;
  private final Edge edge;
  private final Connections connections;

  SocketRefusal(Vertx vertx, Edge edge, Connections connections) {
    this.vertx = vertx;
    this.edge = edge;
    this.connections = connections;
  }

  /** @return false where the caller is to have the status */
  boolean tells(Exchange exchange) {
    HttpServerRequest request = exchange.request();
    boolean browser = Handshake.isWhole(request) && Credentials.areInSubprotocols(request);
    if (!browser || !edge.socketOpened()) {
      return false;
    }
    Credentials.forget(request);
    request.toWebSocket().onSuccess(socket -> close(socket, exchange)).onFailure(failure -> {
      edge.socketClosed();
      exchange.abandon();
    });
    return true;
  }

  private void close(ServerWebSocket socket, Exchange exchange) {
    HttpConnection connection = exchange.request().connection();
    connections.upgraded(connection);
    exchange.abandon();
    long timer = vertx.setTimer(GRACE.toMillis(), id -> RawConnection.close(connection));
    socket.exceptionHandler(failure -> {});
    socket.closeHandler(closed -> {
      vertx.cancelTimer(timer);
      edge.socketClosed();
    });
    socket.close((short) SocketWriter.POLICY_VIOLATION, REASON);
  }
}
