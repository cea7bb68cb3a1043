package io.consoul.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.message.Aside;
import io.consoul.message.Asides;
import io.consoul.message.CompleteChat;
import io.consoul.message.Completed;
import io.consoul.message.Credit;
import io.consoul.message.Delta;
import io.consoul.message.Detach;
import io.consoul.message.Failed;
import io.consoul.message.FinishReason;
import io.consoul.message.FollowTurn;
import io.consoul.message.Following;
import io.consoul.message.Kind;
import io.consoul.message.ListModels;
import io.consoul.message.Listener;
import io.consoul.message.ModelList;
import io.consoul.message.StreamMessage;
import io.consoul.message.TurnFailed;
import io.consoul.message.Usage;
import io.consoul.testkit.ScriptedSession;
import io.consoul.trace.RequestContext;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("POST /v1/chat/completions")
class V1CompletionsTest {

  /** As {@link ScriptedSession#answering(CompleteChat)} tells it. */
  private static final long FENCE = 1;

  private static final Usage USAGE = new Usage(3, 2, 0.5, false);

  private RunningGateway gateway;

  @BeforeEach
  void start() {
    gateway = RunningGateway.start(pinging());
  }

  /** What is to happen sooner than a provider counts as silent is awaited for less than that. */
  private static JsonObject pinging() {
    return new JsonObject()
        .put("stream", new JsonObject().put("ssePingSeconds", 0.2).put("silenceSeconds", 15));
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  static JsonObject body() {
    return new JsonObject()
        .put("model", "m")
        .put(
            "messages", JsonArray.of(new JsonObject().put("role", "user").put("content", "Hello")));
  }

  static JsonObject streamed() {
    return body()
        .put("stream", true)
        .put("stream_options", new JsonObject().put("include_usage", true));
  }

  private HttpResponse<String> post(JsonObject body) {
    return gateway.send(gateway.chat("/v1/chat/completions", body));
  }

  private CompletableFuture<HttpResponse<String>> posting(JsonObject body) {
    return gateway.sending(gateway.chat("/v1/chat/completions", body));
  }

  private CompleteChat asked() {
    return gateway.session.received().await(CompleteChat.class);
  }

  private void tell(CompleteChat chat, StreamMessage event) {
    gateway.tell(chat.listener(), event);
  }

  private static Delta delta(CompleteChat chat, int offset, String text) {
    return new Delta(chat.turn(), FENCE, offset, text);
  }

  private static Asides aside(CompleteChat chat, int from, Aside... asides) {
    return new Asides(chat.turn(), FENCE, from, List.of(asides));
  }

  private static Completed completed(CompleteChat chat, int length, int asides) {
    return new Completed(
        chat.turn(),
        Listener.ONLY,
        FENCE,
        length,
        asides == 0 ? FinishReason.STOP : FinishReason.TOOL_CALLS,
        USAGE,
        "m1",
        "p1",
        asides,
        0,
        RunningGateway.SEALED,
        0);
  }

  private static TurnFailed failed(CompleteChat chat, Fault fault, int length) {
    return new TurnFailed(chat.turn(), FENCE, length, new Failed(fault, "why", null, null));
  }

  /** Sooner than a provider counts as silent. */
  private void detached() {
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> !gateway.session.received().all(Detach.class).isEmpty());
  }

  static List<String> data(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return response
        .body()
        .lines()
        .filter(line -> line.startsWith("data: "))
        .map(line -> line.substring(6))
        .toList();
  }

  static JsonObject delta(String chunk) {
    return new JsonObject(chunk).getJsonArray("choices").getJsonObject(0).getJsonObject("delta");
  }

  static JsonObject error(HttpResponse<String> response) {
    return new JsonObject(response.body()).getJsonObject("error");
  }

  private static HttpResponse<String> done(CompletableFuture<HttpResponse<String>> response) {
    return response.orTimeout(10, TimeUnit.SECONDS).join();
  }

  @Test
  @DisplayName("gives the whole answer, and hands the provider what it was asked")
  void whole() {
    gateway.session.completing(
        chat -> List.of(delta(chat, 0, "Hel"), delta(chat, 3, "lo"), completed(chat, 5, 0)));
    HttpResponse<String> response = gateway.send(gateway
        .chat(
            "/v1/chat/completions",
            body().put("temperature", 0.5).put("max_tokens", 9).put("seed", 7))
        .header("X-Request-ID", "r-1"));
    JsonObject answer = new JsonObject(response.body());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("x-request-id")).contains("r-1");
    assertThat(answer.getString("id")).startsWith("chatcmpl-");
    assertThat(answer.getString("model")).isEqualTo("m1");
    assertThat(answer.getString("provider")).isEqualTo("p1");
    JsonObject choice = answer.getJsonArray("choices").getJsonObject(0);
    assertThat(choice.getJsonObject("message").getString("content")).isEqualTo("Hello");
    assertThat(choice.getString("finish_reason")).isEqualTo("stop");
    assertThat(answer.getJsonObject("usage").getInteger("total_tokens")).isEqualTo(5);
    CompleteChat chat = asked();
    assertThat(chat.model()).isEqualTo("m");
    assertThat(chat.settings().temperature()).isEqualTo(0.5);
    assertThat(chat.settings().maxTokens()).isEqualTo(9);
    assertThat(chat.options().json()).isEqualTo("{\"seed\":7}");
    assertThat(chat.messages().get(0).content()).isEqualTo("Hello");
  }

  @Test
  @DisplayName("streams it as OpenAI does: role, pieces, reason, usage, [DONE]")
  void stream() {
    gateway.session.completing(
        chat -> List.of(delta(chat, 0, "Hel"), delta(chat, 3, "lo"), completed(chat, 5, 0)));
    HttpResponse<String> response = post(streamed());
    assertThat(response.headers().firstValue("content-type")).contains("text/event-stream");
    List<String> data = data(response);
    assertThat(delta(data.get(0)))
        .isEqualTo(new JsonObject().put("role", "assistant").put("content", ""));
    assertThat(data.subList(1, data.size() - 3))
        .extracting(chunk -> delta(chunk).getString("content"))
        .isNotEmpty()
        .satisfies(pieces -> assertThat(String.join("", pieces)).isEqualTo("Hello"));
    JsonObject end = new JsonObject(data.get(data.size() - 3));
    assertThat(end.getJsonArray("choices").getJsonObject(0).getString("finish_reason"))
        .isEqualTo("stop");
    JsonObject usage = new JsonObject(data.get(data.size() - 2));
    assertThat(usage.getJsonObject("usage").getInteger("prompt_tokens")).isEqualTo(3);
    assertThat(data.get(data.size() - 1)).isEqualTo("[DONE]");
    assertThat(data.subList(0, data.size() - 1))
        .extracting(chunk -> new JsonObject(chunk))
        .extracting(chunk -> chunk.getString("id") + chunk.getString("model"))
        .containsOnly(end.getString("id") + end.getString("model"));
  }

  @Test
  @DisplayName("has no usage in the stream where it is not asked for")
  void noUsage() {
    gateway.session.completing(chat -> List.of(delta(chat, 0, "Hi"), completed(chat, 2, 0)));
    assertThat(post(body().put("stream", true)).body()).doesNotContain("usage");
  }

  @Test
  @DisplayName(
      "tells thoughts and tool calls apart from the text, and asks again for those that are missing")
  void asides() {
    gateway.session.onFollow(follow -> {
      CompleteChat chat = asked();
      tell(chat, aside(chat, follow.asides(), new Aside.ToolCall(0, null, null, "{}")));
      tell(chat, completed(chat, 0, 3));
      return Future.succeededFuture(new Following(follow.turn(), FENCE));
    });
    gateway.session.completing(chat -> List.of(
        aside(chat, 0, new Aside.Reasoning("hm")),
        aside(chat, 0, new Aside.Reasoning("hm"), new Aside.ToolCall(0, "c1", "f", "")),
        completed(chat, 0, 3)));
    JsonObject message = new JsonObject(post(body()).body())
        .getJsonArray("choices")
        .getJsonObject(0)
        .getJsonObject("message");
    assertThat(message.getString("reasoning_content")).isEqualTo("hm");
    assertThat(message.getValue("content")).isNull();
    assertThat(message
            .getJsonArray("tool_calls")
            .getJsonObject(0)
            .getJsonObject("function")
            .getString("arguments"))
        .isEqualTo("{}");
    assertThat(gateway.session.received().await(FollowTurn.class).asides()).isEqualTo(2);
  }

  @Test
  @DisplayName("goes on where a piece of the text was lost")
  void gap() {
    AtomicReference<String> id = new AtomicReference<>();
    gateway.session.onFollow(follow -> {
      id.set(RequestContext.current().requestId());
      CompleteChat chat = asked();
      tell(chat, delta(chat, follow.after(), "llo"));
      tell(chat, completed(chat, 5, 0));
      return Future.succeededFuture(new Following(follow.turn(), FENCE));
    });
    gateway.session.completing(chat -> List.of(delta(chat, 0, "He"), delta(chat, 4, "o")));
    HttpRequest.Builder request =
        gateway.chat("/v1/chat/completions", body()).header("X-Request-ID", "r-1");
    assertThat(gateway.send(request).body()).contains("\"content\":\"Hello\"");
    assertThat(id).hasValue("r-1");
  }

  @Test
  @DisplayName("gives several choices, from as many completions, with the sum of what they cost")
  void choices() {
    gateway.session.completing(chat -> {
      String text =
          "Answer " + gateway.session.received().all(CompleteChat.class).size();
      return List.of(delta(chat, 0, text), completed(chat, text.length(), 0));
    });
    JsonObject answer = new JsonObject(post(body().put("n", 3)).body());
    assertThat(IntStream.range(0, 3)
            .mapToObj(i -> answer.getJsonArray("choices").getJsonObject(i))
            .map(choice -> choice.getInteger("index") + " "
                + choice.getJsonObject("message").getString("content")))
        .hasSize(3)
        .allMatch(choice -> choice.matches("[012] Answer [123]"))
        .doesNotHaveDuplicates();
    assertThat(answer.getJsonObject("usage").getInteger("total_tokens")).isEqualTo(15);
    List<String> data = data(post(streamed().put("n", 3)));
    assertThat(data.stream().filter(chunk -> chunk.contains("\"finish_reason\":\"stop\"")))
        .hasSize(3);
    assertThat(data.subList(0, 3))
        .extracting(chunk -> delta(chunk).getString("role"))
        .containsOnly("assistant");
    assertThat(data.get(data.size() - 1)).isEqualTo("[DONE]");
  }

  @Test
  @DisplayName("fails as a whole when one choice fails, and leaves the others")
  void oneChoiceFails() {
    gateway.session.completing(chat -> List.of());
    var response = posting(body().put("n", 2));
    List<CompleteChat> asked = gateway.session.received().await(CompleteChat.class, 2);
    tell(asked.get(0), failed(asked.get(0), Fault.LLM_CONTENT_FILTERED, 0));
    assertThat(done(response).statusCode()).isEqualTo(400);
    detached();
    assertThat(gateway.session.received().all(Detach.class).get(0).turn())
        .isEqualTo(asked.get(1).turn());
  }

  @Test
  @DisplayName("fails with the status of what went wrong before the first word")
  void earlyFailure() {
    gateway.session.completing(chat -> List.of(failed(chat, Fault.LLM_CONTEXT_TOO_LONG, 0)));
    for (JsonObject body : List.of(body(), streamed())) {
      HttpResponse<String> response = post(body);
      assertThat(response.statusCode()).isEqualTo(400);
      assertThat(error(response).getString("code")).isEqualTo("E203");
      assertThat(error(response).getString("type")).isEqualTo("invalid_request_error");
    }
    gateway.session.on(
        CompleteChat.class,
        chat -> Future.failedFuture(Fault.MODEL_NOT_AVAILABLE.because("no such model")));
    HttpResponse<String> unknown = post(streamed());
    gateway.session.completing(chat -> List.of(new TurnFailed(
        chat.turn(),
        FENCE,
        0,
        new Failed(
            Fault.MODEL_CONFIG_ERROR,
            "does not accept it",
            null,
            new JsonObject().put(Fault.REFUSED_BY_PROVIDER, 400)))));
    HttpResponse<String> refused = post(body());
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(error(refused).getString("message")).isEqualTo("does not accept it");
    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(error(unknown).getString("param")).isEqualTo("model");
  }

  @Test
  @DisplayName("tells a client that repeats by itself where that is of no use")
  void ofNoUse() {
    for (Fault fault : List.of(Fault.MODEL_CONFIG_ERROR, Fault.LLM_UNAVAILABLE)) {
      gateway.session.completing(chat -> List.of(failed(chat, fault, 0)));
      assertThat(post(body()).headers().firstValue("x-should-retry").orElse("true"))
          .isEqualTo("" + fault.recoverable());
    }
  }

  @Test
  @DisplayName("ends a stream that has begun with an error in it, and without [DONE]")
  void lateFailure() {
    gateway.session.completing(taken -> List.of());
    var response = posting(streamed());
    CompleteChat chat = asked();
    tell(chat, delta(chat, 0, "Hel"));
    await().until(() -> !gateway.session.received().all(Credit.class).isEmpty());
    tell(chat, failed(chat, Fault.LLM_TIMEOUT, 3));
    List<String> data = data(done(response));
    assertThat(new JsonObject(data.get(data.size() - 1)).getJsonObject("error").getString("code"))
        .isEqualTo("E201");
  }

  @Test
  @DisplayName(
      "goes on at another provider from what its client has when one is lost in the middle, and fails when none is left")
  void silentInTheMiddle() {
    gateway.close();
    gateway = RunningGateway.start(
        new JsonObject().put("stream", new JsonObject().put("silenceSeconds", 1)));
    ScriptedSession other = RunningGateway.get(ScriptedSession.startWithProvider(gateway.node));
    for (ScriptedSession instance : List.of(gateway.session, other)) {
      instance.on(CompleteChat.class, chat -> {
        int from = chat.said() == null ? 0 : chat.said().length();
        tell(chat, delta(chat, from, from == 0 ? "Hel" : "lo"));
        return Future.succeededFuture(instance.answering(chat));
      });
    }
    List<String> data = data(post(streamed()));
    assertThat(delta(data.get(1)).getString("content")).isEqualTo("Hel");
    assertThat(delta(data.get(2)).getString("content")).isEqualTo("lo");
    assertThat(new JsonObject(data.get(3)).getJsonObject("error").getString("code"))
        .isEqualTo("E200");
    assertThat(data).hasSize(4);
    assertThat(total(other)).isEqualTo(2);
    assertThat(Stream.of(gateway.session, other)
            .flatMap(each -> each.received().all(CompleteChat.class).stream())
            .map(CompleteChat::said))
        .containsExactlyInAnyOrder(null, "Hel");
  }

  @Test
  @DisplayName("goes on at once when its provider's node has left, as one answer")
  void providerGone() {
    ScriptedSession other = RunningGateway.get(ScriptedSession.startWithProvider(gateway.node));
    List<ScriptedSession> both = List.of(gateway.session, other);
    for (ScriptedSession instance : both) {
      instance.on(CompleteChat.class, chat -> {
        tell(chat, delta(chat, chat.said() == null ? 0 : 3, chat.said() == null ? "Hel" : "lo"));
        if (chat.said() != null) {
          tell(chat, completed(chat, 5, 0));
        }
        return Future.succeededFuture(instance.answering(chat));
      });
    }
    var response = posting(body());
    await().until(() -> total(other) == 1);
    ScriptedSession gone = both.get(other.received().all(CompleteChat.class).isEmpty() ? 0 : 1);
    await().until(() -> !gone.received().all(Credit.class).isEmpty()); // it has the text
    RunningGateway.get(gone.close());
    assertThat(done(response).body()).contains("\"content\":\"Hello\"");
  }

  @Test
  @DisplayName("does not go on at another provider after a tool call, which cannot be gone on from")
  void notAfterACall() {
    gateway.close();
    gateway = RunningGateway.start(
        new JsonObject().put("stream", new JsonObject().put("silenceSeconds", 1)));
    ScriptedSession other = RunningGateway.get(ScriptedSession.startWithProvider(gateway.node));
    for (ScriptedSession instance : List.of(gateway.session, other)) {
      instance.on(CompleteChat.class, chat -> {
        tell(chat, aside(chat, 0, new Aside.Reasoning("hm")));
        return Future.succeededFuture(instance.answering(chat));
      });
    }
    assertThat(post(streamed()).body()).contains("\"code\":\"E200\"");
    assertThat(total(other)).isEqualTo(1);
  }

  @Test
  @DisplayName("pings while the model thinks, and asks another provider when one does not answer")
  void silentProvider() {
    gateway.close();
    JsonObject impatient = pinging();
    impatient.getJsonObject("stream").put("silenceSeconds", 0.6);
    gateway = RunningGateway.start(impatient);
    ScriptedSession other = RunningGateway.get(ScriptedSession.startWithProvider(gateway.node));
    gateway.session.on(CompleteChat.class, chat -> ScriptedSession.noAnswer());
    other.on(CompleteChat.class, chat -> ScriptedSession.noAnswer());
    var response = posting(streamed());
    await().until(() -> total(other) == 2);
    List<CompleteChat> asked = List.of(
            gateway.session.received().all(CompleteChat.class),
            other.received().all(CompleteChat.class))
        .stream()
        .flatMap(List::stream)
        .toList();
    assertThat(asked.get(0).turn()).isNotEqualTo(asked.get(1).turn());
    await()
        .until(() -> gateway.session.received().all(Detach.class).size()
                + other.received().all(Detach.class).size()
            == 2);
    HttpResponse<String> given = done(response);
    assertThat(given.body()).startsWith(": ping\n\n").contains("\"code\":\"E200\"");
  }

  private int total(ScriptedSession other) {
    return gateway.session.received().all(CompleteChat.class).size()
        + other.received().all(CompleteChat.class).size();
  }

  @Test
  @DisplayName("passes over a provider instance that is gone or has enough to do")
  void anotherInstance() {
    gateway.node.directory().join(Kind.PROVIDER);
    ScriptedSession other = RunningGateway.get(ScriptedSession.startWithProvider(gateway.node));
    AtomicInteger asked = new AtomicInteger();
    for (ScriptedSession instance : List.of(gateway.session, other)) {
      instance.on(CompleteChat.class, chat -> {
        if (asked.getAndIncrement() == 0) {
          return Future.failedFuture(Fault.SERVER_BUSY.retryAfter(1, "enough to do"));
        }
        tell(chat, delta(chat, 0, "Hi"));
        tell(chat, completed(chat, 2, 0));
        return Future.succeededFuture(instance.answering(chat));
      });
    }
    assertThat(post(body()).body()).contains("\"content\":\"Hi\"");
    assertThat(asked).hasValue(2);
  }

  @Test
  @DisplayName("stops the completion when its client goes away")
  void gone() {
    gateway.session.completing(chat -> List.of());
    String body = streamed().encode();
    try (RawClient client = gateway.raw()) {
      client.send("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
          + "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n"
          + body);
      asked();
    }
    detached();
    assertThat(gateway.session.received().all(Detach.class).get(0).turn())
        .isEqualTo(asked().turn());
    await().untilAsserted(() -> assertThat(gateway.edge.connections()).isZero());
  }

  @Test
  @DisplayName(
      "gives credit for the text and the asides that have left, under the fence of the answer")
  void credits() {
    gateway.session.completing(chat -> List.of());
    var response = posting(streamed());
    CompleteChat chat = asked();
    String half = "x".repeat(chat.listener().window() / 2);
    tell(chat, delta(chat, 0, half));
    gateway.session.received().await(Credit.class, credit -> credit.upTo() == half.length());
    Aside[] many =
        IntStream.range(0, 128).mapToObj(i -> new Aside.Reasoning("h")).toArray(Aside[]::new);
    tell(chat, aside(chat, 0, many));
    gateway.session.received().await(Credit.class, credit -> credit.asides() == 128);
    tell(chat, completed(chat, half.length(), 128));
    assertThat(data(done(response))).endsWith("[DONE]");
    assertThat(gateway.session.received().all(Credit.class))
        .extracting(Credit::fence)
        .containsOnly(FENCE);
  }

  @Test
  @DisplayName("has OpenAI's error for everything that is wrong with a request")
  void errors() {
    HttpResponse<String> malformed = gateway.send(gateway
        .request("/v1/chat/completions")
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString("{")));
    assertThat(malformed.statusCode()).isEqualTo(400);
    assertThat(error(malformed).getString("code")).isEqualTo("E001");
    HttpResponse<String> field = post(new JsonObject().put("messages", new JsonArray()));
    assertThat(error(field).getString("param")).isEqualTo("messages");
    HttpResponse<String> type = gateway.send(
        gateway.request("/v1/chat/completions").POST(HttpRequest.BodyPublishers.ofString("{}")));
    assertThat(type.statusCode()).isEqualTo(415);
    assertThat(error(type).getString("type")).isEqualTo("invalid_request_error");
    HttpResponse<String> method = gateway.get("/v1/chat/completions");
    assertThat(method.statusCode()).isEqualTo(405);
    assertThat(method.headers().firstValue("allow")).isPresent();
    assertThat(error(method).getString("code")).isEqualTo("E008");
    HttpResponse<String> nowhere = gateway.get("/v1/embeddings");
    assertThat(nowhere.statusCode()).isEqualTo(404);
    assertThat(error(nowhere).getString("code")).isEqualTo("E007");
  }

  @Test
  @DisplayName("has the models at /v1/models, and each by its name, slashes encoded or not")
  void models() {
    gateway.session.on(
        ListModels.class,
        ask -> Future.succeededFuture(new ModelList(List.of(
            new ModelList.Model("echo", "echo", true),
            new ModelList.Model("openai/gpt-4.1", "openai", false)))));
    JsonObject list = new JsonObject(gateway.get("/v1/models").body());
    assertThat(list.getString("object")).isEqualTo("list");
    assertThat(list.getJsonArray("data").getJsonObject(0).getString("id")).isEqualTo("echo");
    for (String id : List.of("openai/gpt-4.1", "openai%2Fgpt-4.1", "gpt-4.1")) {
      JsonObject model = new JsonObject(gateway.get("/v1/models/" + id).body());
      assertThat(model.getString("id")).as(id).isEqualTo("openai/gpt-4.1");
      assertThat(model.getString("object")).isEqualTo("model");
      assertThat(model.getString("owned_by")).isEqualTo("openai");
      assertThat(model.getLong("created")).isPositive();
    }
    for (String id : List.of("nobody", "a/b/c", "%ff")) {
      HttpResponse<String> unknown = gateway.get("/v1/models/" + id);
      assertThat(unknown.statusCode()).as(id).isIn(400, 404);
      assertThat(error(unknown).getString("param")).isEqualTo("model");
    }
  }

  @Test
  @DisplayName("is 503 where no provider is there")
  void nobody() {
    try (RunningGateway alone = RunningGateway.startAlone()) {
      for (HttpResponse<String> response : List.of(
          alone.get("/v1/models"), alone.send(alone.chat("/v1/chat/completions", body())))) {
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.headers().firstValue("retry-after")).contains("1");
        assertThat(error(response).getString("code")).isEqualTo("E200");
      }
    }
  }
}
