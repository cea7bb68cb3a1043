package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.SessionId;
import io.consoul.message.TurnId;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * One WebSocket of a session: its messages run one after the other, and their answers go out as they come. Confined to
 * the event loop of its gateway instance.
 */
final class ChatSocket implements SocketMessages.Receiver {

  private static final int GOING_AWAY = 1001;
  private static final int SERVICE_RESTART = 1012;

  /** A peer that left so many pings unanswered is gone. */
  private static final int MAX_UNANSWERED = 2;

  private static final Duration VIOLATION_LINGER = Duration.ofSeconds(1);

  private record Message(String text, String model) {}

  private final Vertx vertx;
  private final InstantSource clock;
  private final ServerWebSocket socket;
  private final SessionId session;
  private final TurnStreams streams;
  private final GatewayConfig.Sockets limits;
  private final SocketWriter writer;
  private final SocketMessages messages = new SocketMessages(this);
  private final Queue<Message> waiting = new ArrayDeque<>();
  private final long pings;
  private TurnStream turn;
  private int unanswered;
  private long lastMessage;
  private long idleTimer;
  private boolean draining;

  /** @param connection that became the socket */
  ChatSocket(
      Vertx vertx,
      InstantSource clock,
      ServerWebSocket socket,
      HttpConnection connection,
      SessionId session,
      TurnStreams streams,
      GatewayConfig.Sockets limits,
      Runnable closed) {
    this.vertx = vertx;
    this.clock = clock;
    this.socket = socket;
    this.session = session;
    this.streams = streams;
    this.limits = limits;
    this.writer = new SocketWriter(vertx, clock, socket, connection, limits, this::writable);
    this.pings = vertx.setPeriodic(limits.pingInterval().toMillis(), id -> ping());
    this.lastMessage = clock.millis();
    checkIdleIn(limits.idleTimeout().toMillis());
    socket.frameHandler(this::frame);
    socket.pongHandler(pong -> unanswered = 0);
    socket.exceptionHandler(failure -> {});
    socket.closeHandler(none -> {
      closed();
      closed.run();
    });
    RawConnection.answerViolations(connection, VIOLATION_LINGER, writer::leaveTo);
  }

  /** Finishes the turn in progress, then closes. */
  void drain() {
    draining = true;
    while (!waiting.isEmpty()) {
      waiting.poll();
      fail(Fault.SERVER_BUSY.retryAfter(1, "This server is shutting down; send it again."));
    }
    if (turn == null) {
      writer.close(SERVICE_RESTART, "This server is shutting down");
    }
  }

  /** Cuts the connection whatever is in progress. */
  void drop() {
    writer.drop();
  }

  @Override
  public void text(String text) {
    try {
      handle(JsonText.object(text));
    } catch (FaultException fault) {
      fail(fault);
    }
  }

  @Override
  public void binary() {
    fail(Fault.INVALID_REQUEST_BODY.because("Messages are text, not binary."));
  }

  @Override
  public void broken(int closeCode, String reason) {
    writer.close(closeCode, reason);
  }

  private void frame(WebSocketFrame frame) {
    if (!writer.isClosing() && (frame.isText() || frame.isBinary() || frame.isContinuation())) {
      lastMessage = clock.millis();
      messages.frame(frame);
    }
    writer.throttle();
  }

  private void handle(JsonObject message) {
    Object type = message.getValue("type");
    if (type == null) {
      throw Fault.MISSING_REQUIRED_FIELD.inField("type", "is required");
    }
    switch (type.toString()) {
      case "message" -> enqueue(message);
      case "ping" -> writer.send(new JsonObject().put("type", "pong"));
      case "tool_approval" -> throw Fault.TOOL_NOT_FOUND.because("No tool waits for an approval.");
      case "cancel", "resume" ->
        throw Fault.FIELD_VALIDATION_FAILED.inField("type", "is not known to this version");
      default ->
        throw Fault.FIELD_VALIDATION_FAILED.inField(
            "type", "must be message, ping or tool_approval");
    }
  }

  private void enqueue(JsonObject json) {
    Message message = new Message(ChatRequest.message(json, "content"), ChatRequest.model(json));
    if (draining) {
      throw Fault.SERVER_BUSY.retryAfter(1, "This server is shutting down; send it again.");
    }
    if (turn == null) {
      begin(message);
    } else if (waiting.size() < limits.maxQueued()) {
      waiting.add(message);
    } else {
      throw Fault.SERVER_BUSY.retryAfter(
          1, "As many messages wait on this connection as it takes: " + limits.maxQueued() + ".");
    }
  }

  private void begin(Message message) {
    TurnId id = streams.mint(session);
    turn = streams.open(
        id, message.text(), message.model(), new SocketAnswer(writer, id, this::turnEnded));
    turn.begin();
  }

  /** The next one begins on a fresh stack: turns that fail at once would otherwise nest. */
  private void turnEnded() {
    turn = null;
    lastMessage = clock.millis();
    vertx.runOnContext(none -> next());
  }

  private void next() {
    if (turn != null || writer.isClosing()) {
      return;
    }
    if (!waiting.isEmpty()) {
      begin(waiting.poll());
    } else if (draining) {
      drain();
    }
  }

  private void writable() {
    if (turn != null) {
      turn.writable();
    }
  }

  private void fail(FaultException fault) {
    writer.send(SocketAnswer.message("error", ErrorBody.event(fault)));
  }

  private void ping() {
    if (unanswered >= MAX_UNANSWERED) {
      writer.drop();
    } else if (!writer.isFull()) {
      unanswered++;
      writer.ping();
    }
  }

  /** A client that waits for an answer is not idle. */
  private void checkIdleIn(long millis) {
    idleTimer = vertx.setTimer(millis, id -> {
      long left = turn == null
          ? lastMessage + limits.idleTimeout().toMillis() - clock.millis()
          : limits.idleTimeout().toMillis();
      if (left > 0) {
        checkIdleIn(left);
      } else {
        writer.close(GOING_AWAY, "Nothing was said for too long");
      }
    });
  }

  private void closed() {
    writer.closed();
    vertx.cancelTimer(pings);
    vertx.cancelTimer(idleTimer);
    waiting.clear();
    if (turn != null) {
      turn.detach();
      turn = null;
    }
  }
}
