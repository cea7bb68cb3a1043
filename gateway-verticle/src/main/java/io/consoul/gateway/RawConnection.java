package io.consoul.gateway;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.ssl.SslHandler;
import io.vertx.core.Future;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.core.net.impl.VertxConnection;
import io.vertx.core.net.impl.VertxHandler;

/**
 * What Vert.x's public API cannot do with a connection, from its internal one: close it although its peer reads nothing
 * (every public close waits behind the stuck write queue), flush it while a read is being handled, see when something
 * comes in, reset an HTTP/2 stream whose answer is stuck, and see what comes in on a WebSocket before Vert.x does. On the
 * event loop of the connection only.
 */
final class RawConnection {

  /** Vert.x's name for the time-out that {@link GatewayConfig#serverOptions} sets. */
  private static final String IDLE = "idle";

  private static final String READS = "reads";

  /** What TLS says last has so long to leave. */
  private static final int CLOSE_NOTIFY_MILLIS = 500;

  private RawConnection() {}

  static void close(HttpConnection connection) {
    ChannelHandlerContext context = context(connection);
    SslHandler tls = context.pipeline().get(SslHandler.class);
    if (tls != null) {
      tls.setCloseNotifyFlushTimeoutMillis(CLOSE_NOTIFY_MILLIS);
    }
    context.close();
  }

  static Future<Void> closed(HttpConnection connection) {
    return ((ConnectionBase) connection).closeFuture();
  }

  static boolean isHttp2(HttpConnection connection) {
    return context(connection).handler() instanceof Http2ConnectionHandler;
  }

  /** Ends the time that TLS and HTTP/2 have for their greetings. */
  static void established(HttpConnection connection) {
    remove(connection, IDLE);
  }

  /** @param read called whenever bytes have come in on this HTTP/1 connection, before anything is made of them */
  static void onRead(HttpConnection connection, Runnable read) {
    ChannelHandler reads = new ChannelInboundHandlerAdapter() {
      @Override
      public void channelRead(ChannelHandlerContext context, Object message) {
        read.run();
        context.fireChannelRead(message);
      }
    };
    context(connection).pipeline().addBefore("httpDecoder", READS, reads);
  }

  static void stopOnRead(HttpConnection connection) {
    remove(connection, READS);
  }

  /** Ends one stream of HTTP/2, also one whose last bytes wait for the peer to make room. */
  static void reset(HttpConnection connection, int stream, long code) {
    ChannelHandlerContext context = context(connection);
    Http2ConnectionHandler http2 = (Http2ConnectionHandler) context.handler();
    http2.resetStream(context, stream, code, context.newPromise());
    context.flush();
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
    ChannelHandlerContext http = ((ConnectionBase) connection).channelHandlerContext();
    ChannelHandlerContext now = http.pipeline().context(VertxHandler.class);
    return now == null ? http : now;
  }

  private static void remove(HttpConnection connection, String handler) {
    ChannelPipeline pipeline = context(connection).pipeline();
    if (pipeline.get(handler) != null) {
      pipeline.remove(handler);
    }
  }
}
