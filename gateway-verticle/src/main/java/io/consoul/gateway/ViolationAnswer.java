package io.consoul.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
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

  private final Duration linger;
  private final BooleanSupplier violated;
  private ChannelHandlerContext context;
  private boolean failed;

  /** @param violated called once, before the answer; false where the socket has said its last word already */
  ViolationAnswer(Duration linger, BooleanSupplier violated) {
    this.linger = linger;
    this.violated = violated;
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
    context.executor().schedule(() -> context.close(), linger.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
    Throwable root = cause.getCause() == null ? cause : cause.getCause();
    if (root instanceof CorruptedWebSocketFrameException violation) {
      fail(violation.closeStatus());
    } else if (!failed) {
      from.fireExceptionCaught(cause);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    if (message instanceof CloseWebSocketFrame close && hasBadCode(close.content())) {
      fail(WebSocketCloseStatus.PROTOCOL_ERROR);
    }
    if (failed) {
      ReferenceCountUtil.release(message);
    } else {
      from.fireChannelRead(message);
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
