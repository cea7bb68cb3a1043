package io.consoul.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.ChatMessage;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A request on /v1/chat/completions")
class V1RequestTest {

  private static final String HELLO = "\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]";

  private static V1Request parse(String body) {
    return parse(body, null);
  }

  private static V1Request parse(String body, String header) {
    return V1Request.parse(
        Fields.of(JsonText.object(Buffer.buffer(body)), FieldLimits.USUAL), header);
  }

  private static FaultException refusal(String body) {
    return catchThrowableOfType(FaultException.class, () -> parse(body));
  }

  @Test
  @DisplayName("needs nothing but messages")
  void smallest() {
    V1Request request = parse("{" + HELLO + "}");
    assertThat(request.model()).isNull();
    assertThat(request.choices()).isEqualTo(1);
    assertThat(request.streamed()).isFalse();
    assertThat(request.usageStreamed()).isFalse();
    assertThat(request.options().isEmpty()).isTrue();
    assertThat(request.session()).isNull();
    assertThat(request.messages()).extracting(ChatMessage::content).containsExactly("Hello");
  }

  @Test
  @DisplayName("passes on what it does not itself need, unknown fields too, and no nulls")
  void options() {
    V1Request request = parse("{" + HELLO
        + ",\"model\":\"m\",\"n\":2,\"stream\":true,\"stream_options\":{\"include_usage\":true},"
        + "\"temperature\":0.5,\"max_tokens\":7,\"max_completion_tokens\":9,\"logprobs\":false,"
        + "\"stop\":null,\"top_p\":0.9,\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],"
        + "\"functions\":[],\"of_tomorrow\":{\"a\":[1]}}");
    assertThat(request.settings().temperature()).isEqualTo(0.5);
    assertThat(request.settings().maxTokens()).isEqualTo(9);
    assertThat(request.choices()).isEqualTo(2);
    assertThat(request.usageStreamed()).isTrue();
    assertThat(request.options().toJson().fieldNames())
        .containsExactlyInAnyOrder("top_p", "tools", "functions", "of_tomorrow");
  }

  @Test
  @DisplayName("takes the messages of a conversation with tools and pictures as they are")
  void messages() {
    String conversation = """
        [{"role":"developer","content":"Be brief."},
         {"role":"system","content":[{"type":"text","text":"Kindly."}]},
         {"role":"user","name":"ann","content":[{"type":"text","text":"What?"},
           {"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]},
         {"role":"assistant","content":null,"tool_calls":[
           {"id":"call_1","type":"function","function":{"name":"f","arguments":"{}"}}]},
         {"role":"tool","tool_call_id":"call_1","content":"12:00"},
         {"content":"role behind","role":"user"}]""";
    V1Request request = parse("{\"messages\":" + conversation + "}");
    assertThat(request.messages())
        .extracting(message -> message.role().wireName())
        .containsExactly("developer", "system", "user", "assistant", "tool", "user");
    assertThat(new JsonObject(request.messages().get(2).json()).getString("name"))
        .isEqualTo("ann");
  }

  @ParameterizedTest(name = "{1}")
  @DisplayName("is refused with the name of the field that is wrong")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}                                                              | messages",
        "{\"messages\":[]}                                               | messages",
        "{\"messages\":\"hi\"}                                           | messages",
        "{\"messages\":[7]}                                              | messages[0]",
        "{\"messages\":[{\"content\":\"x\"}]}                            | messages[0].role",
        "{\"messages\":[{\"role\":\"bishop\",\"content\":\"x\"}]}        | messages[0].role",
        "{\"messages\":[{\"role\":\"user\"}]}                            | messages[0].content",
        "{\"messages\":[{\"role\":\"assistant\"}]}                       | messages[0].content",
        "{\"messages\":[{\"role\":\"user\",\"content\":7}]}              | messages[0].content",
        "{\"messages\":[{\"role\":\"user\",\"content\":[]}]}             | messages[0].content",
        "{\"messages\":[{\"role\":\"user\",\"content\":[{\"a\":1}]}]}    | messages[0].content[0].type",
        "{\"messages\":[{\"role\":\"tool\",\"content\":\"x\"}]}          | messages[0].tool_call_id",
        "{\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"function\":{}}]}]} | messages[0].tool_calls[0].id",
        "{\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"a\",\"function\":{}}]}]} | messages[0].tool_calls[0].function.name",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"\\ud800\"}]}    | messages[0].content"
      })
  void malformedMessages(String body, String field) {
    assertThat(refusal(body).details().getString("field")).isEqualTo(field);
  }

  @ParameterizedTest
  @DisplayName("is refused with the name of the option that is wrong")
  @ValueSource(
      strings = {
        "n|0",
        "n|9",
        "n|1.5",
        "model|7",
        "stream|\"yes\"",
        "temperature|2.1",
        "max_tokens|0",
        "max_completion_tokens|-1",
        "stream_options|true",
        "stream_options.include_usage|1",
        "logprobs|true",
        "top_logprobs|3",
        "audio|{}",
        "modalities|[\"text\",\"audio\"]",
        "session_id|7"
      })
  void malformedOptions(String option) {
    String name = option.substring(0, option.indexOf('|'));
    String value = option.substring(option.indexOf('|') + 1);
    String member = name.contains(".")
        ? "\"stream_options\":{\"include_usage\":" + value + "}"
        : "\"" + name + "\":" + value;
    assertThat(refusal("{" + HELLO + "," + member + "}").details().getString("field"))
        .isEqualTo(name);
  }

  @Test
  @DisplayName("goes on with the session that its header or its body names")
  void session() {
    String body = "{" + HELLO + ",\"session_id\":\"s1\",\"temperature\":0.2,\"top_p\":1,"
        + "\"response_format\":{\"type\":\"text\"}}";
    assertThat(parse(body).session().value()).isEqualTo("s1");
    assertThat(parse(body).userText()).isEqualTo("Hello");
    assertThat(parse("{" + HELLO + "}", "s2").session().value()).isEqualTo("s2");
    FaultException two = catchThrowableOfType(FaultException.class, () -> parse(body, "s2"));
    assertThat(two.details().getString("field")).isEqualTo("session_id");
  }

  @ParameterizedTest(name = "{0}")
  @DisplayName("is refused what no session does")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "tools           | [{\"type\":\"function\"}]",
        "response_format | {\"type\":\"json_object\"}",
        "stop            | \".\"",
        "n               | 2",
        "of_tomorrow     | 1"
      })
  void notInSessions(String field, String value) {
    String body = "{" + HELLO + ",\"session_id\":\"s1\",\"" + field + "\":" + value + "}";
    assertThat(refusal(body).details().getString("field")).isEqualTo(field);
  }

  @ParameterizedTest(name = "{0}")
  @DisplayName("needs a user's text as the last message of a session")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"role\":\"assistant\",\"content\":\"x\"} | messages[0].role",
        "{\"role\":\"user\",\"content\":\"\"} | messages[0].content",
        "{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{}}]} | messages[0].content"
      })
  void lastOfSession(String message, String field) {
    String body = "{\"session_id\":\"s1\",\"messages\":[" + message + "]}";
    assertThat(refusal(body).details().getString("field")).isEqualTo(field);
  }

  @Test
  @DisplayName("has a bound on the text for a session, as /chat has")
  void tooLong() {
    String body = new JsonObject("{\"session_id\":\"s1\"," + HELLO + "}").encode();
    String tooLong = body.replace("Hello", "x".repeat(32_769));
    assertThat(refusal(tooLong).fault()).isEqualTo(Fault.MESSAGE_TOO_LONG);
    assertThat(parse(body.replace("Hello", "🙂".repeat(32_768))).session()).isNotNull();
  }
}
