package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.gateway.observe.RequestObserver;
import io.consoul.gateway.observe.SocketObserver;
import io.consoul.message.SessionId;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.core.json.JsonObject;
import java.time.InstantSource;

/**
 * One WebSocket of a session: its messages run one after the other, and their answers go out as they come. Confined to
 * the event loop of its gateway instance.
 */
final class ChatSocket implements SocketMessages.Receiver {

  private static final int GOING_AWAY = 1001;
  private static final int SERVICE_RESTART = 1012;

  /** A peer that left so many pings unanswered is gone. */
  private static final int MAX_UNANSWERED = 2;

  private final Vertx vertx;
  private final InstantSource clock;
  private final ServerWebSocket socket;
  private final GatewayConfig.Sockets limits;
  private final Standing standing;
  private final SocketObserver observer;
  private final SocketWriter writer;
  private final SocketMessages messages = new SocketMessages(this);
  private final SocketTurns turns;
  private final ViolationAnswer violations;
  private long pingTimer;
  private int unanswered;
  private long lastMessage;
  private long idleTimer;
  private boolean draining;

  /**
   * @param connection that became the socket
   * @param slow called when the client is cut off because it does not read
   */
  ChatSocket(
      Vertx vertx,
      ServerWebSocket socket,
      HttpConnection connection,
      ViolationAnswer violations,
      SessionId session,
      Standing standing,
      Toll toll,
      TurnPeers peers,
      TurnStreams streams,
      GatewayConfig.Sockets limits,
      SocketObserver observer,
      Runnable slow,
      Runnable closed) {
    this.vertx = vertx;
    this.clock = peers.node().clock();
    this.socket = socket;
    this.standing = standing;
    this.limits = limits;
    this.observer = observer;
    this.writer = new SocketWriter(vertx, clock, socket, connection, limits, slow, this::writable);
    this.turns = new SocketTurns(
        vertx,
        session,
        standing::caller,
        toll,
        peers,
        streams,
        writer,
        limits.maxQueued(),
        this::refuse,
        this::idle);
    this.violations = violations;
    pingLater();
    this.lastMessage = clock.millis();
    checkIdleIn(limits.idleTimeout().toMillis());
    socket.frameHandler(this::frame);
    socket.pongHandler(pong -> unanswered = 0);
    socket.exceptionHandler(failure -> {});
    socket.closeHandler(none -> {
      closed();
      closed.run();
    });
  }

  /** Takes frames from now on. */
  void start() {
    violations.start(writer::leaveTo);
  }

  /** Finishes the turn in progress, then closes. */
  void drain() {
    draining = true;
    turns.drain();
    if (turns.isIdle()) {
      restart();
    }
  }

  /** Closes; turns in progress go on without it. */
  void restart() {
    writer.close(SERVICE_RESTART, "This server is shutting down");
  }

  /** Ends it where its caller would not be let in any more. */
  void checkStanding() {
    if (standing.refusal().isPresent()) {
      writer.close(SocketWriter.POLICY_VIOLATION, SocketRefusal.REASON);
    }
  }

  /** Cuts the connection whatever is in progress. */
  void drop() {
    writer.drop();
  }

  @Override
  public void text(String text) {
    RequestObserver message = observer.message();
    message.context().run(() -> {
      try {
        handle(JsonText.object(text), message);
      } catch (FaultException fault) {
        refuse(message, fault);
      }
    });
  }

  @Override
  public void binary() {
    refuse(
        observer.message(), Fault.INVALID_REQUEST_BODY.because("Messages are text, not binary."));
  }

  @Override
  public void broken(int closeCode, String reason) {
    violations.fail(closeCode, reason);
  }

  private void frame(WebSocketFrame frame) {
    checkStanding();
    if (frame.isClose()) {
      writer.closedByPeer();
    } else if (!writer.isClosing()
        && (frame.isText() || frame.isBinary() || frame.isContinuation())) {
      lastMessage = clock.millis();
      messages.frame(frame);
    }
    writer.throttle();
  }

  private void handle(JsonObject message, RequestObserver observed) {
    Object type = message.getValue("type");
    if (type == null) {
      throw Fault.MISSING_REQUIRED_FIELD.inField("type", "is required");
    }
    switch (type.toString()) {
      case "message" -> turns.message(Fields.of(message, limits.fields()), observed);
      case "cancel" -> turns.cancel(observed);
      case "resume" -> turns.resume(Fields.of(message, limits.fields()), observed);
      case "ping" -> {
        observer.passOver(observed);
        writer.send(new JsonObject().put("type", "pong"));
      }
      case "tool_approval" -> throw Fault.TOOL_NOT_FOUND.because("No tool waits for an approval.");
      default ->
        throw Fault.FIELD_VALIDATION_FAILED.inField(
            "type", "must be message, cancel, resume, ping or tool_approval");
    }
  }

  /** Before the turns are there nothing is written. */
  private void writable() {
    turns.writable();
  }

  private void idle() {
    lastMessage = clock.millis();
    if (draining) {
      drain();
    }
  }

  private void refuse(RequestObserver message, FaultException fault) {
    writer.send(SocketAnswer.message("error", ErrorBody.event(fault)));
    message.refused(fault.fault());
  }

  /** Not periodically: a process that stood still would make up for all the pings that it missed in one go. */
  private void pingLater() {
    pingTimer = vertx.setTimer(limits.pingInterval().toMillis(), id -> {
      ping();
      pingLater();
    });
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
      long left = turns.isIdle()
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
    vertx.cancelTimer(pingTimer);
    vertx.cancelTimer(idleTimer);
    turns.detach();
    observer.closed(socket.closeStatusCode());
  }
}
