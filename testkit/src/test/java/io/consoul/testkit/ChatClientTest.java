package io.consoul.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayName("The chat client")
class ChatClientTest {

  private static final Duration SHORT = Duration.ofMillis(200);
  private static final Duration LONG = Duration.ofSeconds(30);

  private final AtomicInteger leftEarly = new AtomicInteger();
  private ChatClient client;

  @BeforeEach
  void start(Vertx vertx) throws Exception {
    int port = vertx
        .createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(0))
        .requestHandler(this::answer)
        .listen()
        .await(20, SECONDS)
        .actualPort();
    client = new ChatClient(vertx, port);
  }

  @AfterEach
  void stop() {
    client.close();
  }

  @Test
  @DisplayName("posts a turn and gives status, headers and body")
  void chats() {
    HttpAnswer answer =
        client.withHeader("X-API-Key", "k").chat("s 1", "hello", Map.of("Idempotency-Key", "i"));

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("content-type")).isEqualTo("application/json");
    assertThat(answer.json())
        .isEqualTo(new JsonObject()
            .put("uri", "/chat")
            .put("key", "k")
            .put("idempotency", "i")
            .put("type", "application/json")
            .put("body", "{\"session_id\":\"s 1\",\"message\":\"hello\"}"));
  }

  @Test
  @DisplayName("sends a hostile body as it is, under the type that the test names")
  void raw() {
    HttpAnswer answer = client.post("/raw", "{", Map.of("Content-Type", "text/plain"));

    assertThat(answer.json().getString("body")).isEqualTo("{");
    assertThat(answer.json().getString("type")).isEqualTo("text/plain");
  }

  @Test
  @DisplayName("reads events that are cut anywhere, and puts the answer together by its offsets")
  void streams() {
    EventStream stream = client.stream("s", "cut").awaitEnd();

    assertThat(stream.status()).isEqualTo(200);
    assertThat(stream.events())
        .extracting(SseEvent::event)
        .containsExactly("token", "token", "token", "done");
    assertThat(stream.events()).extracting(SseEvent::id).containsExactly("t:2", "t:4", "t:3", null);
    assertThat(stream.comments()).containsExactly("ping");
    assertThat(stream.text()).isEqualTo("é!?");
    assertThat(stream.lastEventId()).isEqualTo("t:3");
    assertThat(stream.failure()).isNull();
  }

  @Test
  @DisplayName("waits for the first token, and can go away in the middle")
  void aborts() {
    EventStream stream = client.stream("s", "hang");

    assertThat(stream.awaitFirstToken().json().getString("text")).isEqualTo("a");
    assertThat(stream.ended()).isFalse();
    stream.abort();

    await().until(() -> leftEarly.get() == 1);
    assertThat(stream.ended()).isTrue();
  }

  @Test
  @DisplayName("reads one event after the other, and none where nothing comes any more")
  void oneByOne() {
    EventStream ended = client.stream("s", "cut");
    EventStream hanging = client.stream("s", "hang");

    assertThat(ended.next(LONG)).map(SseEvent::id).contains("t:2");
    assertThat(ended.next(LONG)).map(SseEvent::id).contains("t:4");
    assertThat(ended.next(LONG)).map(SseEvent::id).contains("t:3");
    assertThat(ended.next(LONG)).map(SseEvent::event).contains("done");
    assertThat(ended.next(LONG)).isEmpty();
    assertThat(ended.ended()).isTrue();
    assertThat(hanging.next(LONG)).map(SseEvent::event).contains("token");
    assertThat(hanging.next(SHORT)).isEmpty();
    assertThat(hanging.ended()).isFalse();
    hanging.abort();
  }

  @Test
  @DisplayName("says what it had received when a wait takes too long or is in vain")
  void tells() {
    EventStream silent = client.stream("s", "hang");
    silent.awaitFirstToken();
    assertThatThrownBy(() -> silent.await("done", SHORT))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("no event done within")
        .hasMessageContaining("data={\"text\":\"a\",\"offset\":0}");
    silent.abort();

    EventStream ended = client.stream("s", "cut");
    assertThatThrownBy(() -> ended.await("error"))
        .hasMessageContaining("no event error before the end");

    assertThatThrownBy(() -> client.withLimit(SHORT).get("/silent"))
        .hasMessageContaining("no answer to GET /silent");
  }

  @Test
  @DisplayName("tells a connection that breaks in the middle of a stream")
  void broken() {
    EventStream stream = client.stream("s", "break").awaitEnd();

    assertThat(stream.text()).isEqualTo("a");
    assertThat(stream.failure()).isNotNull();
  }

  @Test
  @DisplayName("gives the refusal of a stream as an ordinary answer")
  void refused() {
    EventStream stream = client.stream("s", "refuse");

    assertThat(stream.status()).isEqualTo(429);
    assertThat(stream.refusal().json().getString("code")).isEqualTo("E021");
  }

  @Test
  @DisplayName("attaches again to a turn from its last event")
  void follows() {
    EventStream stream = client.follow("turn/1", "turn/1:7").awaitEnd();

    assertThat(stream.await("token").data()).isEqualTo("/chat/stream/turn%2F1 turn/1:7");
  }

  @Test
  @DisplayName("talks over a WebSocket and sends no Origin")
  void talks() {
    try (SocketClient socket = client.connect("s 1")) {
      assertThat(socket.next())
          .isEqualTo(
              new JsonObject().put("type", "hello").put("uri", "/ws/chat/s%201").putNull("origin"));

      socket.say("one").say("two");

      assertThat(socket.await("done").getString("echo")).isEqualTo("one");
      assertThat(socket.await("token").getJsonObject("data").getString("text")).isEqualTo("two");
      assertThat(socket.await("done").getString("echo")).isEqualTo("two");
      assertThat(socket.messages()).hasSize(5);
      assertThat(socket.text("two")).isEqualTo("two");
      assertThatThrownBy(() -> socket.await("pong", SHORT))
          .hasMessageContaining("no message of type pong within")
          .hasMessageContaining("hello");
      assertThat(socket.closeCode()).isNull();
    }
  }

  @Test
  @DisplayName("tells code and reason when the server closes")
  void serverCloses() {
    SocketClient socket = client.connect("s");

    socket.say("close").awaitClose();

    assertThat(socket.closeCode()).isEqualTo(1012);
    assertThat(socket.closeReason()).isEqualTo("draining");
    assertThatThrownBy(() -> socket.await("done")).hasMessageContaining("closed with 1012");
  }

  @Test
  @DisplayName("reads no more while it is paused")
  void pauses() {
    try (SocketClient socket = client.connect("s")) {
      socket.await("hello");
      socket.pause().say("one");
      assertThatThrownBy(() -> socket.await("done", SHORT)).isInstanceOf(AssertionError.class);

      socket.resume();

      assertThat(socket.await("done").getString("echo")).isEqualTo("one");
    }
  }

  @Test
  @DisplayName("reads no more behind the first message of a kind")
  void pausesAt() {
    try (SocketClient socket = client.connect("s").pauseAt("token")) {
      socket.say("one").say("two");
      socket.await("token");
      assertThatThrownBy(() -> socket.await("done", SHORT)).isInstanceOf(AssertionError.class);
      assertThat(socket.messages("token")).hasSize(1);

      socket.resume();

      assertThat(socket.await("done").getString("echo")).isEqualTo("one");
      assertThat(socket.await("done").getString("echo")).isEqualTo("two");
    }
  }

  @Test
  @DisplayName("gives status and body of an upgrade that is refused")
  void upgradeRefused() {
    UpgradeRejectedException refusal = catchThrowableOfType(
        UpgradeRejectedException.class, () -> client.connect("/ws/refused", Map.of(), List.of()));

    assertThat(refusal.getStatus()).isEqualTo(401);
    assertThat(refusal.getBody().toString()).isEqualTo("no key");
  }

  private void answer(HttpServerRequest request) {
    HttpServerResponse response = request.response();
    if (request.path().equals("/ws/refused")) {
      response.setStatusCode(401).end("no key");
    } else if (request.path().startsWith("/ws/")) {
      request.toWebSocket().onSuccess(socket -> converse(socket, request.getHeader("Origin")));
    } else if (request.path().startsWith("/chat/stream/")) {
      response
          .putHeader("Content-Type", "text/event-stream")
          .end("event: token\ndata: " + request.uri() + " " + request.getHeader("Last-Event-ID")
              + "\n\n");
    } else if (!request.path().equals("/silent")) {
      request.body().onSuccess(body -> {
        if (request.path().equals("/chat/stream")) {
          stream(request, body.toJsonObject().getString("message"));
        } else {
          mirror(request, body);
        }
      });
    }
  }

  private static void mirror(HttpServerRequest request, Buffer body) {
    JsonObject seen = new JsonObject().put("uri", request.uri());
    seen.put("key", request.getHeader("X-API-Key"))
        .put("idempotency", request.getHeader("Idempotency-Key"));
    seen.put("type", request.getHeader("Content-Type")).put("body", body.toString());
    request.response().putHeader("Content-Type", "application/json").end(seen.toBuffer());
  }

  private void stream(HttpServerRequest request, String what) {
    HttpServerResponse response = request.response();
    response.closeHandler(closed -> leftEarly.incrementAndGet());
    if (what.equals("refuse")) {
      response
          .setStatusCode(429)
          .putHeader("Content-Type", "application/json")
          .end("{\"code\":\"E021\"}");
      return;
    }
    response.setChunked(true).putHeader("Content-Type", "text/event-stream");
    if (what.equals("cut")) {
      Buffer body = Buffer.buffer(
          ": ping\r\n\r\nid: t:2\revent: token\rdata: {\"text\":\"é.\",\"offset\":0}\r\r"
              + "id: t:4\nevent: token\ndata: {\"text\":\"xx\",\ndata: \"offset\":2}\n\n"
              + "id:t:3\r\nevent:token\r\ndata:{\"text\":\"!?\",\"offset\":1}\r\n\r\nevent: done\ndata: {}\n\n");
      for (int at = 0; at < body.length(); at++) {
        response.write(body.getBuffer(at, at + 1));
      }
      response.end();
    } else {
      response.write("event: token\ndata: {\"text\":\"a\",\"offset\":0}\n\n");
      if (what.equals("break")) {
        request.connection().close();
      }
    }
  }

  private static void converse(ServerWebSocket socket, String origin) {
    socket.writeTextMessage(new JsonObject()
        .put("type", "hello")
        .put("uri", socket.uri())
        .put("origin", origin)
        .encode());
    socket.textMessageHandler(text -> {
      String said = new JsonObject(text).getString("content");
      if (said.equals("close")) {
        socket.close((short) 1012, "draining");
        return;
      }
      JsonObject token = new JsonObject().put("text", said).put("turn_id", said).put("offset", 0);
      socket.writeTextMessage(
          new JsonObject().put("type", "token").put("data", token).encode());
      socket.writeTextMessage(
          new JsonObject().put("type", "done").put("echo", said).encode());
    });
  }
}
