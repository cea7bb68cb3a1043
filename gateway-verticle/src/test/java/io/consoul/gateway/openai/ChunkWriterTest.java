package io.consoul.gateway.openai;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.fault.Fault;
import io.consoul.message.Aside;
import io.consoul.message.FinishReason;
import io.consoul.message.Usage;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A stream of chunks")
class ChunkWriterTest {

  private static final String COMMON =
      "{\"id\":\"chatcmpl-9\",\"object\":\"chat.completion.chunk\",\"created\":1780000000,\"model\":\"gpt-\\\"x\\\"\",\"choices\":[";

  private final ChunkWriter chunks =
      new ChunkWriter("chatcmpl-9", 1_780_000_000, "gpt-\"x\"", false);

  private static List<String> data(ChunkWriter chunks) {
    return List.of(chunks.take().toString().split("\n\n")).stream()
        .map(event -> event.substring("data: ".length()))
        .toList();
  }

  @Test
  @DisplayName("is that of OpenAI, to the letter")
  void shape() {
    chunks.role(0, false);
    chunks.text(0, "Bon");
    chunks.finish(0, FinishReason.STOP, new JsonObject());
    chunks.done(Usage.NONE);
    assertThat(data(chunks))
        .containsExactly(
            COMMON
                + "{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"logprobs\":null,\"finish_reason\":null}]}",
            COMMON
                + "{\"index\":0,\"delta\":{\"content\":\"Bon\"},\"logprobs\":null,\"finish_reason\":null}]}",
            COMMON + "{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"stop\"}]}",
            "[DONE]");
  }

  @Test
  @DisplayName("tells the usage last, in a chunk without choices, where it is asked for")
  void usage() {
    ChunkWriter asked = new ChunkWriter("chatcmpl-9", 1_780_000_000, "gpt-\"x\"", true);
    asked.text(0, "Bon");
    asked.done(new Usage(19, 10, 4, 3, 0.5, false));
    List<String> data = data(asked);
    assertThat(data.get(0)).endsWith("}],\"usage\":null}");
    JsonObject last = new JsonObject(data.get(1));
    assertThat(last.getJsonArray("choices").size()).isZero();
    JsonObject usage = last.getJsonObject("usage");
    assertThat(usage.getInteger("prompt_tokens")).isEqualTo(19);
    assertThat(usage.getInteger("total_tokens")).isEqualTo(29);
    assertThat(usage.getJsonObject("prompt_tokens_details").getInteger("cached_tokens"))
        .isEqualTo(4);
    assertThat(usage.getJsonObject("completion_tokens_details").getInteger("reasoning_tokens"))
        .isEqualTo(3);
    assertThat(data.get(2)).isEqualTo("[DONE]");
  }

  @ParameterizedTest
  @DisplayName("says every text as it is")
  @ValueSource(
      strings = {
        "",
        "plain",
        "\"quoted\" and \\ back",
        "line\nbreak\r\ttab\u0000\u001f\u007f",
        "é ß € 中 \u2028 \uffff",
        "🙂 in 👩‍👩‍👧 pairs"
      })
  void text(String text) {
    chunks.text(0, text);
    JsonObject delta = delta(data(chunks).get(0));
    assertThat(delta.getString("content")).isEqualTo(text);
  }

  @Test
  @DisplayName("says long texts whole, and stays what it is with half a character")
  void longAndBroken() {
    String text = "\u0001🙂x".repeat(50_000);
    chunks.text(0, text);
    chunks.text(0, "a\ud83dz");
    chunks.text(0, "\ud83d");
    List<String> data = data(chunks);
    assertThat(delta(data.get(0)).getString("content")).isEqualTo(text);
    assertThat(delta(data.get(1)).getString("content")).isEqualTo("a?z");
    assertThat(delta(data.get(2)).getString("content")).isEqualTo("?");
  }

  @Test
  @DisplayName("names a tool call once, and then goes on with its arguments under its index")
  void toolCalls() {
    chunks.role(0, true);
    chunks.aside(0, new Aside.ToolCall(12, "call_\"1", "get_time", ""));
    chunks.aside(0, new Aside.ToolCall(12, null, null, "{\"tz\":"));
    List<String> data = data(chunks);
    assertThat(data.get(0)).contains("\"content\":null");
    assertThat(delta(data.get(1)))
        .isEqualTo(
            new JsonObject(
                "{\"tool_calls\":[{\"index\":12,\"id\":\"call_\\\"1\",\"type\":\"function\",\"function\":{\"name\":\"get_time\",\"arguments\":\"\"}}]}"));
    assertThat(delta(data.get(2)))
        .isEqualTo(new JsonObject(
            "{\"tool_calls\":[{\"index\":12,\"function\":{\"arguments\":\"{\\\"tz\\\":\"}}]}"));
  }

  @Test
  @DisplayName("tells thoughts apart from the text")
  void reasoning() {
    chunks.aside(3, new Aside.Reasoning("hm\n"));
    String chunk = data(chunks).get(0);
    assertThat(delta(chunk)).isEqualTo(new JsonObject().put("reasoning_content", "hm\n"));
    assertThat(choice(chunk).getInteger("index")).isEqualTo(3);
  }

  @Test
  @DisplayName("has OpenAI's word for an answer that was cut off, and ours beside it")
  void cutOff() {
    chunks.finish(0, FinishReason.CANCELLED, new JsonObject().put("provider", "p1"));
    String chunk = data(chunks).get(0);
    assertThat(choice(chunk).getString("finish_reason")).isEqualTo("length");
    assertThat(choice(chunk).getString("native_finish_reason")).isEqualTo("cancelled");
    assertThat(new JsonObject(chunk).getString("provider")).isEqualTo("p1");
  }

  @Test
  @DisplayName("ends with an error where it cannot go on")
  void failure() {
    assertThat(
            ChunkWriter.failure(Fault.LLM_UNAVAILABLE.because("It \"broke\"")).toString())
        .isEqualTo(
            "data: {\"error\":{\"message\":\"It \\\"broke\\\"\",\"type\":\"server_error\",\"param\":null,\"code\":\"E200\"}}\n\n");
  }

  private static JsonObject choice(String chunk) {
    return ((JsonObject) Json.decodeValue(chunk)).getJsonArray("choices").getJsonObject(0);
  }

  private static JsonObject delta(String chunk) {
    return choice(chunk).getJsonObject("delta");
  }
}
