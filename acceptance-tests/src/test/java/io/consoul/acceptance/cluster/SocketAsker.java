package io.consoul.acceptance.cluster;

import io.consoul.testkit.SocketClient;
import io.vertx.core.json.JsonObject;
import java.util.Objects;
import java.util.Optional;

/** Over a WebSocket that it keeps from one question to the next; a lost turn is resumed by its id and the length that it has. */
final class SocketAsker extends Asker {

  private final Entrances nodes;
  private SocketClient socket;
  private int cuts;

  SocketAsker(Entrances nodes) {
    this.nodes = nodes;
  }

  @Override
  void begin(Transcript transcript) {
    cuts = 0;
  }

  @Override
  void attempt(Turn turn) {
    Transcript transcript = turn.transcript();
    if (!connect(turn) || !send(turn)) {
      return;
    }
    Optional<JsonObject> message = socket.poll(SILENCE);
    while (message.isPresent()) {
      if (take(message.get(), transcript)) {
        return;
      }
      message = socket.poll(SILENCE);
    }
    transcript.broken(socket.isClosed() ? "socket " + socket.closeCode() : "silent socket");
    leave();
  }

  /** Where there is none from the question before. */
  private boolean connect(Turn turn) {
    if (socket != null && !socket.isClosed()) {
      return true;
    }
    if (socket != null) {
      turn.transcript().broken("idle socket " + socket.closeCode());
    }
    socket = null;
    try {
      socket = nodes.next().connect(turn.session());
      return true;
    } catch (RuntimeException | AssertionError refused) {
      turn.transcript().refused("no socket: " + refused);
      return false;
    }
  }

  private boolean send(Turn turn) {
    JsonObject message = turn.transcript().turn() == null
        ? new JsonObject()
            .put("type", "message")
            .put("content", turn.message())
            .put("idempotency_key", turn.key())
        : resume(turn.transcript());
    try {
      socket.send(message);
      return true;
    } catch (RuntimeException | AssertionError closed) {
      SocketClient closing = socket;
      leave();
      turn.transcript().broken("closing socket " + closing.closeCode());
      return false;
    }
  }

  private JsonObject resume(Transcript transcript) {
    JsonObject resume = new JsonObject()
        .put("type", "resume")
        .put("turn_id", transcript.turn())
        .put("after", transcript.length());
    return cuts == 0 ? resume : resume.put("cuts", cuts);
  }

  /** @return whether this turn, or this attempt at it, has ended */
  private boolean take(JsonObject message, Transcript transcript) {
    JsonObject data = message.getJsonObject("data");
    switch (message.getString("type")) {
      case "token" -> {
        transcript.turn(data.getString("turn_id"));
        cuts = data.getInteger("cuts", 0);
        transcript.token(data);
        return false;
      }
      case "done" -> {
        if (!Objects.equals(transcript.turn(), data.getString("turn_id"))) {
          transcript.failed("the end of another turn: " + data.encode());
        }
        transcript.done(data);
      }
      case "error" -> {
        shown(transcript, data);
        leave();
      }
      default -> transcript.failed("an unknown message: " + message.encode());
    }
    return true;
  }

  /** Of a node that is dead or frozen no farewell is waited for. */
  private void leave() {
    try {
      socket.close();
    } catch (RuntimeException | AssertionError silent) {
      // the test's end closes it
    }
    socket = null;
  }

  @Override
  public void close() {
    if (socket != null) {
      leave();
    }
  }
}
