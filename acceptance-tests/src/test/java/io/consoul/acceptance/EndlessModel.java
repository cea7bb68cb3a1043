package io.consoul.acceptance;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** An OpenAI-compatible server whose answers never end, as fast as they are read. */
final class EndlessModel {

  /** Small, so that what the kernel holds does not hide that nobody reads. */
  private static final int SEND_BUFFER_BYTES = 64 * 1024;

  private static final Buffer PIECE =
      Buffer.buffer("data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,"
          + "\"model\":\"endless\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\""
          + "0123456789abcdef".repeat(64) + "\"},\"finish_reason\":null}]}\n\n");

  private static final int PIECES_AT_ONCE = 16;

  private final Vertx vertx;
  private final HttpServer server;
  private final AtomicInteger streams = new AtomicInteger();
  private final AtomicLong pieces = new AtomicLong();

  private EndlessModel(Vertx vertx) {
    this.vertx = vertx;
    server = vertx
        .createHttpServer(new HttpServerOptions()
            .setHost("127.0.0.1")
            .setPort(0)
            .setSendBufferSize(SEND_BUFFER_BYTES))
        .requestHandler(this::answer);
  }

  static EndlessModel start(Vertx vertx) throws Exception {
    EndlessModel model = new EndlessModel(vertx);
    model.server.listen().await(20, TimeUnit.SECONDS);
    return model;
  }

  String baseUrl() {
    return "http://127.0.0.1:" + server.actualPort() + "/v1";
  }

  int openStreams() {
    return streams.get();
  }

  /** That have been taken off its hands, in all. */
  long bytesSent() {
    return pieces.get() * PIECE.length();
  }

  private void answer(HttpServerRequest request) {
    HttpServerResponse response = request.response();
    response.setChunked(true).putHeader("Content-Type", "text/event-stream");
    response.closeHandler(closed -> streams.decrementAndGet());
    streams.incrementAndGet();
    request.endHandler(asked -> speak(response));
  }

  /** The next pieces follow when these are with the kernel, and none when the reader has gone. */
  private void speak(HttpServerResponse response) {
    if (response.closed()) {
      return;
    }
    for (int i = 1; i < PIECES_AT_ONCE; i++) {
      response.write(PIECE);
    }
    response.write(PIECE).onSuccess(written -> {
      pieces.addAndGet(PIECES_AT_ONCE);
      vertx.runOnContext(next -> speak(response));
    });
  }
}
