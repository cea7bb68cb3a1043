package io.consoul.provider.call;

import static org.awaitility.Awaitility.await;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A server that answers each text as the test says, and sees connections and requests come and go. */
final class Peer implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofSeconds(30);

  private static final Duration POLL = Duration.ofMillis(2);

  final Vertx vertx = Vertx.vertx();
  private final Map<String, Handler<HttpServerRequest>> answers = new ConcurrentHashMap<>();
  private volatile Handler<HttpServerRequest> otherwise = Peer::whole;
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final Map<String, HttpServerRequest> requests = new ConcurrentHashMap<>();
  private final Map<HttpServerRequest, String> texts = new ConcurrentHashMap<>();
  private final Map<String, Long> gone = new ConcurrentHashMap<>();
  private final AtomicInteger connections = new AtomicInteger();
  private final Set<HttpConnection> open = ConcurrentHashMap.newKeySet();
  private final HttpServer server;

  Peer() {
    this(new HttpServerOptions());
  }

  Peer(HttpServerOptions options) {
    server = vertx
        .createHttpServer(options.setHost("127.0.0.1").setPort(0))
        .connectionHandler(connection -> {
          connections.incrementAndGet();
          open.add(connection);
          connection.closeHandler(closed -> open.remove(connection));
        })
        .requestHandler(request -> request.body().onSuccess(body -> {
          String text =
              new JsonObject(body).getJsonArray("messages").getJsonObject(0).getString("content");
          HttpServerResponse response = request.response();
          Runnable left = () -> gone.putIfAbsent(text, System.nanoTime());
          response.exceptionHandler(failure -> left.run());
          response.closeHandler(closed -> {
            if (!response.ended()) {
              left.run();
            }
          });
          texts.put(request, text);
          asked.add(text);
          requests.put(text, request);
          answers.getOrDefault(text, otherwise).handle(request);
        }));
    Answer.await(server.listen());
  }

  int port() {
    return server.actualPort();
  }

  Peer on(String text, Handler<HttpServerRequest> answer) {
    answers.put(text, answer);
    return this;
  }

  /** For all texts without an answer of their own. */
  Peer otherwise(Handler<HttpServerRequest> answer) {
    otherwise = answer;
    return this;
  }

  /** A good answer, "ok". */
  static void whole(HttpServerRequest request) {
    begin(request).end(event("ok") + closing());
  }

  /** Its head only, for now. */
  static HttpServerResponse begin(HttpServerRequest request) {
    HttpServerResponse response = request.response().putHeader("Content-Type", "text/event-stream");
    if (request.version() != io.vertx.core.http.HttpVersion.HTTP_2) {
      response.setChunked(true);
    }
    return response;
  }

  static String event(String piece) {
    return "data: "
        + new JsonObject("{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + piece + "\"}}]}")
        + "\n\n";
  }

  static String closing() {
    return "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
  }

  /** Ends an answer that has been held back. */
  void release(String text) {
    HttpServerRequest request = awaitRequest(text);
    Answer.await(begin(request).end(event("ok") + closing()));
  }

  HttpServerRequest awaitRequest(String text) {
    await().atMost(LIMIT).pollInterval(POLL).until(() -> requests.containsKey(text));
    return requests.get(text);
  }

  String text(HttpServerRequest request) {
    return texts.get(request);
  }

  /** The texts of all requests, in order. */
  List<String> asked() {
    return List.copyOf(asked);
  }

  /** When it was seen that the client has left this request, by {@link System#nanoTime}. */
  long awaitGone(String text) {
    await().atMost(LIMIT).pollInterval(POLL).until(() -> gone.containsKey(text));
    return gone.get(text);
  }

  boolean isGone(String text) {
    return gone.containsKey(text);
  }

  /** How many there have been. */
  int connections() {
    return connections.get();
  }

  /** How many there are. */
  int open() {
    return open.size();
  }

  /** All that there are. */
  void closeConnections() {
    open.forEach(HttpConnection::close);
  }

  @Override
  public void close() {
    Answer.await(vertx.close());
  }
}
