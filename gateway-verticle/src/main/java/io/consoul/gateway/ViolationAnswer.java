package io.consoul.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Fails one WebSocket as RFC 6455 has it: tells its peer the status, reads nothing more of it, and gives it a moment to
 * read that. Vert.x would cut the connection without a word. It stands before Vert.x on the way in and finds what breaks the
 * protocol; what is wrong with a message is told by {@link #fail}.
 */
final class ViolationAnswer extends ChannelInboundHandlerAdapter {

  /** Nothing above it may be sent, which Netty does not look at. */
  private static final int LAST_CLOSE_CODE = 4_999;

  private static final Duration LINGER = Duration.ofSeconds(1);

  /** What a client sent that did not wait for the answer to its handshake: Vert.x would lose it. */
  private final Queue<Object> early = new ArrayDeque<>();

  private BooleanSupplier violated;
  private ChannelHandlerContext context;
  private boolean failed;

  /**
   * The socket takes frames from now on.
   *
   * @param listener called once, before the answer to what was wrong; false where the socket has said its last word already
   */
  void start(BooleanSupplier listener) {
    violated = listener;
    while (!early.isEmpty()) {
      take(early.poll());
    }
  }

  void fail(int closeCode, String reason) {
    if (failed) {
      return;
    }
    failed = true;
    if (violated.getAsBoolean()) {
      context
          .writeAndFlush(new CloseWebSocketFrame(closeCode, reason))
          .addListener(sent -> endOutput());
    }
    context.executor().schedule(() -> context.close(), LINGER.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext removed) {
    early.forEach(ReferenceCountUtil::release);
    early.clear();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
    Throwable root = cause.getCause() == null ? cause : cause.getCause();
    if (root instanceof CorruptedWebSocketFrameException) {
      takeOrKeep(root);
    } else if (!failed) {
      from.fireExceptionCaught(cause);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    if (message instanceof WebSocketFrame) {
      takeOrKeep(message);
    } else {
      from.fireChannelRead(message);
    }
  }

  private void takeOrKeep(Object frameOrViolation) {
    if (violated == null) {
      early.add(frameOrViolation);
    } else {
      take(frameOrViolation);
    }
  }

  private void take(Object frameOrViolation) {
    if (frameOrViolation instanceof CorruptedWebSocketFrameException violation) {
      fail(violation.closeStatus());
    } else if (frameOrViolation instanceof CloseWebSocketFrame close
        && hasBadCode(close.content())) {
      fail(WebSocketCloseStatus.PROTOCOL_ERROR);
    }
    if (failed) {
      ReferenceCountUtil.release(frameOrViolation);
    } else {
      context.fireChannelRead(frameOrViolation);
    }
  }

  private void fail(WebSocketCloseStatus status) {
    fail(status.code(), status.reasonText());
  }

  private static boolean hasBadCode(ByteBuf payload) {
    return payload.readableBytes() >= Short.BYTES
        && payload.getUnsignedShort(payload.readerIndex()) > LAST_CLOSE_CODE;
  }

  /** The peer sees the end at once, and what it still sends does not cost it the status, as a reset would. */
  private void endOutput() {
    if (context.channel() instanceof DuplexChannel channel && channel.isActive()) {
      channel.shutdownOutput();
    }
  }
}
