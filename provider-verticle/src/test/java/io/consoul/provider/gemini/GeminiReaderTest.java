package io.consoul.provider.gemini;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.Aside;
import io.consoul.message.FinishReason;
import io.consoul.message.Usage;
import io.consoul.provider.UpstreamFailure.Cause;
import io.consoul.provider.wire.BareJson;
import io.consoul.provider.wire.Failures;
import io.consoul.provider.wire.Reading;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A stream of Gemini")
class GeminiReaderTest {

  private final GeminiReader stream =
      new GeminiReader(new Failures("p", "m", InstantSource.system()));
  private final Reading reading = stream.reading();

  @Test
  @DisplayName("gives text, thoughts apart from it, the last usage and why it finished")
  void whole() {
    read("{'candidates':[{'content':{'role':'model','parts':[{'text':'hm','thought':true}]},"
        + "'index':0}],'usageMetadata':{'promptTokenCount':12,'totalTokenCount':12}}");
    assertThat(reading.takeAsides()).containsExactly(new Aside.Reasoning("hm"));
    assertThat(reading.usage()).isNull();
    read(
        "{'candidates':[{'content':{'parts':[{'text':'No'},{'text':'','thoughtSignature':'x'}]}}]}");
    read("{'candidates':[{'content':{'parts':[{'text':'on.'}]},'finishReason':'STOP'}],"
        + "'usageMetadata':{'promptTokenCount':12,'candidatesTokenCount':4,'thoughtsTokenCount':20,"
        + "'cachedContentTokenCount':5,'toolUsePromptTokenCount':3,'totalTokenCount':39},"
        + "'modelVersion':'m-001'}");
    stream.end();
    assertThat(reading.model()).isEqualTo("m-001");
    assertThat(reading.takeText()).isEqualTo("Noon.");
    assertThat(reading.isDone()).isFalse();
    assertThat(reading.shortcoming()).isNull();
    assertThat(reading.finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(reading.usage()).isEqualTo(new Usage(15, 24, 5, 20, 0, false));
  }

  @Test
  @DisplayName(
      "has function calls whole, with a number and an id for each, and then ends with them")
  void calls() {
    read("{'candidates':[{'content':{'parts':[{'functionCall':{'name':'a','args':{'tz':'UTC'}}},"
        + "{'functionCall':{'id':'own','name':'b'}}]}}]}");
    read("{'candidates':[{'content':{'parts':[{'functionCall':{'name':'c','args':{}}},"
        + "{'functionCall':{}}]},'finishReason':'STOP'}]}");
    assertThat(reading.takeAsides())
        .containsExactly(
            new Aside.ToolCall(0, "call_0", "a", "{\"tz\":\"UTC\"}"),
            new Aside.ToolCall(1, "own", "b", "{}"),
            new Aside.ToolCall(2, "call_2", "c", "{}"));
    assertThat(reading.finishReason()).isEqualTo(FinishReason.TOOL_CALLS);
  }

  @ParameterizedTest
  @CsvSource({
    "STOP,STOP",
    "MAX_TOKENS,LENGTH",
    "SAFETY,CONTENT_FILTER",
    "RECITATION,CONTENT_FILTER",
    "LANGUAGE,CONTENT_FILTER",
    "BLOCKLIST,CONTENT_FILTER",
    "PROHIBITED_CONTENT,CONTENT_FILTER",
    "SPII,CONTENT_FILTER",
    "IMAGE_SAFETY,CONTENT_FILTER",
    "SOMETHING_NEW,STOP"
  })
  @DisplayName("may finish for these reasons")
  void finishReasons(String word, FinishReason reason) {
    read(finished("x", word));
    assertThat(reading.finishReason()).isEqualTo(reason);
    assertThat(reading.shortcoming()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "OTHER"})
  @DisplayName("fails for these, whatever was said")
  void failures(String word) {
    read(finished("x", word));
    assertThat(reading.failure().cause()).isEqualTo(Cause.ERROR_IN_STREAM);
  }

  @Test
  @DisplayName("has not finished for a reason that is not specified")
  void unspecified() {
    read(finished("x", "FINISH_REASON_UNSPECIFIED"));
    stream.end();
    assertThat(reading.shortcoming().cause()).isEqualTo(Cause.CUT);
  }

  @Test
  @DisplayName("of a prompt that is blocked is refused")
  void blocked() {
    read("{'promptFeedback':{'blockReason':'SAFETY','blockReasonMessage':'SECRET'},"
        + "'usageMetadata':{'promptTokenCount':4}}");
    stream.end();
    assertThat(reading.shortcoming().cause()).isEqualTo(Cause.FILTERED);
    assertThat(reading.shortcoming().fault().getMessage()).doesNotContain("SECRET");
  }

  @Test
  @DisplayName("is of the first candidate alone, and passes over what is not known")
  void others() {
    read(
        "{'candidates':[{'index':1,'content':{'parts':[{'text':'second'}]},'finishReason':'STOP'},"
            + "{'content':{'parts':[{'executableCode':{}},7,{'text':'a'}]},'new':1}],'promptFeedback':{}}");
    read("{'candidates':7,'usageMetadata':[]}");
    assertThat(reading.takeText()).isEqualTo("a");
    assertThat(reading.isFinished()).isFalse();
    assertThat(reading.malformed()).isZero();
  }

  @Test
  @DisplayName("goes on after a malformed chunk, and counts it")
  void malformed() {
    read("{'candidates':[{");
    read("17");
    read(finished("b", "STOP"));
    assertThat(reading.malformed()).isEqualTo(2);
    assertThat(reading.takeText()).isEqualTo("b");
    assertThat(reading.shortcoming()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data: {'error':{'code':503,'message':'SECRET {','status':'UNAVAILABLE'}}\n\n",
        "data: [{'error':{'code':503,'message':'SECRET','status':'UNAVAILABLE'}}]\n\n",
        "{'error':{'code':503,'message':'SECRET }','status':'UNAVAILABLE'}}",
        "{'error':{'code':400,'message':'SECRET','status':'INVALID_ARGUMENT'}}\n",
        "{\r\n  'error': {\r\n    'code': 500,\r\n    'message': 'SECRET {',\r\n    'status': 'INTERNAL'\r\n  }\r\n}\r\n",
        "[{\n  'error': {\n    'code': 500\n  }\n}\n]\n",
        "{'error':'SECRET'}\n"
      })
  @DisplayName("fails with an error inside it, as an event or bare, whose words stay here")
  void errors(String bytes) {
    read("{'candidates':[{'content':{'parts':[{'text':'a'}]}}]}");
    stream.feed(Buffer.buffer(bytes.replace('\'', '"')));
    stream.end();
    assertThat(reading.failure().cause()).isEqualTo(Cause.ERROR_IN_STREAM);
    assertThat(reading.failure().fault().getMessage()).doesNotContain("SECRET");
    assertThat(reading.malformed()).isZero();
    read(finished("more", "STOP"));
    assertThat(reading.takeText()).isEqualTo("a");
  }

  @ParameterizedTest
  @CsvSource({
    "429,RATE_LIMITED",
    "401,UNAUTHORIZED",
    "404,NO_SUCH_MODEL",
    "400,ERROR_IN_STREAM",
    "503,ERROR_IN_STREAM"
  })
  @DisplayName("tells the kind of an error inside it by its status")
  void kinds(int code, Cause cause) {
    read("{'error':{'code':" + code + ",'details':[{'retryDelay':'3s'}]}}");
    assertThat(reading.failure().cause()).isEqualTo(cause);
    assertThat(reading.failure().retryAfter())
        .isEqualTo(code == 429 ? Duration.ofSeconds(3) : null);
  }

  @Test
  @DisplayName("may be an array of chunks, which are read as they come")
  void array() {
    feed("[{\n  'candidates': [\n    {'content': {'parts': [{'text': 'a}'}]}}\n  ]\n}\n");
    assertThat(reading.takeText()).isEqualTo("a}");
    feed(",\r\n" + finished("b", "STOP"));
    feed("]");
    stream.end();
    assertThat(reading.takeText()).isEqualTo("b");
    assertThat(reading.shortcoming()).isNull();
    assertThat(reading.malformed()).isZero();
  }

  @Test
  @DisplayName("that ends in JSON without end is no answer")
  void endlessJson() {
    feed("{'a':'" + "x".repeat(BareJson.LIMIT / 2) + "\n");
    feed("x".repeat(BareJson.LIMIT / 2));
    stream.end();
    assertThat(reading.shortcoming().cause()).isEqualTo(Cause.GARBLED);
  }

  @Test
  @DisplayName("tells numbers that can be")
  void insaneUsage() {
    read("{'usageMetadata':{'promptTokenCount':5,'cachedContentTokenCount':9,"
        + "'candidatesTokenCount':1e99,'thoughtsTokenCount':-3}}");
    assertThat(reading.usage()).isEqualTo(new Usage(5, Integer.MAX_VALUE, 5, 0, 0, false));
  }

  private void read(String data) {
    feed("data: " + data + "\r\n\r\n");
  }

  private void feed(String bytes) {
    stream.feed(Buffer.buffer(bytes.replace('\'', '"')));
  }

  private static String finished(String text, String reason) {
    return "{'candidates':[{'content':{'parts':[{'text':'" + text + "'}]},'finishReason':'" + reason
        + "'}]}";
  }
}
