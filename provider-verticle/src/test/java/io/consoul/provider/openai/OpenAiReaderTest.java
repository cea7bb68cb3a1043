package io.consoul.provider.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.consoul.fault.Fault;
import io.consoul.message.Aside.Reasoning;
import io.consoul.message.Aside.ToolCall;
import io.consoul.message.FinishReason;
import io.consoul.message.Usage;
import io.consoul.provider.UpstreamFailure.Cause;
import io.consoul.provider.wire.Failures;
import io.consoul.provider.wire.Overflow;
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
    read(
        "{'model':'m-2026','choices':[{'index':0,'delta':{'role':'assistant','content':''},'finish_reason':null}],"
            + "'usage':null}");
    assertThat(reader.model()).isEqualTo("m-2026");
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
    "model_length,LENGTH",
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

  @Test
  @DisplayName("gives the pieces of tool calls, id and name with the first of each")
  void toolCalls() {
    read(
        calls("{'index':0,'id':'a1','type':'function','function':{'name':'time','arguments':''}}"));
    read(calls(
        "{'index':1,'id':'a2','type':'function','function':{'name':'date','arguments':'{'}}"));
    read(calls("{'index':0,'function':{'arguments':'{}'}}"));
    read(calls("{'index':1,'function':{'arguments':'}'}}"));
    read("{'choices':[{'delta':{},'finish_reason':'tool_calls'}]}");
    assertThat(reader.takeAsides())
        .containsExactly(
            new ToolCall(0, "a1", "time", ""),
            new ToolCall(1, "a2", "date", "{"),
            new ToolCall(0, null, null, "{}"),
            new ToolCall(1, null, null, "}"));
    assertThat(reader.takeAsides()).isEmpty();
    assertThat(reader.takeText()).isEmpty();
    assertThat(reader.finishReason()).isEqualTo(FinishReason.TOOL_CALLS);
    assertThat(reader.shortcoming()).isNull();
  }

  @Test
  @DisplayName("may repeat a call's id and name with every piece")
  void repeatedId() {
    read(calls("{'index':0,'id':'a1','function':{'name':'time','arguments':'{'}}"));
    read(calls("{'index':0,'id':'a1','function':{'name':'time','arguments':'}'}}"));
    assertThat(reader.takeAsides())
        .containsExactly(new ToolCall(0, "a1", "time", "{"), new ToolCall(0, null, null, "}"));
  }

  @Test
  @DisplayName("may send whole calls without an index, or all with the same one")
  void wholeCalls() {
    read(calls("{'id':'a1','function':{'name':'time','arguments':'{}'}},"
        + "{'id':'a2','function':{'name':'date','arguments':{'d':1}}}"));
    read(calls("{'function':{'name':'noon'}}"));
    read(calls("{'index':0,'id':'b1','function':{'name':'x','arguments':'1'}}"));
    read(calls("{'index':0,'id':'b2','function':{'name':'y','arguments':'2'}}"));
    assertThat(reader.takeAsides())
        .containsExactly(
            new ToolCall(0, "a1", "time", "{}"),
            new ToolCall(1, "a2", "date", "{'d':1}".replace('\'', '"')),
            new ToolCall(2, "call_2", "noon", ""),
            new ToolCall(3, "b1", "x", "1"),
            new ToolCall(4, "b2", "y", "2"));
  }

  @Test
  @DisplayName("may leave the index out of a call's pieces")
  void piecesWithoutIndex() {
    read(calls("{'id':'a1','function':{'name':'time','arguments':'{'}}"));
    read(calls("{'function':{'arguments':'1'}}"));
    read(calls("{'id':'a1','function':{'arguments':'}'}}"));
    assertThat(reader.takeAsides())
        .containsExactly(
            new ToolCall(0, "a1", "time", "{"),
            new ToolCall(0, null, null, "1"),
            new ToolCall(0, null, null, "}"));
  }

  @Test
  @DisplayName("may tell a call's name late, and is then heard from the beginning")
  void lateName() {
    read(calls("{'index':0,'id':'a1','function':{'arguments':'{'}}"));
    assertThat(reader.takeAsides()).isEmpty();
    read(calls("{'index':0,'function':{'name':'time','arguments':'}'}}"));
    assertThat(reader.takeAsides()).containsExactly(new ToolCall(0, "a1", "time", "{}"));
  }

  @Test
  @DisplayName("may call a function in the old form, or a tool of the caller's own kind")
  void otherCalls() {
    read("{'choices':[{'delta':{'function_call':{'name':'time','arguments':'{'}}}]}");
    read("{'choices':[{'delta':{'function_call':{'arguments':'}'}}}]}");
    read(calls("{'index':1,'id':'c1','type':'custom','custom':{'name':'sh','input':'ls'}}"));
    assertThat(reader.takeAsides())
        .containsExactly(
            new ToolCall(0, "call_0", "time", "{"),
            new ToolCall(0, null, null, "}"),
            new ToolCall(1, "c1", "sh", "ls"));
  }

  @Test
  @DisplayName("that says stop after a tool call has ended with the call")
  void stopAfterCalls() {
    read(calls("{'index':0,'id':'a1','function':{'name':'time','arguments':'{}'}}"));
    read("{'choices':[{'delta':{},'finish_reason':'stop'}]}");
    assertThat(reader.finishReason()).isEqualTo(FinishReason.TOOL_CALLS);
  }

  @Test
  @DisplayName("is stopped when it makes calls without end, or without a name")
  void tooMuchOfCalls() {
    String call = calls("{'id':'%s','function':{'name':'x'}}");
    assertThatThrownBy(() -> {
          for (int i = 0; i < 2_000; i++) {
            read(call.formatted("id" + i));
          }
        })
        .isInstanceOf(Overflow.class);
    OpenAiReader nameless = new OpenAiReader(new Failures("p", "m", InstantSource.system()));
    String piece = calls("{'index':0,'function':{'arguments':'" + "x".repeat(100_000) + "'}}");
    assertThatThrownBy(() -> {
          for (int i = 0; i < 20; i++) {
            nameless.feed(Buffer.buffer("data: " + piece.replace('\'', '"') + "\n\n"));
          }
        })
        .isInstanceOf(Overflow.class);
  }

  @Test
  @DisplayName("keeps what is thought apart, whatever its field is called")
  void reasoning() {
    read("{'choices':[{'delta':{'reasoning_content':'a','reasoning':'a'}}]}");
    read("{'choices':[{'delta':{'reasoning_content':null,'reasoning':'b',"
        + "'reasoning_details':[{'type':'reasoning.text','text':'b'}]}}]}");
    read("{'choices':[{'delta':{'content':[{'type':'thinking','thinking':"
        + "[{'type':'text','text':'c'}]},{'type':'text','text':'so'}]}}]}");
    assertThat(reader.takeAsides())
        .containsExactly(new Reasoning("a"), new Reasoning("b"), new Reasoning("c"));
    assertThat(reader.takeText()).isEqualTo("so");
  }

  @Test
  @DisplayName("tells what was cached and what was thought, in OpenAI's words and in others'")
  void usageDetails() {
    read("{'choices':[],'usage':{'prompt_tokens':19,'completion_tokens':7,'total_tokens':26,"
        + "'prompt_tokens_details':{'cached_tokens':8},"
        + "'completion_tokens_details':{'reasoning_tokens':5}}}");
    assertThat(reader.usage()).isEqualTo(new Usage(19, 7, 8, 5, 0, false));
    read("{'usage':{'prompt_tokens':19,'completion_tokens':7,'prompt_tokens_details':null,"
        + "'prompt_cache_hit_tokens':6}}");
    assertThat(reader.usage()).isEqualTo(new Usage(19, 7, 6, 0, 0, false));
    // Counted apart: the whole tells it.
    read("{'usage':{'prompt_tokens':19,'completion_tokens':2,'total_tokens':26,"
        + "'completion_tokens_details':{'reasoning_tokens':5}}}");
    assertThat(reader.usage()).isEqualTo(new Usage(19, 7, 0, 5, 0, false));
    read("{'usage':{}}");
    read("{'usage':null}");
    assertThat(reader.usage()).isEqualTo(new Usage(19, 7, 0, 5, 0, false));
    // Half of it is none: then both are counted here.
    read("{'usage':{'prompt_tokens':19}}");
    assertThat(reader.usage()).isEqualTo(new Usage(19, 7, 0, 5, 0, false));
    read("{'usage':{'prompt_tokens':-4,'completion_tokens':1e300}}");
    assertThat(reader.usage()).isEqualTo(new Usage(0, Integer.MAX_VALUE, 0, false));
  }

  @ParameterizedTest
  @CsvSource({
    "429,RATE_LIMITED",
    "402,QUOTA",
    "401,UNAUTHORIZED",
    "400,REFUSED",
    "404,NO_SUCH_MODEL",
    "408,ERROR_IN_STREAM",
    "502,ERROR_IN_STREAM"
  })
  @DisplayName("may have a status for the code of an error inside it")
  void statusAsCode(int code, Cause cause) {
    read("{'error':{'code':" + code + ",'message':'SECRET'}}");
    assertThat(reader.failure().cause()).isEqualTo(cause);
    assertThat(reader.failure().fault().getMessage()).doesNotContain("SECRET");
  }

  @Test
  @DisplayName("may be an error itself, with its fields at the top")
  void errorAtTheTop() {
    read("{'object':'error','message':'SECRET','type':'BadRequestError','code':429}");
    assertThat(reader.failure().cause()).isEqualTo(Cause.RATE_LIMITED);
    assertThat(reader.failure().fault().getMessage()).doesNotContain("SECRET");
  }

  @ParameterizedTest
  @ValueSource(strings = {"abort", "insufficient_system_resource"})
  @DisplayName("that its server gave up is no answer")
  void givenUp(String reason) {
    read("{'choices':[{'delta':{'content':'x'},'finish_reason':'" + reason + "'}]}");
    assertThat(reader.shortcoming().cause()).isEqualTo(Cause.ERROR_IN_STREAM);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "[]",
        "true",
        "'x'",
        "{'choices':{}}",
        "{'choices':[null,1]}",
        "{'choices':[{'delta':{'tool_calls':[null,{},{'function':7}],'function_call':1}}]}",
        "{'choices':[{'delta':{'content':{'a':1},'reasoning':[1]},'finish_reason':9}]}"
      })
  @DisplayName("may hold any nonsense")
  void nonsense(String chunk) {
    read(chunk);
    read(content("a"));
    assertThat(reader.takeText()).isEqualTo("a");
    assertThat(reader.takeAsides()).isEmpty();
    assertThat(reader.failure()).isNull();
  }

  private void read(String data) {
    stream.feed(Buffer.buffer("data: " + data.replace('\'', '"') + "\n\n"));
  }

  private static String content(String text) {
    return "{'choices':[{'index':0,'delta':{'content':'" + text + "'},'finish_reason':null}]}";
  }

  private static String calls(String pieces) {
    return "{'choices':[{'index':0,'delta':{'content':null,'tool_calls':[" + pieces + "]}}]}";
  }
}
