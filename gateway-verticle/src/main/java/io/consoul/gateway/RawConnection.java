package io.consoul.gateway;

import io.netty.channel.ChannelHandlerContext;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.VertxConnection;
import io.vertx.core.net.impl.VertxHandler;

/**
 * What Vert.x's public API cannot do with a connection, from its internal one: close it although its peer reads nothing
 * (every public close waits behind the stuck write queue), flush it while a read is being handled, and see what comes in on a
 * WebSocket before Vert.x does. On the event loop of the connection only.
 */
final class RawConnection {

  private RawConnection() {}

  static void close(HttpConnection connection) {
    context(connection).close();
  }

  /**
   * Stops and starts reading. (A paused socket goes on with pings, for Vert.x answers those itself and asks for the next
   * frame.)
   */
  static void read(HttpConnection connection, boolean on) {
    context(connection).channel().config().setAutoRead(on);
  }

  /** Sends what was written although the connection is about to be closed for a malformed request. */
  static void flush(HttpConnection connection) {
    ((VertxConnection) connection).flush();
  }

  /** From now on the answer sees what comes in before Vert.x does. To be called before the connection is upgraded. */
  static ViolationAnswer answerViolations(HttpConnection connection) {
    ViolationAnswer answer = new ViolationAnswer();
    ChannelHandlerContext context = context(connection);
    context.pipeline().addBefore(context.name(), "violations", answer);
    return answer;
  }

  /** Also of a connection that became a WebSocket, which vertx-web wraps so that its channel cannot be seen. */
  private static ChannelHandlerContext context(HttpConnection connection) {
    ChannelHandlerContext http = ((VertxConnection) connection).channelHandlerContext();
    ChannelHandlerContext now = http.pipeline().context(VertxHandler.class);
    return now == null ? http : now;
  }
}
