package io.consoul.provider.openai;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.ChatMessage;
import io.consoul.message.CompletionOptions;
import io.consoul.message.Settings;
import io.consoul.provider.Completion;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A chat completion request")
class OpenAiRequestTest {

  private static final List<ChatMessage> HISTORY = List.of(
      ChatMessage.user("say \"hi\"\n🦉"),
      ChatMessage.assistant("hi"),
      new ChatMessage(ChatMessage.Role.USER, "{\"role\" : \"user\",\"content\":\"as stored\"}"));

  @Test
  @DisplayName("holds the system prompt and then the history, each message as it is stored")
  void messages() {
    Settings settings = new Settings("Be \"brief\"", 0.5, 100);
    String text = new OpenAiRequest(false)
        .write(new Completion("a\"b", settings, HISTORY, 0))
        .toString();
    assertThat(text).contains("{\"role\" : \"user\",\"content\":\"as stored\"}");
    assertThat(new JsonObject(text))
        .isEqualTo(new JsonObject()
            .put("model", "a\"b")
            .put(
                "messages",
                new JsonArray()
                    .add(message("system", "Be \"brief\""))
                    .add(message("user", "say \"hi\"\n🦉"))
                    .add(message("assistant", "hi"))
                    .add(message("user", "as stored")))
            .put("stream", true)
            .put("stream_options", new JsonObject().put("include_usage", true))
            .put("temperature", 0.5)
            .put("max_tokens", 100));
  }

  @Test
  @DisplayName("leaves out what nobody has set")
  void unset() {
    JsonObject json = new JsonObject(
        new OpenAiRequest(false).write(new Completion("m", Settings.NONE, HISTORY, 0)));
    assertThat(json.fieldNames())
        .containsExactlyInAnyOrder("model", "messages", "stream", "stream_options");
    assertThat(json.getJsonArray("messages")).hasSize(3);
  }

  @Test
  @DisplayName("speaks OpenAI's newest dialect to OpenAI alone")
  void openAi() {
    Completion completion = new Completion("m", new Settings(null, null, 5), HISTORY, 0);
    JsonObject json = new JsonObject(new OpenAiRequest(true).write(completion));
    assertThat(json.getInteger("max_completion_tokens")).isEqualTo(5);
    assertThat(json.containsKey("max_tokens")).isFalse();
    assertThat(json.getJsonObject("stream_options").getBoolean("include_obfuscation"))
        .isFalse();
  }

  @Test
  @DisplayName("holds the caller's options as they came, at the top")
  void options() {
    String options = "{\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"x\"}}],"
        + "\"stop\":[\"}\"],\"seed\":1.50}";
    String text = text(false, new CompletionOptions(options));
    assertThat(text).contains(options.substring(1, options.length() - 1));
    JsonObject json = new JsonObject(text);
    assertThat(json.fieldNames())
        .containsExactlyInAnyOrder(
            "model", "messages", "stream", "stream_options", "tools", "stop", "seed");
    assertThat(json.getJsonArray("stop")).containsExactly("}");
    assertThat(new JsonObject(text(true, CompletionOptions.NONE)).containsKey("tools"))
        .isFalse();
  }

  @Test
  @DisplayName("calls the developer by its older name, unless OpenAI itself reads it")
  void developer() {
    List<ChatMessage> history = List.of(
        ChatMessage.parse("{\"role\":\"developer\",\"content\":\"role: developer\"}"),
        ChatMessage.parse("{\"content\":\"b\",\"role\":\"developer\"}"));
    assertThat(messages(false, history))
        .isEqualTo(
            new JsonArray().add(message("system", "role: developer")).add(message("system", "b")));
    assertThat(messages(true, history))
        .isEqualTo(new JsonArray()
            .add(message("developer", "role: developer"))
            .add(message("developer", "b")));
  }

  @Test
  @DisplayName("ends with the beginning of the answer when only the rest is wanted")
  void continuation() {
    List<ChatMessage> history = List.of(ChatMessage.user("a"), ChatMessage.assistant("b "));
    assertThat(messages(false, history).getJsonObject(1)).isEqualTo(message("assistant", "b "));
  }

  @Test
  @DisplayName("passes parts, tool calls and their results through")
  void anyContent() {
    List<String> texts = List.of(
        "{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:,\"}}]}",
        "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"c\"}]}",
        "{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":\"12:00\"}");
    JsonArray messages = messages(true, texts.stream().map(ChatMessage::parse).toList());
    assertThat(messages).hasSize(3);
    for (int i = 0; i < texts.size(); i++) {
      assertThat(messages.getJsonObject(i).encode()).isEqualTo(texts.get(i));
    }
  }

  private static String text(boolean openAiItself, CompletionOptions options) {
    return new OpenAiRequest(openAiItself)
        .write(new Completion("m", Settings.NONE, HISTORY, 0, options))
        .toString();
  }

  private static JsonArray messages(boolean openAiItself, List<ChatMessage> history) {
    return new JsonObject(
            new OpenAiRequest(openAiItself).write(new Completion("m", Settings.NONE, history, 0)))
        .getJsonArray("messages");
  }

  private static JsonObject message(String role, String content) {
    return new JsonObject().put("role", role).put("content", content);
  }
}
