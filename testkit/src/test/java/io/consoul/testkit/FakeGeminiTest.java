package io.consoul.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(VertxExtension.class)
@DisplayName("The fake Gemini")
class FakeGeminiTest {

  private static final String HI =
      "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"hi\"}]}]}";
  private static final String STREAM = ":streamGenerateContent?alt=sse";
  private static final String END = ",\"modelVersion\":\"gemini-x\",\"responseId\":\"r-1\"}";

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
    fake.answer(Script.text("No", "on.").usage(12, 4));

    HttpAnswer answer = ask(STREAM, HI);

    assertThat(answer.header("Content-Type")).isEqualTo("text/event-stream");
    assertThat(answer.text())
        .isEqualTo(
            "data: {\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\"No\"}]},\"index\":0}],"
                + "\"usageMetadata\":{\"promptTokenCount\":12,\"totalTokenCount\":12}" + END
                + "\n\n"
                + "data: {\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\"on.\"}]},"
                + "\"finishReason\":\"STOP\",\"index\":0}],"
                + "\"usageMetadata\":{\"promptTokenCount\":12,\"candidatesTokenCount\":4,\"totalTokenCount\":16}"
                + END + "\n\n");
    assertThat(fake.requests().get(0).model()).isEqualTo("gemini-x");
    assertThat(fake.requests().get(0).lastUserText()).isEqualTo("hi");
  }

  @Test
  @DisplayName("answers as one object or one array when no events are asked for")
  void whole() {
    fake.answer(Script.text("No", "on.").usage(12, 4));

    HttpAnswer whole = ask(":generateContent", HI);
    HttpAnswer array = ask(":streamGenerateContent", HI);

    assertThat(whole.header("Content-Type")).isEqualTo("application/json");
    assertThat(whole.text())
        .isEqualTo(
            "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\"Noon.\"}]},"
                + "\"finishReason\":\"STOP\",\"index\":0}],"
                + "\"usageMetadata\":{\"promptTokenCount\":12,\"candidatesTokenCount\":4,\"totalTokenCount\":16}"
                + END);
    assertThat(array.text()).isEqualTo("[" + whole.text().replace("r-1", "r-2") + "]");
  }

  @Test
  @DisplayName("brings thoughts apart, counts them apart, and calls a tool in one piece")
  void thoughtsAndTools() {
    fake.answer(Script.reasoning("h", "m")
        .then(Script.toolCall("c", "get_time", "{\"tz\":", "\"UTC\"}"))
        .usage(12, 5));

    assertThat(ask(STREAM, HI).text())
        .containsSubsequence(
            "{\"text\":\"h\",\"thought\":true}",
            "{\"text\":\"m\",\"thought\":true}",
            "{\"functionCall\":{\"name\":\"get_time\",\"args\":{\"tz\":\"UTC\"}}}",
            "\"finishReason\":\"STOP\"",
            "\"candidatesTokenCount\":3,\"thoughtsTokenCount\":2,\"totalTokenCount\":17");
  }

  @Test
  @DisplayName("gives its finish reason in a chunk of its own where something happens before it")
  void heldBack() {
    fake.answer(Script.text("a", "b").endAfter(2), Script.text("a", "b").usageOnLastPiece());

    assertThat(ask(STREAM, HI).text()).contains("\"b\"").doesNotContain("finishReason");
    assertThat(ask(STREAM, HI).text().lines().filter(line -> !line.isEmpty())).hasSize(3);
  }

  @Test
  @DisplayName("reports an error in the stream as bare JSON over several lines")
  void errorInStream() {
    fake.answer(Script.text("a", "b").errorEventAfter(1));

    String body = ask(STREAM, HI).text();

    String error = body.substring(body.indexOf("\n\n") + 2);
    assertThat(error).startsWith("{\n");
    assertThat(new JsonObject(error).getJsonObject("error").getString("status"))
        .isEqualTo("INTERNAL");
  }

  @Test
  @DisplayName("tells in the body of a refusal when to ask again, and which quota is used up")
  void refuses() {
    fake.answer(
        Script.refusal(Refusal.RATE_LIMITED).retryAfter(Duration.ofSeconds(37)),
        Script.refusal(Refusal.QUOTA));

    HttpAnswer limited = ask(STREAM, HI);
    HttpAnswer quota = ask(STREAM, HI);

    assertThat(limited.status()).isEqualTo(429);
    assertThat(limited.header("Retry-After")).isNull();
    JsonArray details = limited.json().getJsonObject("error").getJsonArray("details");
    assertThat(details.getJsonObject(1).getString("retryDelay")).isEqualTo("37s");
    assertThat(quota.text()).contains("\"RESOURCE_EXHAUSTED\"", "PerDay");
  }

  @Test
  @DisplayName("answers a prompt that it blocks with no candidates")
  void blocks() {
    fake.answer(Script.refusal(Refusal.FILTER));

    HttpAnswer streamed = ask(STREAM, HI);
    HttpAnswer whole = ask(":generateContent", HI);

    assertThat(streamed.status()).isEqualTo(200);
    assertThat(streamed.header("Content-Type")).isEqualTo("text/event-stream");
    assertThat(streamed.text())
        .startsWith("data: {\"promptFeedback\":{\"blockReason\":\"SAFETY\"}");
    assertThat(whole.json().containsKey("candidates")).isFalse();
  }

  @Test
  @DisplayName("goes on from a last content of the model's own")
  void prefill() {
    fake.answer(Script.text("Once ", "upon a", " time"));

    assertThat(ask(
                STREAM,
                "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"Tell.\"}]},"
                    + "{\"role\":\"model\",\"parts\":[{\"text\":\"Once upon \"}]}]}")
            .text())
        .contains("{\"text\":\"a\"}", "{\"text\":\" time\"}")
        .doesNotContain("Once");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "{\"contents\":[]}",
        "{\"contents\":[{\"role\":\"assistant\",\"parts\":[{\"text\":\"hi\"}]}]}",
        "{\"contents\":[{\"role\":\"user\",\"parts\":[]}]}",
        "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"txt\":\"hi\"}]}]}",
        "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"hi\"}]}],\"stream\":true}",
        "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"functionResponse\":{\"name\":\"f\",\"response\":\"x\"}}]}]}"
      })
  @DisplayName("refuses a request that the real API would refuse")
  void refusesBadRequests(String body) {
    HttpAnswer answer = ask(STREAM, body);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().getJsonObject("error").getString("status"))
        .isEqualTo("INVALID_ARGUMENT");
    assertThat(fake.requests()).isEmpty();
  }

  @Test
  @DisplayName("takes its key from a header or the address, and lists its models")
  void keyAndModels() {
    fake.key("k");

    assertThat(ask(STREAM, HI).text()).contains("API_KEY_INVALID");
    assertThat(ask(STREAM + "&key=k", HI).status()).isEqualTo(200);
    assertThat(client
            .post("/v1beta/models/gemini-x" + STREAM, HI, "x-goog-api-key: k\r\n")
            .answer()
            .status())
        .isEqualTo(200);
    assertThat(client.get("/v1beta/models").answer().text()).contains("\"name\":\"models/fake\"");
  }

  private HttpAnswer ask(String use, String body) {
    return client.post("/v1beta/models/gemini-x" + use, body).answer();
  }
}
