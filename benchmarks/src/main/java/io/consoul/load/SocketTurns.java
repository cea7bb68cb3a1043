package io.consoul.load;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.ClientWebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;

/** Turns on WebSockets, one for each client and session; so each session's first turn pays for a connection. */
final class SocketTurns implements Call {

  private static final int CONNECTIONS = 2_000;
  private static final String DONE = "\"type\":\"done\"";
  private static final String ERROR = "\"type\":\"error\"";

  private static final class Client {
    private ClientWebSocket socket;
    private Promise<Void> turn;
  }

  // A field: Vert.x closes a client that is garbage collected.
  private final WebSocketClient sockets;
  private final int port;
  private final String message;
  private final Sessions sessions = new Sessions();
  private final Map<Integer, Client> clients = new HashMap<>();

  SocketTurns(Vertx vertx, int port, int words) {
    this.port = port;
    sockets = vertx.createWebSocketClient(new WebSocketClientOptions()
        .setMaxConnections(CONNECTIONS)
        .setTryUsePerMessageCompression(false));
    message = new JsonObject()
        .put("type", "message")
        .put("content", Calls.text(words))
        .encode();
  }

  @Override
  public Future<Void> begin(int number, int turn) {
    Client client = clients.computeIfAbsent(number, first -> new Client());
    client.turn = Promise.promise();
    Future<Void> done = client.turn.future();
    if (Sessions.isNew(turn) || client.socket == null) {
      connect(client, sessions.of(number, turn));
    } else {
      client.socket.writeTextMessage(message);
    }
    return done;
  }

  private void connect(Client client, String session) {
    if (client.socket != null) {
      client.socket.close();
    }
    ClientWebSocket socket = sockets.webSocket();
    client.socket = socket;
    socket.textMessageHandler(text -> {
      if (text.contains(DONE)) {
        client.turn.tryComplete();
      } else if (text.contains(ERROR)) {
        client.turn.tryFail(text);
      }
    });
    socket
        .connect(new WebSocketConnectOptions()
            .setHost("127.0.0.1")
            .setPort(port)
            .setURI("/ws/chat/" + session)
            .setAllowOriginHeader(false))
        .onSuccess(open -> open.writeTextMessage(message))
        .onFailure(client.turn::tryFail);
  }
}
