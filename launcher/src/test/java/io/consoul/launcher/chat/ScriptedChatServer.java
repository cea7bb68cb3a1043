package io.consoul.launcher.chat;

import io.netty.channel.Channel;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.impl.VertxConnection;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Takes chat WebSockets, and says what the test tells it to say. */
final class ScriptedChatServer implements AutoCloseable {

  private static final int LIMIT_SECONDS = 60;

  final List<String> keys = new CopyOnWriteArrayList<>();
  private final Vertx vertx = Vertx.vertx();
  private final BlockingQueue<Peer> peers = new LinkedBlockingQueue<>();
  private final HttpServer server;
  private volatile int refusal;

  ScriptedChatServer() {
    server = vertx.createHttpServer();
    server.requestHandler(request -> {
      keys.add(String.valueOf(request.getHeader("Authorization")));
      if (refusal != 0) {
        request.response().setStatusCode(refusal).end();
      } else {
        request
            .toWebSocket()
            .onSuccess(socket -> peers.add(new Peer(socket, request.connection())));
      }
    });
    server.listen(0, "127.0.0.1").await();
  }

  /** Answers upgrades with this status; 0 takes them. */
  void refuse(int status) {
    refusal = status;
  }

  String url() {
    return "http://127.0.0.1:" + server.actualPort();
  }

  /** The next connection. */
  Peer next() {
    return taken(peers, "connection");
  }

  @Override
  public void close() {
    vertx.close().await();
  }

  private static <T> T taken(BlockingQueue<T> queue, String what) {
    try {
      T next = queue.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("no " + what + " within " + LIMIT_SECONDS + " s");
      }
      return next;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", interrupted);
    }
  }

  /** One connection, from the server's side. */
  static final class Peer {

    private final ServerWebSocket socket;
    private final HttpConnection connection;
    private final BlockingQueue<JsonObject> messages = new LinkedBlockingQueue<>();
    private final BlockingQueue<Short> closes = new LinkedBlockingQueue<>();

    Peer(ServerWebSocket socket, HttpConnection connection) {
      this.socket = socket;
      this.connection = connection;
      socket.textMessageHandler(text -> messages.add(new JsonObject(text)));
      socket.closeHandler(
          closed -> closes.add(socket.closeStatusCode() == null ? 1006 : socket.closeStatusCode()));
    }

    /** The next message of the client, which must be of this type. */
    JsonObject await(String type) {
      JsonObject message = taken(messages, "message of type " + type);
      if (!type.equals(message.getString("type"))) {
        throw new AssertionError("wanted " + type + ", got " + message);
      }
      return message;
    }

    int awaitClose() {
      return taken(closes, "close");
    }

    Peer token(String turn, int offset, String text) {
      return send(
          "token", new JsonObject().put("text", text).put("turn_id", turn).put("offset", offset));
    }

    Peer done(String turn, String reason) {
      return send(
          "done",
          new JsonObject()
              .put("usage", new JsonObject().put("output_tokens", 2).put("duration_ms", 1_340))
              .put("turn_id", turn)
              .put("finish_reason", reason));
    }

    Peer error(String code, String message, boolean recoverable, Integer retryAfter) {
      return send(
          "error",
          new JsonObject()
              .put("code", code)
              .put("message", message)
              .put("recoverable", recoverable)
              .put("retry_after", retryAfter));
    }

    Peer send(String type, JsonObject data) {
      socket
          .writeTextMessage(new JsonObject().put("type", type).put("data", data).encode())
          .await();
      return this;
    }

    void close(int code, String reason) {
      socket.close((short) code, reason).await();
    }

    private Channel channel() {
      return ((VertxConnection) connection).channelHandlerContext().channel();
    }

    /** Reads no more, and so answers no ping. */
    void freeze() {
      channel().config().setAutoRead(false);
    }

    /** As a cable that is pulled: no close frame. */
    void cut() {
      channel().close();
    }
  }
}
