package io.consoul.provider.openai;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.fault.Fault;
import io.consoul.message.FinishReason;
import io.consoul.message.Usage;
import io.consoul.provider.wire.Failures;
import io.consoul.provider.wire.Reading;
import io.vertx.core.buffer.Buffer;
import java.time.InstantSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A chat completion stream")
class OpenAiReaderTest {

  private final OpenAiReader stream =
      new OpenAiReader(new Failures("p", "m", InstantSource.system()));
  private final Reading reader = stream.reading();

  @Test
  @DisplayName("in OpenAI's own form gives text, finish reason and usage")
  void whole() {
    read("{'choices':[{'index':0,'delta':{'role':'assistant','content':''},'finish_reason':null}],"
        + "'usage':null}");
    read(content("Bon"));
    read(content("jour"));
    assertThat(reader.takeText()).isEqualTo("Bonjour");
    assertThat(reader.takeText()).isEmpty();
    assertThat(reader.isFinished()).isFalse();
    read("{'choices':[{'index':0,'delta':{},'finish_reason':'stop'}],'usage':null}");
    assertThat(reader.isFinished()).isTrue();
    read("{'choices':[],'usage':{'prompt_tokens':19,'completion_tokens':2,'total_tokens':21}}");
    read("[DONE]");
    assertThat(reader.isDone()).isTrue();
    assertThat(reader.shortcoming()).isNull();
    assertThat(reader.finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(reader.usage()).isEqualTo(new Usage(19, 2, 0, false));
    read(content("late"));
    assertThat(reader.takeText()).isEmpty();
  }

  @Test
  @DisplayName("may tell usage on a chunk with choices, and more than once")
  void usageOnChoices() {
    read(
        "{'choices':[{'delta':{'content':'a'}}],'usage':{'prompt_tokens':1,'completion_tokens':1}}");
    read("{'choices':[{'delta':{},'finish_reason':'stop'}],"
        + "'usage':{'prompt_tokens':1,'completion_tokens':3}}");
    assertThat(reader.usage()).isEqualTo(new Usage(1, 3, 0, false));
    assertThat(reader.shortcoming()).isNull();
  }

  @Test
  @DisplayName("keeps reasoning, tool calls, other choices and unknown fields out of the text")
  void otherFields() {
    read("{'choices':[{'index':0,'delta':{'reasoning_content':'hm','reasoning':'hm'}}]}");
    read("{'choices':[{'index':1,'delta':{'content':'second'}}],'obfuscation':'xyz'}");
    read("{'choices':[{'index':0,'delta':{'content':null,'tool_calls':[{'index':0}]}}]}");
    read("{'choices':[],'prompt_filter_results':[]}");
    read("{'choices':'none','usage':7}");
    read("{'choices':[{'index':0,'delta':{'refusal':'I will not.'}}]}");
    assertThat(reader.takeText()).isEqualTo("I will not.");
    assertThat(reader.malformed()).isZero();
  }

  @Test
  @DisplayName("goes on after a malformed chunk, and counts it")
  void malformed() {
    read(content("a"));
    read("{'choices':[{");
    read("17");
    read(content("b"));
    assertThat(reader.takeText()).isEqualTo("ab");
    assertThat(reader.malformed()).isEqualTo(2);
    assertThat(reader.failure()).isNull();
  }

  @Test
  @DisplayName("that ends without a finish reason has failed")
  void endedEarly() {
    read(content("a"));
    assertThat(reader.shortcoming().fault().fault()).isEqualTo(Fault.LLM_UNAVAILABLE);
    read("[DONE]");
    assertThat(reader.shortcoming().fault().getMessage()).contains("ended early");
  }

  @ParameterizedTest
  @CsvSource({
    "stop,STOP",
    "length,LENGTH",
    "tool_calls,TOOL_CALLS",
    "function_call,TOOL_CALLS",
    "content_filter,CONTENT_FILTER",
    "eos,STOP",
    "cancelled,STOP",
    "interrupted,STOP"
  })
  @DisplayName("may finish for these reasons")
  void finishReasons(String word, FinishReason reason) {
    read("{'choices':[{'delta':{'content':'x'},'finish_reason':'" + word + "'}]}");
    assertThat(reader.finishReason()).isEqualTo(reason);
    assertThat(reader.shortcoming()).isNull();
  }

  @Test
  @DisplayName("that the filter stops before its first word is refused")
  void filtered() {
    read("{'choices':[{'delta':{},'finish_reason':'content_filter'}]}");
    assertThat(reader.shortcoming().fault().fault()).isEqualTo(Fault.LLM_CONTENT_FILTERED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'error':{'message':'your prompt was: SECRET','type':'server_error','code':null}}",
        "{'error':'SECRET'}",
        "{'error':true,'choices':[]}",
        "{'choices':[{'delta':{},'finish_reason':'error'}]}"
      })
  @DisplayName("fails with an error inside it, whose words stay here")
  void errorEvent(String data) {
    read(data);
    assertThat(reader.failure().fault().fault()).isEqualTo(Fault.LLM_UNAVAILABLE);
    assertThat(reader.failure().fault().getMessage()).doesNotContain("SECRET");
    read(content("more"));
    assertThat(reader.takeText()).isEmpty();
  }

  @Test
  @DisplayName("fails with an event of the name error, whatever it holds")
  void namedError() {
    stream.feed(Buffer.buffer("event: error\ndata: overloaded\n\n"));
    assertThat(reader.failure().fault().fault()).isEqualTo(Fault.LLM_UNAVAILABLE);
  }

  @ParameterizedTest
  @CsvSource({
    "rate_limit_exceeded,LLM_RATE_LIMITED",
    "insufficient_quota,LLM_RATE_LIMITED",
    "context_length_exceeded,LLM_CONTEXT_TOO_LONG",
    "content_filter,LLM_CONTENT_FILTERED"
  })
  @DisplayName("tells the kind of an error inside it by its code")
  void errorCodes(String code, Fault fault) {
    read("{'error':{'message':'','code':'" + code + "'}}");
    assertThat(reader.failure().fault().fault()).isEqualTo(fault);
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "false", "''", "0", "{}", "[]"})
  @DisplayName("is not stopped by a field error that says nothing")
  void emptyError(String value) {
    read("{'error':" + value + ",'choices':[{'delta':{'content':'fine'}}]}");
    assertThat(reader.failure()).isNull();
    assertThat(reader.takeText()).isEqualTo("fine");
  }

  private void read(String data) {
    stream.feed(Buffer.buffer("data: " + data.replace('\'', '"') + "\n\n"));
  }

  private static String content(String text) {
    return "{'choices':[{'index':0,'delta':{'content':'" + text + "'},'finish_reason':null}]}";
  }
}
