package io.consoul.provider.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.consoul.message.ChatMessage;
import io.consoul.message.CompletionOptions;
import io.consoul.message.Settings;
import io.consoul.provider.Completion;
import io.consoul.provider.UpstreamFailure;
import io.consoul.provider.UpstreamFailure.Cause;
import io.consoul.provider.anthropic.AnthropicFormat;
import io.consoul.provider.gemini.GeminiFormat;
import io.consoul.provider.ollama.OllamaFormat;
import io.consoul.provider.openai.OpenAiFormat;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts that are made to cost much hold up no event loop, whatever the format. */
@DisplayName("Every wire format")
class HostileTextsTest {

  /** Without a bound each of these takes half a minute or longer. */
  private static final Duration SOON = Duration.ofSeconds(10);

  private static final int LENGTH = 300_000;

  private static final List<WireFormat> FORMATS = List.of(
      new OpenAiFormat(true), new AnthropicFormat(), new GeminiFormat(), new OllamaFormat());

  private final Failures failures = new Failures("p", "m", InstantSource.system());

  @ParameterizedTest
  @ValueSource(
      strings = {"model ", "context ", "exceed", "larger than ", "input token count ", "prompt "})
  @DisplayName("understands an error of many words in no time")
  void errors(String word) {
    String error = new JsonObject()
        .put(
            "error",
            new JsonObject()
                .put("code", 400)
                .put("type", "invalid_request_error")
                .put("message", word.repeat(LENGTH / word.length())))
        .encode();
    for (WireFormat format : FORMATS) {
      UpstreamFailure failure = assertTimeoutPreemptively(
          SOON,
          () -> format.refusal(
              failures, 400, MultiMap.caseInsensitiveMultiMap(), Buffer.buffer(error)));
      assertThat(failure.cause()).isEqualTo(Cause.REFUSED);
      AnswerReader reader = format.reader(failures);
      assertTimeoutPreemptively(SOON, () -> reader.feed(Buffer.buffer(lineOf(format, error))));
      reader.end();
      assertThat(reader.reading().shortcoming()).isNotNull();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://x/?", "data:a", "data:;", "data:;base64", "#"})
  @DisplayName("passes on the longest address of an image in no time")
  void images(String url) {
    String last = url.substring(url.length() - 1);
    JsonObject image = new JsonObject()
        .put("type", "image_url")
        .put("image_url", new JsonObject().put("url", url + last.repeat(LENGTH) + "\nx"));
    ChatMessage message = ChatMessage.parse(new JsonObject()
        .put("role", "user")
        .put("content", new JsonArray().add(image))
        .encode());
    for (WireFormat format : FORMATS) {
      assertTimeoutPreemptively(SOON, () -> format.body(asked(message)));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 990, 100_000})
  @DisplayName("passes on a tool's arguments, however deep they are")
  void deepArguments(int depth) {
    String arguments = "{\"a\":" + "[".repeat(depth) + "]".repeat(depth) + "}";
    JsonObject call = new JsonObject()
        .put("id", "c")
        .put("type", "function")
        .put("function", new JsonObject().put("name", "f").put("arguments", arguments));
    ChatMessage message = ChatMessage.parse(new JsonObject()
        .put("role", "assistant")
        .put("tool_calls", new JsonArray().add(call))
        .encode());
    for (WireFormat format : FORMATS) {
      assertThat(format.body(asked(message)).toString()).contains("[".repeat(depth));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 2_000, 100_000})
  @DisplayName("reads JSON of any depth, or passes it over")
  void deepChunks(int depth) {
    String deep = "{\"choices\":" + "[".repeat(depth) + "]".repeat(depth) + "}";
    for (WireFormat format : FORMATS) {
      AnswerReader reader = format.reader(failures);
      reader.feed(Buffer.buffer(lineOf(format, deep)));
      reader.end();
      assertThat(reader.reading().malformed()).isEqualTo(depth < 1_000 ? 0 : 1);
      assertThat(reader.reading().shortcoming().cause()).isEqualTo(Cause.CUT);
    }
  }

  private static String lineOf(WireFormat format, String json) {
    return format instanceof OllamaFormat ? json + "\n" : "data: " + json + "\n\n";
  }

  private static Completion asked(ChatMessage message) {
    return new Completion("m", Settings.NONE, List.of(message), 1, CompletionOptions.NONE);
  }
}
