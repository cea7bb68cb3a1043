package io.consoul.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(VertxExtension.class)
@DisplayName("The fake OpenAI")
class FakeProviderTest {

  private static final String BEGINNING =
      "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1780000000,\"model\":\"gpt-x\",";
  private static final String FIRST = "data: " + BEGINNING
      + "\"system_fingerprint\":\"fp_1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},"
      + "\"logprobs\":null,\"finish_reason\":null}]}\n\n";

  private FakeProvider fake;
  private RawClient client;

  @BeforeEach
  void start(Vertx vertx) throws Exception {
    fake = FakeProvider.start(vertx).await(20, SECONDS);
    client = RawClient.connect(fake.port());
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    fake.close().await(20, SECONDS);
  }

  @Test
  @DisplayName("streams the documented chunks, byte for byte")
  void streams() {
    fake.answer(List.of("Bon", "jour"));

    HttpAnswer answer = ask("gpt-x");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("Content-Type")).isEqualTo("text/event-stream; charset=utf-8");
    assertThat(answer.header("x-request-id")).isEqualTo("req_1");
    assertThat(answer.text())
        .isEqualTo(FIRST
            + "data: " + BEGINNING
            + "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Bon\"},\"finish_reason\":null}]}\n\n"
            + "data: " + BEGINNING
            + "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"jour\"},\"finish_reason\":null}]}\n\n"
            + "data: " + BEGINNING
            + "\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
            + "data: [DONE]\n\n");
  }

  @Test
  @DisplayName(
      "tells the usage, when it is asked for, on a last chunk without choices, and as null before")
  void usage() {
    fake.answer(Script.text("Bon", "jour").usage(19, 2));

    List<String> data =
        data(ask(chat("gpt-x").put("stream_options", new JsonObject().put("include_usage", true))));

    assertThat(data).hasSize(6);
    assertThat(data.subList(0, 4))
        .allSatisfy(chunk -> assertThat(chunk).endsWith("],\"usage\":null}"));
    assertThat(data.get(4))
        .isEqualTo(
            BEGINNING
                + "\"choices\":[],\"usage\":{\"prompt_tokens\":19,\"completion_tokens\":2,\"total_tokens\":21,"
                + "\"completion_tokens_details\":{\"reasoning_tokens\":0},\"prompt_tokens_details\":{\"cached_tokens\":0}}}");
  }

  @Test
  @DisplayName("can tell the usage early, twice or not at all")
  void oddUsage() {
    JsonObject asking =
        chat("gpt-x").put("stream_options", new JsonObject().put("include_usage", true));
    fake.answer(
        Script.text("a", "b").usageOnLastPiece(),
        Script.text("a", "b").usageTwice(),
        Script.text("a", "b").noUsage());

    assertThat(data(ask(asking)))
        .filteredOn(chunk -> chunk.contains("total_tokens"))
        .singleElement()
        .satisfies(chunk -> assertThat(chunk).contains("\"content\":\"b\""));
    assertThat(data(ask(asking)))
        .filteredOn(chunk -> chunk.contains("total_tokens"))
        .hasSize(2);
    assertThat(ask(asking).text()).doesNotContain("usage").contains("[DONE]");
  }

  @Test
  @DisplayName("answers as one object when no stream is asked for")
  void whole() {
    fake.answer(Script.text("Bon", "jour").usage(19, 10));

    HttpAnswer answer = ask(chat("gpt-x").put("stream", false));

    assertThat(answer.header("Content-Type")).isEqualTo("application/json");
    assertThat(answer.text())
        .isEqualTo(
            "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1780000000,\"model\":\"gpt-x\","
                + "\"choices\":[{\"index\":0,\"finish_reason\":\"stop\",\"logprobs\":null,"
                + "\"message\":{\"role\":\"assistant\",\"content\":\"Bonjour\",\"refusal\":null,\"annotations\":[]}}],"
                + "\"usage\":{\"prompt_tokens\":19,\"completion_tokens\":10,\"total_tokens\":29,"
                + "\"prompt_tokens_details\":{\"cached_tokens\":0,\"cache_write_tokens\":0,\"audio_tokens\":0},"
                + "\"completion_tokens_details\":{\"reasoning_tokens\":0,\"audio_tokens\":0,"
                + "\"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}},"
                + "\"service_tier\":\"default\",\"system_fingerprint\":\"fp_1\"}");
  }

  @Test
  @DisplayName("puts tool calls together for who does not stream")
  void toolCalls() {
    fake.answer(Script.deltas(List.of(
            toolCall(new JsonObject()
                .put("index", 0)
                .put("id", "call_a1")
                .put("type", "function")
                .put("function", new JsonObject().put("name", "get_time").put("arguments", ""))),
            toolCall(new JsonObject()
                .put("index", 1)
                .put("id", "call_a2")
                .put("type", "function")
                .put("function", new JsonObject().put("name", "get_date").put("arguments", "{}"))),
            toolCall(new JsonObject()
                .put("index", 0)
                .put("function", new JsonObject().put("arguments", "{\"tz\":"))),
            toolCall(new JsonObject()
                .put("index", 0)
                .put("function", new JsonObject().put("arguments", "1}")))))
        .finishReason("tool_calls"));

    JsonObject choice =
        ask(chat("gpt-x").put("stream", false)).json().getJsonArray("choices").getJsonObject(0);

    assertThat(choice.getString("finish_reason")).isEqualTo("tool_calls");
    assertThat(choice.getJsonObject("message").getJsonArray("tool_calls").encode())
        .isEqualTo(
            "[{\"id\":\"call_a1\",\"type\":\"function\",\"function\":{\"name\":\"get_time\",\"arguments\":\"{\\\"tz\\\":1}\"}},"
                + "{\"id\":\"call_a2\",\"type\":\"function\",\"function\":{\"name\":\"get_date\",\"arguments\":\"{}\"}}]");
  }

  @Test
  @DisplayName("echoes the last user message a word at a time when it has no script")
  void echoes() {
    JsonObject body = chat("any");
    body.getJsonArray("messages")
        .add(message("assistant", "Hi."))
        .add(new JsonObject()
            .put("role", "user")
            .put(
                "content",
                new JsonArray()
                    .add(new JsonObject().put("type", "text").put("text", "how are you"))));

    assertThat(pieces(ask(body))).containsExactly("You", " said:", " how", " are", " you");
  }

  @Test
  @DisplayName("answers a model by its own script, one after another, and the last one stays")
  void sequence() {
    fake.answer("default")
        .script("flaky", Script.error(500, "server_error", null, "boom"), Script.text("fine"));

    assertThat(ask("flaky").status()).isEqualTo(500);
    assertThat(pieces(ask("flaky"))).containsExactly("fine");
    assertThat(pieces(ask("flaky"))).containsExactly("fine");
    assertThat(pieces(ask("other"))).containsExactly("default");
  }

  @Test
  @DisplayName("refuses with status, headers and the error object")
  void refuses() {
    HttpAnswer answer = ask("fault-429");

    assertThat(answer.status()).isEqualTo(429);
    assertThat(answer.header("Retry-After")).isEqualTo("1");
    assertThat(answer.header("Content-Type")).isEqualTo("application/json");
    assertThat(answer.text())
        .isEqualTo(
            "{\"error\":{\"message\":\"Rate limit reached for this model.\",\"type\":\"rate_limit_error\","
                + "\"param\":null,\"code\":\"rate_limit_exceeded\"}}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}",
        "{\"model\":\"m\",\"messages\":[]}",
        "{\"model\":\"m\",\"messages\":[{\"content\":\"hi\"}]}",
        "{\"model\":\"m\",\"stream\":\"yes\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"
      })
  @DisplayName("refuses a request that the real API would refuse")
  void refusesBadRequests(String body) {
    HttpAnswer answer = client.post("/v1/chat/completions", body).answer();

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().getJsonObject("error").getString("type"))
        .isEqualTo("invalid_request_error");
    assertThat(fake.requests()).isEmpty();
  }

  @Test
  @DisplayName("keeps what it was asked")
  void records() {
    client
        .post("/v1/chat/completions", chat("gpt-x").encode(), "Authorization: Bearer k\r\n")
        .answer();

    ModelRequest request = fake.requests().get(0);
    assertThat(request.path()).isEqualTo("/v1/chat/completions");
    assertThat(request.header("authorization")).isEqualTo("Bearer k");
    assertThat(request.body()).isEqualTo(chat("gpt-x"));
    assertThat(request.lastUserText()).isEqualTo("hi there");
  }

  @Test
  @DisplayName("cuts the connection after two pieces, without a chunked terminator")
  void cuts() {
    fake.answer(Script.text("a", "b", "c").cutAfter(2));
    client.post("/v1/chat/completions", chat("gpt-x").encode());

    String bytes = client.readUntilClosed();

    assertThat(bytes).contains("\"content\":\"b\"").doesNotContain("\"content\":\"c\"");
    assertThat(bytes).endsWith("}\n\n\r\n").doesNotContain("\r\n0\r\n");
    await().until(() -> fake.openStreams() == 0);
    assertThat(fake.aborted()).isZero();
  }

  @Test
  @DisplayName("ends orderly after two pieces, with no finish_reason and no [DONE]")
  void ends() {
    fake.answer(Script.text("a", "b", "c").endAfter(2));

    HttpAnswer answer = ask("gpt-x");

    assertThat(pieces(answer)).containsExactly("a", "b");
    assertThat(answer.text()).doesNotContain("[DONE]").doesNotContain("\"stop\"");
  }

  @Test
  @DisplayName("sends every byte as a chunk of its own, characters cut in the middle")
  void bytes() {
    fake.answer(Script.text("é🙂", "x").byteAtATime());
    client.post("/v1/chat/completions", chat("gpt-x").encode()).readHead();

    ByteArrayOutputStream body = new ByteArrayOutputStream();
    while (client.read(3)[0] == '1') {
      body.write(client.read(3)[0]);
    }
    client.read(2);

    fake.answer(Script.text("é🙂", "x"));
    String usual = ask("gpt-x").text().replace("chatcmpl-2", "chatcmpl-1");
    assertThat(body.toString(UTF_8)).isEqualTo(usual).contains("é🙂");
  }

  @Test
  @DisplayName("sends everything in one write")
  void oneWrite() {
    fake.answer(Script.text("a", "b").oneWrite(), Script.text("a", "b"));
    client.post("/v1/chat/completions", chat("gpt-x").encode(), "Connection: close\r\n");

    String body = client.readUntilClosed().split("\r\n\r\n", 2)[1];

    String usual = askAnew(chat("gpt-x")).text().replace("chatcmpl-2", "chatcmpl-1");
    assertThat(body)
        .isEqualTo(Integer.toHexString(usual.length()) + "\r\n" + usual + "\r\n0\r\n\r\n");
  }

  @Test
  @DisplayName("can end lines with CR LF and put comments and unknown events in between")
  void noise() {
    fake.answer(Script.text("a").crlf(), Script.text("a").commentsBetween());

    String crlf = ask("gpt-x").text();
    String noisy = ask("gpt-x").text();

    assertThat(crlf.replace("\r\n", "")).doesNotContain("\n");
    assertThat(crlf).endsWith("data: [DONE]\r\n\r\n");
    assertThat(noisy)
        .startsWith(": ping\n\nevent: keep-alive\ndata: {\"type\":\"ping\"}\n\ndata: {\"id\"")
        .endsWith(": ping\n\nevent: keep-alive\ndata: {\"type\":\"ping\"}\n\ndata: [DONE]\n\n");
  }

  @Test
  @DisplayName("can send a line of exactly so many bytes")
  void hugeLine() {
    fake.answer(Script.text("é").hugeLine(100_000));

    assertThat(ask("gpt-x").text().lines().map(line -> line.getBytes(UTF_8).length))
        .contains(100_000);
  }

  @Test
  @DisplayName(
      "can leave out [DONE], break the JSON of one chunk, and report an error in the stream")
  void brokenStreams() {
    fake.answer(
        Script.text("a", "b").noDone(),
        Script.text("a", "b").malformedAfter(1),
        Script.text("a", "b").errorEventAfter(1),
        Script.text("a", "b").errorEventAfter(0));

    assertThat(ask("gpt-x").text()).contains("\"finish_reason\":\"stop\"").doesNotContain("[DONE]");
    assertThat(data(ask("gpt-x"))).hasSize(6).element(2).asString().endsWith("{\"cont");
    assertThat(data(ask("gpt-x")))
        .hasSize(3)
        .element(2)
        .asString()
        .startsWith("{\"error\":{\"message\":");
    assertThat(data(ask("gpt-x")))
        .singleElement()
        .asString()
        .startsWith("{\"error\":{\"message\":");
  }

  @Test
  @DisplayName("falls silent after two pieces, and sees when the peer gives up")
  void stalls() {
    fake.answer(Script.text("a", "b", "c").hangAfter(2));
    client.post("/v1/chat/completions", chat("gpt-x").encode());
    assertThat(client.readHead()).startsWith("HTTP/1.1 200 OK\r\n");
    client.awaitText("\"content\":\"b\"");
    assertThat(fake.openStreams()).isEqualTo(1);
    assertThat(fake.aborted()).isZero();

    client.reset();

    await().until(() -> fake.aborted() == 1 && fake.openStreams() == 0);
  }

  @Test
  @DisplayName("takes a request and never answers")
  void hangs() {
    fake.answer(Script.echo().hang());
    client.post("/v1/chat/completions", chat("gpt-x").encode());
    await().until(() -> fake.openStreams() == 1);

    assertThatThrownBy(() -> client.limit(Duration.ofMillis(100)).read(1))
        .hasCauseInstanceOf(SocketTimeoutException.class);
  }

  @Test
  @DisplayName("closes the connection before any response")
  void resets() {
    fake.answer(Script.echo().resetBeforeHead());
    client.post("/v1/chat/completions", chat("gpt-x").encode());

    assertThat(client.readUntilClosed()).isEmpty();
    assertThat(fake.requests()).hasSize(1);
    assertThat(fake.aborted()).isZero();
  }

  @Test
  @DisplayName("waits for the test in the middle of an answer")
  void held() {
    Promise<Void> release = Promise.promise();
    fake.answer(Script.text("a", "b").heldAfter(1, release.future()));
    client.post("/v1/chat/completions", chat("gpt-x").encode()).readHead();
    client.awaitText("\"content\":\"a\"");
    assertThatThrownBy(() -> client.limit(Duration.ofMillis(100)).awaitText("\"content\":\"b\""))
        .isInstanceOf(UncheckedIOException.class);

    release.complete();

    client.limit(Duration.ofSeconds(30)).awaitText("data: [DONE]\n\n");
  }

  @Test
  @DisplayName("waits before the head, before the first piece and between pieces")
  void delays() {
    Duration pause = Duration.ofMillis(60);
    fake.answer(Script.text("a", "b", "c").delayHead(pause).delayFirst(pause).delayEach(pause));
    long begun = System.nanoTime();
    client.post("/v1/chat/completions", chat("gpt-x").encode());

    client.readHead();
    long head = System.nanoTime() - begun;
    client.awaitText("[DONE]");
    long whole = System.nanoTime() - begun;

    assertThat(Duration.ofNanos(head)).isGreaterThanOrEqualTo(pause);
    assertThat(Duration.ofNanos(whole)).isGreaterThanOrEqualTo(pause.multipliedBy(4));
  }

  @Test
  @DisplayName("waits no more when the test is in a hurry, but for the pause that has begun")
  void hurried() {
    Promise<Void> hurry = Promise.promise();
    List<String> pieces = Collections.nCopies(1_000, "a");
    fake.answer(Script.text(pieces).delayEach(Duration.ofMillis(500)).hurriedBy(hurry.future()));
    client.post("/v1/chat/completions", chat("gpt-x").encode()).readHead();
    client.awaitText("\"content\":\"a\"");

    hurry.complete();

    client.limit(Duration.ofSeconds(30)).awaitText("data: [DONE]\n\n");
  }

  @Test
  @DisplayName("spoils an answer in one piece too: cut in the middle, or ended there")
  void troubledWhole() {
    JsonObject whole = chat("gpt-x").put("stream", false);
    fake.answer(
        Script.text("abc").endAfter(1),
        Script.text("abc").errorEventAfter(0),
        Script.text("abc").cutAfter(1));

    assertThat(ask(whole).text()).startsWith("{\"id\":").doesNotEndWith("}");
    assertThat(ask(whole).json().getJsonObject("error").getString("type"))
        .isEqualTo("server_error");
    client.post("/v1/chat/completions", whole.encode());
    assertThat(client.readUntilClosed()).contains("{\"id\":").doesNotEndWith("}");
  }

  @Test
  @DisplayName("lists its models, and knows no other")
  void models() {
    fake.script("mine", Script.text("a"));

    JsonObject list = client.get("/v1/models").answer().json();

    assertThat(list.getString("object")).isEqualTo("list");
    assertThat(
            list.getJsonArray("data").stream().map(model -> ((JsonObject) model).getString("id")))
        .contains("fake", "mine", "fault-cut");
    assertThat(client.get("/v1/models/mine").answer().status()).isEqualTo(200);
    assertThat(client.get("/v1/models/other").answer().status()).isEqualTo(404);
    assertThat(ask("fault-unheard-of").status()).isEqualTo(404);
    assertThat(client.get("/elsewhere").answer().status()).isEqualTo(404);
  }

  @Test
  @DisplayName("comes back on the same port after it was closed")
  void comesBack(Vertx vertx) throws Exception {
    int port = Ports.free(); // none that the system gives to somebody else meanwhile
    FakeProvider first = FakeProvider.start(vertx, port).await(20, SECONDS);
    first.answer(Script.echo().hangAfter(0));
    try (RawClient left = RawClient.connect(port)) {
      left.post("/v1/chat/completions", chat("gpt-x").encode()).readHead();

      first.close().await(20, SECONDS);

      assertThat(left.readUntilClosed()).isEmpty();
    }
    assertThat(first.openStreams()).isZero();
    assertThatThrownBy(() -> RawClient.connect(port)).isInstanceOf(UncheckedIOException.class);
    fake.close().await(20, SECONDS);
    fake = FakeProvider.start(vertx, port).await(20, SECONDS);
    assertThat(fake.port()).isEqualTo(port);
    assertThat(pieces(askAnew(chat("gpt-x")))).containsExactly("You", " said:", " hi", " there");
    assertThat(first.aborted()).isZero();
  }

  private HttpAnswer ask(String model) {
    return ask(chat(model));
  }

  private HttpAnswer ask(JsonObject body) {
    return client.post("/v1/chat/completions", body.encode()).answer();
  }

  /** Over a connection of its own. */
  private HttpAnswer askAnew(JsonObject body) {
    try (RawClient another = RawClient.connect(fake.port())) {
      return another.post("/v1/chat/completions", body.encode()).answer();
    }
  }

  private static JsonObject chat(String model) {
    return new JsonObject()
        .put("model", model)
        .put("stream", true)
        .put(
            "messages",
            new JsonArray().add(message("system", "Be kind.")).add(message("user", "hi there")));
  }

  private static JsonObject message(String role, String content) {
    return new JsonObject().put("role", role).put("content", content);
  }

  private static JsonObject toolCall(JsonObject call) {
    return new JsonObject().put("tool_calls", new JsonArray().add(call));
  }

  private static List<String> data(HttpAnswer answer) {
    return answer
        .text()
        .lines()
        .filter(line -> line.startsWith("data: "))
        .map(line -> line.substring("data: ".length()))
        .toList();
  }

  private static List<String> pieces(HttpAnswer answer) {
    return data(answer).stream()
        .filter(data -> !data.equals("[DONE]"))
        .map(data ->
            new JsonObject(data).getJsonArray("choices").getJsonObject(0).getJsonObject("delta"))
        .map(delta -> delta.getString("content", ""))
        .filter(piece -> !piece.isEmpty())
        .toList();
  }
}
