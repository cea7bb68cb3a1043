package io.consoul.load;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** The operations over HTTP, on connections that are kept. */
final class Calls {

  private static final int CONNECTIONS = 2_000;

  // A field: Vert.x closes a client that is garbage collected.
  private final HttpClient http;
  private final String text;
  private final Sessions sessions = new Sessions();

  /** @param words of each message, and so of each answer of the fake provider */
  Calls(Vertx vertx, int words) {
    http = vertx.createHttpClient(
        new HttpClientOptions(), new PoolOptions().setHttp1MaxSize(CONNECTIONS));
    text = text(words);
  }

  static String text(int words) {
    return "example ".repeat(words).strip();
  }

  /** The whole answer at once. */
  Call chat(int port) {
    return (client, number) -> post(port, "/chat", turn(client, number), 200);
  }

  /** Server-sent events. */
  Call stream(int port) {
    return (client, number) -> post(port, "/chat/stream", turn(client, number), 200);
  }

  /** One that has to be refused. */
  Call refused(int port, int status) {
    return (client, number) -> post(port, "/chat", turn(client, number), status);
  }

  /** OpenAI's way, streamed, at whoever speaks it. */
  Call completion(int port, String model) {
    Buffer body = new JsonObject()
        .put("model", model)
        .put("stream", true)
        .put(
            "messages",
            new JsonArray().add(new JsonObject().put("role", "user").put("content", text)))
        .toBuffer();
    return (client, number) -> post(port, "/v1/chat/completions", body, 200);
  }

  Call get(int port, String path) {
    return (client, number) -> answered(
        http.request(to(port, path).setMethod(HttpMethod.GET)).compose(HttpClientRequest::send),
        200);
  }

  /** Begins a turn that nobody waits for. */
  Future<Void> hang(int port) {
    JsonObject body = new JsonObject()
        .put("session_id", "hanging")
        .put("model", "openai/fault-hang")
        .put("message", "hang");
    return http.request(to(port, "/chat/stream"))
        .onSuccess(request -> request
            .exceptionHandler(ended -> {})
            .send(body.toBuffer())
            .onSuccess(response -> response.exceptionHandler(ended -> {})))
        .mapEmpty();
  }

  private Buffer turn(int client, int number) {
    return new JsonObject()
        .put("session_id", sessions.of(client, number))
        .put("message", text)
        .toBuffer();
  }

  private Future<Void> post(int port, String path, Buffer body, int status) {
    return answered(http.request(to(port, path)).compose(request -> request.send(body)), status);
  }

  private static Future<Void> answered(Future<HttpClientResponse> answer, int status) {
    return answer.compose(response -> response.statusCode() == status
        ? response.end()
        : response
            .body()
            .compose(body -> Future.failedFuture("status " + response.statusCode() + " " + body)));
  }

  private static RequestOptions to(int port, String path) {
    return new RequestOptions()
        .setMethod(HttpMethod.POST)
        .setHost("127.0.0.1")
        .setPort(port)
        .setURI(path)
        .putHeader("Content-Type", "application/json");
  }
}
