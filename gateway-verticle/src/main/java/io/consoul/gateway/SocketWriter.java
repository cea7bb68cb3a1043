package io.consoul.gateway;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Everything that goes out on one socket. What a client does not take waits here up to a bound; a client that takes
 * nothing for a while is closed, and cut off when it does not even read that.
 */
final class SocketWriter {

  /** How long a client may take to answer the closing of its connection. */
  static final int CLOSING_SECONDS = 5;

  static final int POLICY_VIOLATION = 1008;

  private static final int QUEUE_BYTES = 64 * 1024;

  private static final long NO_TIMER = -1;

  /** A client that was too slow for its messages is hardly quicker with a close frame. */
  private static final Duration STALLED_GRACE = Duration.ofSeconds(1);

  private record Farewell(int code, String reason) {}

  private final Vertx vertx;
  private final ServerWebSocket socket;
  private final HttpConnection connection;
  private final int maxWaiting;
  private final Duration sendTimeout;
  private final Queue<String> waiting = new ArrayDeque<>();
  private final StallGuard guard;
  private final Runnable slow;
  private final Runnable drained;
  private Farewell farewell;
  private boolean closing;
  private boolean reading = true;
  private long cutTimer = NO_TIMER;

  /**
   * @param connection that became the socket
   * @param slow called when the client is closed because it does not read
   * @param drained called when {@link #isFull} is false again
   */
  SocketWriter(
      Vertx vertx,
      InstantSource clock,
      ServerWebSocket socket,
      HttpConnection connection,
      GatewayConfig.Sockets limits,
      Runnable slow,
      Runnable drained) {
    this.vertx = vertx;
    this.socket = socket;
    this.connection = connection;
    this.maxWaiting = limits.maxBuffer();
    this.sendTimeout = limits.sendTimeout();
    this.slow = slow;
    this.drained = drained;
    this.guard = new StallGuard(vertx, clock, limits.sendTimeout(), this::stalled);
    socket.setWriteQueueMaxSize(QUEUE_BYTES);
    socket.drainHandler(this::drained);
  }

  /** Whether a message would have to wait, or would not be sent at all. */
  boolean isFull() {
    return isClosing() || isStuck();
  }

  boolean isClosing() {
    return closing || farewell != null || socket.isClosed();
  }

  void send(JsonObject message) {
    if (isClosing()) {
      return;
    }
    if (!isStuck()) {
      write(message.encode());
    } else if (waiting.size() < maxWaiting) {
      waiting.add(message.encode());
    } else {
      cut();
    }
  }

  /** A control frame; left out when the client does not read. */
  void ping() {
    if (!isFull()) {
      guard.watch(socket.writePing(Buffer.buffer()));
    }
  }

  /**
   * Reads no more from a client that does not read what it is sent: pongs and errors go out in answer to what it sends.
   * To be called after every frame.
   */
  void throttle() {
    if (!isStuck()) {
      return;
    }
    guard.full();
    if (reading) {
      reading = false;
      RawConnection.read(connection, false);
    }
  }

  /** Closes when all that waits has left. */
  void close(int code, String reason) {
    if (isClosing()) {
      return;
    }
    if (waiting.isEmpty()) {
      close(code, reason, Duration.ofSeconds(CLOSING_SECONDS));
    } else {
      farewell = new Farewell(code, reason);
    }
  }

  /** Closes without a word. */
  void drop() {
    closing = true;
    waiting.clear();
    RawConnection.close(connection);
  }

  /** The socket is closed. */
  void closed() {
    closing = true;
    waiting.clear();
    guard.stop();
    vertx.cancelTimer(cutTimer);
  }

  /** The peer closes it and is answered; one that does not even read that is cut off. */
  void closedByPeer() {
    closing = true;
    waiting.clear();
    cutIn(sendTimeout);
  }

  /** @return false where the last word was said already; from now on somebody else says what is said */
  boolean leaveTo() {
    boolean first = !closing;
    closing = true;
    waiting.clear();
    return first;
  }

  private boolean isStuck() {
    return !socket.isClosed() && (!waiting.isEmpty() || socket.writeQueueFull());
  }

  private void write(String message) {
    guard.watch(socket.writeTextMessage(message));
  }

  private void drained(Void none) {
    guard.drained();
    while (!closing && !socket.isClosed() && !waiting.isEmpty() && !socket.writeQueueFull()) {
      write(waiting.poll());
    }
    if (socket.isClosed() || isStuck()) {
      return;
    }
    if (!reading) {
      reading = true;
      RawConnection.read(connection, true);
    }
    if (closing) {
      return;
    }
    if (farewell != null) {
      close(farewell.code(), farewell.reason(), Duration.ofSeconds(CLOSING_SECONDS));
      return;
    }
    drained.run();
  }

  private void stalled() {
    if (closing) {
      drop();
    } else {
      cut();
    }
  }

  private void cut() {
    slow.run();
    waiting.clear();
    close(POLICY_VIOLATION, "The client reads too slowly", STALLED_GRACE);
  }

  private void close(int code, String reason, Duration grace) {
    closing = true;
    socket.close((short) code, reason);
    cutIn(grace);
  }

  private void cutIn(Duration grace) {
    vertx.cancelTimer(cutTimer);
    cutTimer = vertx.setTimer(grace.toMillis(), id -> RawConnection.close(connection));
  }
}
