package io.consoul.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Consoul as a well-behaved application uses it. Called from the test thread: every method but {@link #begin} and the two
 * that open a stream blocks until there is an answer, within a limit.
 */
public final class ChatClient implements AutoCloseable {

  private static final int CONNECTIONS = 10_000;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  // Fields for more than style: Vert.x closes a client that is garbage collected.
  private final HttpClient http;
  private final WebSocketClient sockets;
  private final String host;
  private final int port;
  private final Map<String, String> headers;
  private final Duration limit;

  public ChatClient(Vertx vertx, int port) {
    this(vertx, "127.0.0.1", port);
  }

  public ChatClient(Vertx vertx, String host, int port) {
    this(
        vertx.createHttpClient(
            new HttpClientOptions(), new PoolOptions().setHttp1MaxSize(CONNECTIONS)),
        vertx.createWebSocketClient(new WebSocketClientOptions()
            .setMaxConnections(CONNECTIONS)
            .setMaxFrameSize(1 << 20)
            .setMaxMessageSize(1 << 24)),
        host,
        port,
        Map.of(),
        LIMIT);
  }

  private ChatClient(
      HttpClient http,
      WebSocketClient sockets,
      String host,
      int port,
      Map<String, String> headers,
      Duration limit) {
    this.http = http;
    this.sockets = sockets;
    this.host = host;
    this.port = port;
    this.headers = headers;
    this.limit = limit;
  }

  /** The same client with a header on every request and upgrade: an API key. They share connections and {@link #close}. */
  public ChatClient withHeader(String name, String value) {
    return new ChatClient(http, sockets, host, port, both(headers, Map.of(name, value)), limit);
  }

  /** The same client with another limit of its waits. */
  public ChatClient withLimit(Duration limit) {
    return new ChatClient(http, sockets, host, port, headers, limit);
  }

  public HttpAnswer chat(String sessionId, String message) {
    return chat(sessionId, message, Map.of());
  }

  public HttpAnswer chat(String sessionId, String message, Map<String, String> headers) {
    return post("/chat", turn(sessionId, message).encode(), headers);
  }

  public HttpAnswer get(String path) {
    return get(path, Map.of());
  }

  public HttpAnswer get(String path, Map<String, String> headers) {
    return request(HttpMethod.GET, path, headers, null);
  }

  public HttpAnswer delete(String path) {
    return request(HttpMethod.DELETE, path, Map.of(), null);
  }

  public HttpAnswer post(String path, JsonObject body) {
    return post(path, body.encode(), Map.of());
  }

  /** Sends any text; it is announced as JSON where the headers do not say otherwise. */
  public HttpAnswer post(String path, String rawBody, Map<String, String> headers) {
    return request(HttpMethod.POST, path, headers, Buffer.buffer(rawBody));
  }

  public HttpAnswer request(
      HttpMethod method, String path, Map<String, String> headers, Buffer body) {
    return Outcome.of(
        begin(method, path, headers, body), limit, () -> "no answer to " + method + " " + path);
  }

  /** Sends a request without waiting for its answer, for many at a time. */
  public Future<HttpAnswer> begin(
      HttpMethod method, String path, Map<String, String> headers, Buffer body) {
    return open(method, path, headers, body)
        .compose(request -> (body == null ? request.send() : request.send(body))
            .compose(response -> response
                .body()
                .map(whole -> new HttpAnswer(response.statusCode(), response.headers(), whole))));
  }

  /** Like {@link #chat}, without waiting. */
  public Future<HttpAnswer> beginChat(String sessionId, String message) {
    Buffer body = turn(sessionId, message).toBuffer();
    return begin(HttpMethod.POST, "/chat", Map.of(), body);
  }

  /** Begins a turn whose answer comes as events, and returns at once. */
  public EventStream stream(String sessionId, String message) {
    return stream(sessionId, message, Map.of());
  }

  public EventStream stream(String sessionId, String message, Map<String, String> headers) {
    return stream("/chat/stream", turn(sessionId, message), headers);
  }

  /** Posts to any path that answers with events. */
  public EventStream stream(String path, JsonObject body, Map<String, String> headers) {
    return events(HttpMethod.POST, path, headers, body.toBuffer());
  }

  /** Attaches again to a turn; without a last event id from its beginning. */
  public EventStream follow(String turnId, String lastEventId) {
    Map<String, String> from =
        lastEventId == null ? Map.of() : Map.of("Last-Event-ID", lastEventId);
    return events(HttpMethod.GET, "/chat/stream/" + encoded(turnId), from, null);
  }

  public SocketClient connect(String sessionId) {
    return connect("/ws/chat/" + encoded(sessionId), Map.of(), List.of());
  }

  /**
   * Opens a WebSocket at any path.
   *
   * @throws io.vertx.core.http.UpgradeRejectedException with status and body where the server refuses
   */
  public SocketClient connect(String path, Map<String, String> headers, List<String> subProtocols) {
    // An application that is no browser sends no Origin; Vert.x would.
    WebSocketConnectOptions options = new WebSocketConnectOptions()
        .setHost(host)
        .setPort(port)
        .setURI(path)
        .setAllowOriginHeader(false)
        .setSubProtocols(subProtocols);
    both(this.headers, headers).forEach(options::putHeader);
    Future<SocketClient> opening = SocketClient.open(sockets.webSocket(), options, limit);
    return Outcome.of(opening, limit, () -> "no answer to the upgrade of " + path);
  }

  /** Ends all connections, also those of the clients that were made from this one. */
  @Override
  public void close() {
    Future<?> closing = Future.join(http.close(), sockets.close());
    Outcome.of(closing, limit, () -> "the clients do not close");
  }

  /** A session id as it stands in a path. */
  public static String encoded(String segment) {
    return URLEncoder.encode(segment, UTF_8).replace("+", "%20");
  }

  private EventStream events(
      HttpMethod method, String path, Map<String, String> headers, Buffer body) {
    return EventStream.open(method + " " + path, open(method, path, headers, body), body, limit);
  }

  private Future<HttpClientRequest> open(
      HttpMethod method, String path, Map<String, String> headers, Buffer body) {
    RequestOptions options =
        new RequestOptions().setMethod(method).setHost(host).setPort(port).setURI(path);
    if (body != null) {
      options.putHeader("Content-Type", "application/json");
    }
    both(this.headers, headers).forEach(options::putHeader);
    return http.request(options);
  }

  private static JsonObject turn(String sessionId, String message) {
    return new JsonObject().put("session_id", sessionId).put("message", message);
  }

  private static Map<String, String> both(Map<String, String> first, Map<String, String> second) {
    Map<String, String> all = new LinkedHashMap<>(first);
    all.putAll(second);
    return all;
  }
}
