package io.consoul.provider.call;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;

/** Says the same bytes to every request, whatever they are, and closes. */
final class RawServer implements AutoCloseable {

  private final Vertx vertx = Vertx.vertx();
  private final NetServer server;

  RawServer(String bytes) {
    server = vertx
        .createNetServer()
        .connectHandler(socket -> socket.handler(request -> {
          socket.handler(null);
          (bytes.isEmpty() ? socket.close() : socket.end(Buffer.buffer(bytes)))
              .onFailure(gone -> {});
        }));
    Answer.await(server.listen(0, "127.0.0.1"));
  }

  int port() {
    return server.actualPort();
  }

  @Override
  public void close() {
    Answer.await(vertx.close());
  }
}
