package io.consoul.provider.ollama;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.Aside;
import io.consoul.message.FinishReason;
import io.consoul.message.Usage;
import io.consoul.provider.UpstreamFailure.Cause;
import io.consoul.provider.wire.Failures;
import io.consoul.provider.wire.Reading;
import io.vertx.core.buffer.Buffer;
import java.time.InstantSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A stream of Ollama")
class OllamaReaderTest {

  private final OllamaReader stream =
      new OllamaReader(new Failures("p", "m", InstantSource.system()));
  private final Reading reading = stream.reading();

  @Test
  @DisplayName("gives text, thoughts apart from it, usage, and says when it is done")
  void whole() {
    read(
        "{'model':'llama-x','message':{'role':'assistant','content':'','thinking':'hmm'},'done':false}");
    read(content("Noo"));
    assertThat(reading.takeText()).isEqualTo("Noo");
    assertThat(reading.takeAsides()).containsExactly(new Aside.Reasoning("hmm"));
    assertThat(reading.isFinished()).isFalse();
    read("{'message':{'content':'n'},'done':true,'done_reason':'stop','total_duration':4883583458,"
        + "'prompt_eval_count':26,'eval_count':282}");
    assertThat(reading.takeText()).isEqualTo("n");
    assertThat(reading.model()).isEqualTo("llama-x");
    assertThat(reading.isDone()).isTrue();
    assertThat(reading.finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(reading.usage()).isEqualTo(new Usage(26, 282, 0, false));
    assertThat(reading.shortcoming()).isNull();
    read(content("late"));
    assertThat(reading.takeText()).isEmpty();
  }

  @Test
  @DisplayName("has tool calls whole, with a number and an id for each, and then ends with them")
  void calls() {
    read(
        "{'message':{'content':'','tool_calls':[{'function':{'name':'a','arguments':{'tz':'UTC'}}},"
            + "{'id':'own','function':{'name':'b'}},{'function':{}},7]},'done':false}");
    read("{'message':{'content':'','tool_calls':[{'function':{'name':'c','arguments':{}}}]}}");
    read(done("stop"));
    assertThat(reading.takeAsides())
        .containsExactly(
            new Aside.ToolCall(0, "call_0", "a", "{\"tz\":\"UTC\"}"),
            new Aside.ToolCall(1, "own", "b", "{}"),
            new Aside.ToolCall(2, "call_2", "c", "{}"));
    assertThat(reading.finishReason()).isEqualTo(FinishReason.TOOL_CALLS);
  }

  @ParameterizedTest
  @CsvSource({"stop,STOP", "length,LENGTH", "load,STOP", "unload,STOP", "new,STOP"})
  @DisplayName("may be done for these reasons")
  void doneReasons(String word, FinishReason reason) {
    read(content("x"));
    read(done(word));
    assertThat(reading.finishReason()).isEqualTo(reason);
    assertThat(reading.shortcoming()).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"load", "unload"})
  @DisplayName("is no answer when a model was only loaded or unloaded")
  void noAnswer(String word) {
    read(done(word));
    assertThat(reading.shortcoming().cause()).isEqualTo(Cause.ERROR_IN_STREAM);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'eval_count':3",
        "'prompt_eval_count':3",
        "'prompt_eval_count':0,'eval_count':3",
        "'prompt_eval_count':'3','eval_count':3"
      })
  @DisplayName("tells no usage where a count is missing")
  void noUsage(String counts) {
    read("{'message':{'content':'a'},'done':true,'done_reason':'stop'," + counts + "}");
    assertThat(reading.usage()).isNull();
    assertThat(reading.shortcoming()).isNull();
  }

  @Test
  @DisplayName("may tell usage before its last line, and again in it")
  void usageTwice() {
    read("{'message':{'content':'a'},'done':false,'prompt_eval_count':3,'eval_count':1}");
    read(done("stop"));
    assertThat(reading.usage()).isEqualTo(new Usage(3, 1, 0, false));
  }

  @Test
  @DisplayName("counts its last line without the end of it, if it is whole")
  void lastLine() {
    stream.feed(Buffer.buffer((content("a") + "\n" + done("stop")).replace('\'', '"')));
    assertThat(reading.isDone()).isFalse();
    stream.end();
    assertThat(reading.isDone()).isTrue();
    assertThat(reading.shortcoming()).isNull();
  }

  @Test
  @DisplayName("was cut where its last line is not whole")
  void cut() {
    String line = done("stop");
    stream.feed(Buffer.buffer(
        (content("a") + "\n" + line.substring(0, line.length() - 1)).replace('\'', '"')));
    stream.end();
    assertThat(reading.shortcoming().cause()).isEqualTo(Cause.CUT);
    assertThat(reading.malformed()).isZero();
  }

  @Test
  @DisplayName("goes on after a malformed line, and counts it")
  void malformed() {
    read(content("a"));
    read("{'message':{");
    read("17");
    read("null");
    read(" ");
    read("{'message':7,'done':'no'}");
    read(content("b"));
    assertThat(reading.takeText()).isEqualTo("ab");
    assertThat(reading.malformed()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({
    "an error was encountered while running the model SECRET,false,ERROR_IN_STREAM",
    "model SECRET not found,false,NO_SUCH_MODEL",
    "model SECRET not found,true,ERROR_IN_STREAM",
    "SECRET exceeds the context length,false,TOO_LONG",
    "SECRET exceeds the context length,true,ERROR_IN_STREAM"
  })
  @DisplayName("fails with an error line, whose words stay here")
  void errors(String message, boolean spoke, Cause cause) {
    if (spoke) {
      read(content("a"));
    }
    read("{'error':'" + message + "'}");
    assertThat(reading.failure().cause()).isEqualTo(cause);
    assertThat(reading.failure().fault().getMessage()).doesNotContain("SECRET");
    read(content("more"));
    assertThat(reading.takeText()).isEqualTo(spoke ? "a" : "");
  }

  @Test
  @DisplayName("may have a tool's arguments as a text")
  void argumentsAsText() {
    read("{'message':{'tool_calls':[{'function':{'name':'a','arguments':'[1]'}}]}}");
    assertThat(reading.takeAsides()).containsExactly(new Aside.ToolCall(0, "call_0", "a", "[1]"));
  }

  @Test
  @DisplayName("is not stopped by an error that says nothing")
  void emptyError() {
    read("{'error':'','message':{'content':'fine'}}");
    read("{'error':null,'message':{'content':'!'}}");
    assertThat(reading.takeText()).isEqualTo("fine!");
  }

  private void read(String line) {
    stream.feed(Buffer.buffer(line.replace('\'', '"') + "\r\n"));
  }

  private static String content(String text) {
    return "{'message':{'role':'assistant','content':'" + text + "'},'done':false}";
  }

  private static String done(String reason) {
    return "{'message':{'role':'assistant','content':''},'done':true,'done_reason':'" + reason
        + "'}";
  }
}
