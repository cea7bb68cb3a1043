package io.consoul.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
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
@DisplayName("The fake Anthropic")
class FakeAnthropicTest {

  private static final String START =
      "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\","
          + "\"role\":\"assistant\",\"content\":[],\"model\":\"claude-x\",\"stop_reason\":null,\"stop_sequence\":null,"
          + "\"usage\":{\"input_tokens\":12,\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,"
          + "\"output_tokens\":1}}}\n\n";

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
  @DisplayName("streams the documented events, byte for byte")
  void streams() {
    fake.answer(Script.text("I'll ", "check.")
        .then(Script.toolCall("toolu_1", "get_time", "{\"tz\": \"UT", "C\"}"))
        .usage(12, 65));

    HttpAnswer answer = ask("");

    assertThat(answer.header("Content-Type")).isEqualTo("text/event-stream; charset=utf-8");
    assertThat(answer.header("request-id")).isEqualTo("req_1");
    assertThat(answer.text())
        .isEqualTo(START
            + event(
                "content_block_start",
                "\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}")
            + "event: ping\ndata: {\"type\": \"ping\"}\n\n"
            + event(
                "content_block_delta",
                "\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"I'll \"}")
            + event(
                "content_block_delta",
                "\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"check.\"}")
            + event("content_block_stop", "\"index\":0")
            + event(
                "content_block_start",
                "\"index\":1,\"content_block\":{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"get_time\",\"input\":{}}")
            + event(
                "content_block_delta",
                "\"index\":1,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"\"}")
            + event(
                "content_block_delta",
                "\"index\":1,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"tz\\\": \\\"UT\"}")
            + event(
                "content_block_delta",
                "\"index\":1,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"C\\\"}\"}")
            + event("content_block_stop", "\"index\":1")
            + event(
                "message_delta",
                "\"delta\":{\"stop_reason\":\"tool_use\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":65}")
            + "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
  }

  @Test
  @DisplayName("answers as one object when no stream is asked for")
  void whole() {
    fake.answer(Script.text("No", "on.").usage(12, 6));

    assertThat(ask("\"stream\":false,").text())
        .isEqualTo(
            "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-x\","
                + "\"content\":[{\"type\":\"text\",\"text\":\"Noon.\",\"citations\":null}],"
                + "\"stop_reason\":\"end_turn\",\"stop_sequence\":null,\"stop_details\":null,"
                + "\"usage\":{\"input_tokens\":12,\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,"
                + "\"cache_creation\":{\"ephemeral_5m_input_tokens\":0,\"ephemeral_1h_input_tokens\":0},"
                + "\"output_tokens\":6,\"output_tokens_details\":{\"thinking_tokens\":0},"
                + "\"server_tool_use\":null,\"service_tier\":\"standard\"}}");
  }

  @Test
  @DisplayName("signs its thoughts before their block ends")
  void thinks() {
    fake.answer(Script.reasoning("hm").then(Script.text("Noon.")));

    assertThat(ask("").text())
        .containsSubsequence(
            "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}",
            "{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}",
            "{\"type\":\"signature_delta\",\"signature\":",
            "{\"type\":\"content_block_stop\",\"index\":0}",
            "{\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"text\"",
            "{\"type\":\"content_block_stop\",\"index\":1}",
            "message_stop");
  }

  @Test
  @DisplayName("can leave out message_stop, and report an error in the stream")
  void broken() {
    fake.answer(Script.text("a", "b").noDone(), Script.text("a", "b").errorEventAfter(1));

    assertThat(ask("").text()).contains("\"end_turn\"").doesNotContain("message_stop");
    assertThat(ask("").text())
        .contains("\"a\"")
        .doesNotContain("\"b\"")
        .endsWith(
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n");
  }

  @Test
  @DisplayName("refuses with its own status and words")
  void refuses() {
    fake.answer(
        Script.refusal(Refusal.OVERLOADED),
        Script.refusal(Refusal.RATE_LIMITED).retryAfter(Duration.ofSeconds(7)));

    HttpAnswer overloaded = ask("");
    HttpAnswer limited = ask("");

    assertThat(overloaded.status()).isEqualTo(529);
    assertThat(overloaded.text())
        .isEqualTo(
            "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"},\"request_id\":\"req_1\"}");
    assertThat(limited.status()).isEqualTo(429);
    assertThat(limited.header("Retry-After")).isEqualTo("7");
  }

  @Test
  @DisplayName("goes on from a last message of the assistant's own, or refuses to")
  void prefill() {
    fake.answer(
        Script.text("Once ", "upon a", " time"),
        Script.text("Never."),
        Script.text("Once").refusesPrefill());
    String begun = messages("{\"role\":\"user\",\"content\":\"Tell.\"},"
        + "{\"role\":\"assistant\",\"content\":\"Once upon\"}");

    assertThat(post(begun, "anthropic-version: 2023-06-01\r\n").text())
        .contains("\"text\":\" a\"", "\"text\":\" time\"")
        .doesNotContain("Once");
    assertThat(post(begun, "anthropic-version: 2023-06-01\r\n").text()).contains("Never.");
    HttpAnswer refused = post(begun, "anthropic-version: 2023-06-01\r\n");
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.text()).contains("does not support assistant message prefill");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}",
        "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[]}",
        "{\"model\":\"m\",\"max_tokens\":9,\"n\":1,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}",
        "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"system\",\"content\":\"hi\"}]}",
        "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"assistant\",\"content\":\"hi\"}]}",
        "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"\"}]}",
        "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"\"}]}]}",
        "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":\"assistant\",\"content\":\"a \"}]}",
        "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"x\"}]}]}"
      })
  @DisplayName("refuses a request that the real API would refuse")
  void refusesBadRequests(String body) {
    HttpAnswer answer = post(body, "anthropic-version: 2023-06-01\r\n");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().getJsonObject("error").getString("type"))
        .isEqualTo("invalid_request_error");
    assertThat(fake.requests()).isEmpty();
  }

  @Test
  @DisplayName("wants its version in every request, and its key where it has one")
  void headers() {
    assertThat(post(messages("{\"role\":\"user\",\"content\":\"hi\"}"), "").status())
        .isEqualTo(400);
    fake.key("k");
    String version = "anthropic-version: 2023-06-01\r\n";

    assertThat(post(messages("{\"role\":\"user\",\"content\":\"hi\"}"), version).status())
        .isEqualTo(401);
    assertThat(
            post(messages("{\"role\":\"user\",\"content\":\"hi\"}"), version + "x-api-key: k\r\n")
                .status())
        .isEqualTo(200);
  }

  @Test
  @DisplayName("lists its models")
  void models() {
    JsonObject list =
        client.get("/v1/models", "anthropic-version: 2023-06-01\r\n").answer().json();

    assertThat(list.getBoolean("has_more")).isFalse();
    assertThat(list.getJsonArray("data").getJsonObject(0).getString("type")).isEqualTo("model");
  }

  private HttpAnswer ask(String more) {
    String body = messages("{\"role\":\"user\",\"content\":\"hi there\"}");
    return post(
        more.isEmpty() ? body : body.replace("\"stream\":true,", more),
        "anthropic-version: 2023-06-01\r\n");
  }

  private HttpAnswer post(String body, String headers) {
    return client.post("/v1/messages", body, headers).answer();
  }

  private static String messages(String messages) {
    return "{\"model\":\"claude-x\",\"max_tokens\":100,\"stream\":true,\"messages\":[" + messages
        + "]}";
  }

  private static String event(String type, String rest) {
    return "event: " + type + "\ndata: {\"type\":\"" + type + "\"," + rest + "}\n\n";
  }
}
