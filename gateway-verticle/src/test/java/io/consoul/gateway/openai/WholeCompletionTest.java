package io.consoul.gateway.openai;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.Aside;
import io.consoul.message.FinishReason;
import io.consoul.message.Usage;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A whole completion")
class WholeCompletionTest {

  private static JsonObject told(SpokenChoice... choices) {
    return WholeCompletion.json(
        "chatcmpl-7f3",
        1_780_000_000,
        "gpt-x",
        List.of(choices),
        new Usage(19, 10, 0, true),
        new JsonObject().put("provider", "p1"));
  }

  private static SpokenChoice saying(String text) {
    SpokenChoice choice = new SpokenChoice();
    choice.text(text);
    choice.finish(FinishReason.STOP);
    return choice;
  }

  @Test
  @DisplayName("has OpenAI's fields")
  void shape() {
    assertThat(told(saying("Bonjour"))).isEqualTo(new JsonObject("""
            {"id":"chatcmpl-7f3","object":"chat.completion","created":1780000000,"model":"gpt-x",
             "choices":[{"index":0,"message":{"role":"assistant","content":"Bonjour","refusal":null},
                         "logprobs":null,"finish_reason":"stop"}],
             "usage":{"prompt_tokens":19,"completion_tokens":10,"total_tokens":29,
                      "prompt_tokens_details":{"cached_tokens":0},
                      "completion_tokens_details":{"reasoning_tokens":0},
                      "estimated_cost":0.0,"estimated":true},
             "provider":"p1"}"""));
  }

  @Test
  @DisplayName(
      "puts the pieces of tool calls together, and has no content where there is nothing else")
  void toolCalls() {
    SpokenChoice choice = new SpokenChoice();
    choice.aside(new Aside.Reasoning("h"));
    choice.aside(new Aside.Reasoning("m"));
    choice.aside(new Aside.ToolCall(1, "call_b", "second", ""));
    choice.aside(new Aside.ToolCall(0, "call_a", "first", "{\"a\""));
    choice.aside(new Aside.ToolCall(1, null, null, "{}"));
    choice.aside(new Aside.ToolCall(0, null, null, ":1}"));
    choice.finish(FinishReason.TOOL_CALLS);
    JsonObject first = told(choice).getJsonArray("choices").getJsonObject(0);
    assertThat(first.getString("finish_reason")).isEqualTo("tool_calls");
    assertThat(first.getJsonObject("message")).isEqualTo(new JsonObject("""
            {"role":"assistant","content":null,"refusal":null,"reasoning_content":"hm","tool_calls":[
              {"id":"call_a","type":"function","function":{"name":"first","arguments":"{\\"a\\":1}"}},
              {"id":"call_b","type":"function","function":{"name":"second","arguments":"{}"}}]}"""));
  }

  @Test
  @DisplayName("tells several choices in order")
  void choices() {
    JsonObject told = told(saying("a"), saying("b"));
    assertThat(told.getJsonArray("choices").getJsonObject(1).getInteger("index"))
        .isEqualTo(1);
    assertThat(told.getJsonArray("choices")
            .getJsonObject(1)
            .getJsonObject("message")
            .getString("content"))
        .isEqualTo("b");
  }
}
