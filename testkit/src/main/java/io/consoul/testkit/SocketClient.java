package io.consoul.testkit;

import io.vertx.core.Future;
import io.vertx.core.http.ClientWebSocket;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A chat WebSocket seen from the test thread; every wait has a limit. {@code next}, {@code poll} and {@code await} read on from where the
 * last of them stopped, {@code messages} shows all.
 */
public final class SocketClient implements AutoCloseable {

  private final ClientWebSocket socket;
  private final Duration limit;
  private final Arrivals<JsonObject> messages;
  private int read;
  private volatile String lastType;
  private volatile Throwable failure;
  private volatile Integer closeCode;

  private SocketClient(ClientWebSocket socket, String source, Duration limit) {
    this.socket = socket;
    this.limit = limit;
    this.messages = new Arrivals<>(source);
  }

  static Future<SocketClient> open(
      ClientWebSocket socket, WebSocketConnectOptions options, Duration limit) {
    SocketClient client = new SocketClient(socket, "socket " + options.getURI(), limit);
    // Before it is connected: a handler that comes later misses what has come.
    socket.textMessageHandler(client::received);
    socket.exceptionHandler(failure -> client.failure = failure);
    socket.closeHandler(closed -> client.ended());
    return socket.connect(options).map(client);
  }

  public SocketClient send(JsonObject message) {
    return sendText(message.encode());
  }

  /** Sends what need not be a message, as one text frame. */
  public SocketClient sendText(String text) {
    Outcome.of(socket.writeFinalTextFrame(text), limit, messages::description);
    return this;
  }

  /** Sends a user's message. */
  public SocketClient say(String text) {
    return send(new JsonObject().put("type", "message").put("content", text));
  }

  /** The next message of any type. */
  public JsonObject next() {
    return next(message -> true, "message", limit);
  }

  /** The next message of any type; none where nothing comes within the limit or the socket is closed. */
  public Optional<JsonObject> poll(Duration limit) {
    return messages.hasCome(read, limit) ? Optional.of(messages.get(read++)) : Optional.empty();
  }

  /** The next message of this type; those before it are passed over. */
  public JsonObject await(String type) {
    return await(type, limit);
  }

  public JsonObject await(String type, Duration limit) {
    return next(
        message -> type.equals(message.getString("type")), "message of type " + type, limit);
  }

  public JsonObject next(Predicate<JsonObject> fitting, String wanted, Duration limit) {
    int place = messages.await(read, fitting, wanted, limit);
    read = place + 1;
    return messages.get(place);
  }

  public List<JsonObject> messages() {
    return messages.all();
  }

  public List<JsonObject> messages(String type) {
    return messages.all().stream()
        .filter(message -> type.equals(message.getString("type")))
        .toList();
  }

  /** The answer of one turn so far, put together from its tokens. */
  public String text(String turnId) {
    AnswerText text = new AnswerText();
    messages("token").stream()
        .map(token -> token.getJsonObject("data"))
        .filter(token -> Objects.equals(turnId, token.getString("turn_id")))
        .forEach(text::add);
    return text.toString();
  }

  /** Stops reading, as a client that is too slow; {@link #resume} ends it. */
  public SocketClient pause() {
    socket.pause();
    return this;
  }

  /**
   * Stops reading behind the first message of this type, however quickly others follow it; {@link #resume} ends it. To be called
   * before such a message can come.
   */
  public SocketClient pauseAt(String type) {
    lastType = type;
    return this;
  }

  public SocketClient resume() {
    lastType = null;
    socket.resume();
    return this;
  }

  public boolean isClosed() {
    return messages.ended();
  }

  /** The code of the close; null while it is open, and 1006 where the connection broke without one. */
  public Integer closeCode() {
    return closeCode;
  }

  public String closeReason() {
    return socket.closeReason();
  }

  /** Waits until the socket is closed, whoever closes it. */
  public SocketClient awaitClose() {
    return awaitClose(limit);
  }

  public SocketClient awaitClose(Duration limit) {
    messages.awaitEnd(limit);
    return this;
  }

  /** Closes orderly; it may be closed already. */
  @Override
  public void close() {
    if (!isClosed()) {
      socket.close();
      awaitClose();
    }
  }

  private void ended() {
    // Asked for earlier, while the socket is open, Vert.x 5.0.8 throws.
    closeCode = Integer.valueOf(socket.closeStatusCode());
    messages.end("closed with " + closeCode + (failure == null ? "" : ", " + failure));
  }

  private void received(String text) {
    try {
      JsonObject message = new JsonObject(text);
      if (message.getString("type") != null && message.getString("type").equals(lastType)) {
        socket.pause();
      }
      messages.add(message);
    } catch (RuntimeException notJson) {
      messages.add(new JsonObject().put("type", "(not JSON)").put("text", text));
    }
  }
}
