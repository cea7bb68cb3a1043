package io.consoul.gateway;

import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A WebSocket client that keeps what it gets. */
final class TestSocket implements WebSocket.Listener, AutoCloseable {

  private final BlockingQueue<JsonObject> messages = new LinkedBlockingQueue<>();
  private final CompletableFuture<Integer> closed = new CompletableFuture<>();
  private final StringBuilder partial = new StringBuilder();
  private WebSocket socket;

  static TestSocket open(HttpClient client, String url) {
    TestSocket self = new TestSocket();
    self.socket = client
        .newWebSocketBuilder()
        .buildAsync(URI.create(url), self)
        .orTimeout(10, TimeUnit.SECONDS)
        .join();
    return self;
  }

  void say(String content) {
    send(new JsonObject().put("type", "message").put("content", content));
  }

  void send(JsonObject message) {
    send(message.encode());
  }

  void send(String text) {
    socket.sendText(text, true).join();
  }

  void sendBinary(byte[] bytes) {
    socket.sendBinary(ByteBuffer.wrap(bytes), true).join();
  }

  /** The next message, whatever it is. */
  JsonObject next() {
    try {
      JsonObject message = messages.poll(10, TimeUnit.SECONDS);
      if (message == null) {
        throw new AssertionError("no message within 10 s");
      }
      return message;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }

  /** The data of the next message, which must be of this type. */
  JsonObject next(String type) {
    JsonObject message = next();
    if (!type.equals(message.getString("type"))) {
      throw new AssertionError("expected " + type + ", got " + message.encode());
    }
    return message.getJsonObject("data");
  }

  /** Reads tokens up to the end of the turn, and gives their text. */
  String answer() {
    StringBuilder answer = new StringBuilder();
    while (true) {
      JsonObject message = next();
      if (message.getString("type").equals("done")) {
        return answer.toString();
      }
      JsonObject data = message.getJsonObject("data");
      if (!message.getString("type").equals("token")) {
        throw new AssertionError("expected a token, got " + message.encode());
      }
      answer.setLength(data.getInteger("offset"));
      answer.append(data.getString("text"));
    }
  }

  int closeCode() {
    return closed.orTimeout(20, TimeUnit.SECONDS).join();
  }

  boolean isQuiet() {
    return messages.isEmpty() && !closed.isDone();
  }

  @Override
  public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    partial.append(data);
    if (last) {
      messages.add(new JsonObject(partial.toString()));
      partial.setLength(0);
    }
    from.request(1);
    return null;
  }

  @Override
  public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    closed.complete(code);
    return null;
  }

  @Override
  public void onError(WebSocket from, Throwable error) {
    closed.completeExceptionally(error);
  }

  @Override
  public void close() {
    socket.abort();
  }
}
