package io.consoul.provider.anthropic;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.Aside.Reasoning;
import io.consoul.message.Aside.ToolCall;
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

@DisplayName("A message stream")
class AnthropicReaderTest {

  private final AnthropicReader stream =
      new AnthropicReader(new Failures("p", "m", InstantSource.system()));
  private final Reading reading = stream.reading();

  @Test
  @DisplayName("gives text, the call of a tool, the reason for its end and usage")
  void whole() {
    read(
        "{'type':'message_start','message':{'model':'m-2026','content':[],'stop_reason':null,'usage':"
            + "{'input_tokens':377,'cache_creation_input_tokens':0,'cache_read_input_tokens':0,"
            + "'output_tokens':1}}}");
    read("{'type':'content_block_start','index':0,'content_block':{'type':'text','text':''}}");
    assertThat(reading.model()).isEqualTo("m-2026");
    read("{'type': 'ping'}");
    read("{'type':'content_block_delta','index':0,'delta':{'type':'text_delta','text':'I look.'}}");
    read("{'type':'content_block_stop','index':0}");
    read(tool(1, "toolu_1", "{}"));
    read(arguments(1, ""));
    read(arguments(1, "[1,"));
    read(arguments(1, "2]"));
    read("{'type':'content_block_stop','index':1}");
    assertThat(reading.isFinished()).isFalse();
    assertThat(reading.usage()).isNull();
    read("{'type':'message_delta','delta':{'stop_reason':'tool_use','stop_sequence':null},"
        + "'usage':{'output_tokens':65}}");
    assertThat(reading.isFinished()).isTrue();
    assertThat(reading.isDone()).isFalse();
    read("{'type':'message_stop'}");
    assertThat(reading.isDone()).isTrue();
    assertThat(reading.takeText()).isEqualTo("I look.");
    assertThat(reading.takeAsides())
        .containsExactly(
            new ToolCall(0, "toolu_1", "get_time", ""),
            new ToolCall(0, null, null, "[1,"),
            new ToolCall(0, null, null, "2]"));
    assertThat(reading.finishReason()).isEqualTo(FinishReason.TOOL_CALLS);
    assertThat(reading.usage()).isEqualTo(new Usage(377, 65, 0, false));
    assertThat(reading.shortcoming()).isNull();
    assertThat(reading.malformed()).isZero();
  }

  @Test
  @DisplayName("counts calls, not blocks, and gives every call arguments")
  void calls() {
    read(tool(3, "a", "{}"));
    read("{'type':'content_block_stop','index':3}");
    read("{'type':'content_block_start','index':4,'content_block':"
        + "{'type':'server_tool_use','id':'s','name':'web_search','input':{}}}");
    read(arguments(4, "{}"));
    read(tool(5, "b", "{'d':1}"));
    read("{'type':'content_block_stop','index':5}");
    read("{'type':'content_block_stop','index':5}");
    assertThat(reading.takeAsides())
        .containsExactly(
            new ToolCall(0, "a", "get_time", ""),
            new ToolCall(0, null, null, "{}"),
            new ToolCall(1, "b", "get_time", ""),
            new ToolCall(1, null, null, "{\"d\":1}"));
  }

  @Test
  @DisplayName("may interleave the pieces of two calls")
  void interleaved() {
    read(tool(1, "a", "{}"));
    read(tool(2, "b", "{}"));
    read(arguments(1, "[1"));
    read(arguments(2, "[2"));
    read(arguments(1, "]"));
    read("{'type':'content_block_stop','index':1}");
    read(arguments(2, "]"));
    read("{'type':'content_block_stop','index':2}");
    assertThat(reading.takeAsides())
        .containsExactly(
            new ToolCall(0, "a", "get_time", ""),
            new ToolCall(1, "b", "get_time", ""),
            new ToolCall(0, null, null, "[1"),
            new ToolCall(1, null, null, "[2"),
            new ToolCall(0, null, null, "]"),
            new ToolCall(1, null, null, "]"));
  }

  @Test
  @DisplayName("keeps thoughts apart and leaves signatures out")
  void thoughts() {
    read("{'type':'content_block_start','index':0,'content_block':"
        + "{'type':'thinking','thinking':'a','signature':''}}");
    read("{'type':'content_block_delta','index':0,'delta':"
        + "{'type':'thinking_delta','thinking':'b'}}");
    read("{'type':'content_block_delta','index':0,'delta':"
        + "{'type':'signature_delta','signature':'s'}}");
    read("{'type':'content_block_start','index':1,'content_block':{'type':'text','text':'so'}}");
    assertThat(reading.takeAsides()).containsExactly(new Reasoning("a"), new Reasoning("b"));
    assertThat(reading.takeText()).isEqualTo("so");
  }

  @Test
  @DisplayName("counts what was cached as input, and takes the latest of each number")
  void usage() {
    read("{'type':'message_start','message':{'usage':{'input_tokens':10,"
        + "'cache_creation_input_tokens':5,'cache_read_input_tokens':7,'output_tokens':1}}}");
    read("{'type':'message_delta','delta':{},'usage':{'output_tokens':30}}");
    assertThat(reading.usage()).isEqualTo(new Usage(22, 30, 7, 0, 0, false));
    read("{'type':'message_delta','delta':{'stop_reason':'end_turn'},'usage':{'input_tokens':11,"
        + "'cache_creation_input_tokens':null,'cache_read_input_tokens':8,'output_tokens':40,"
        + "'output_tokens_details':{'thinking_tokens':9}}}");
    assertThat(reading.usage()).isEqualTo(new Usage(24, 40, 8, 9, 0, false));
  }

  @Test
  @DisplayName(
      "that does not tell what was written has no usage: what its start says is provisional")
  void provisional() {
    read("{'type':'message_start','message':{'usage':{'input_tokens':10,'output_tokens':1}}}");
    read("{'type':'message_delta','delta':{'stop_reason':'end_turn'},'usage':null}");
    read("{'type':'message_stop'}");
    assertThat(reading.usage()).isNull();
    assertThat(reading.shortcoming()).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "end_turn,STOP",
    "stop_sequence,STOP",
    "pause_turn,STOP",
    "something_new,STOP",
    "max_tokens,LENGTH",
    "model_context_window_exceeded,LENGTH",
    "tool_use,TOOL_CALLS",
    "refusal,CONTENT_FILTER"
  })
  @DisplayName("may finish for these reasons")
  void reasons(String word, FinishReason reason) {
    read("{'type':'content_block_delta','index':0,'delta':{'type':'text_delta','text':'a'}}");
    read("{'type':'message_delta','delta':{'stop_reason':'" + word + "'}}");
    assertThat(reading.finishReason()).isEqualTo(reason);
    assertThat(reading.shortcoming()).isNull();
  }

  @Test
  @DisplayName("that is refused before its first word is filtered")
  void refused() {
    read("{'type':'message_delta','delta':{'stop_reason':'refusal'}}");
    read("{'type':'message_stop'}");
    assertThat(reading.shortcoming().cause()).isEqualTo(Cause.FILTERED);
  }

  @Test
  @DisplayName("that ends without a reason is cut, unless it says itself that it is whole")
  void ends() {
    read("{'type':'message_delta','delta':{'stop_reason':null}}");
    assertThat(reading.shortcoming().cause()).isEqualTo(Cause.CUT);
    read("{'type':'message_stop'}");
    assertThat(reading.shortcoming()).isNull();
    assertThat(reading.finishReason()).isEqualTo(FinishReason.STOP);
  }

  @ParameterizedTest
  @CsvSource({
    "overloaded_error,Overloaded,ERROR_IN_STREAM",
    "api_error,x,ERROR_IN_STREAM",
    "timeout_error,x,ERROR_IN_STREAM",
    "something_new,x,ERROR_IN_STREAM",
    "rate_limit_error,x,RATE_LIMITED",
    "request_too_large,x,TOO_LONG",
    "invalid_request_error,prompt is too long: 9 tokens > 8 maximum,TOO_LONG",
    "invalid_request_error,Output blocked by content filtering policy,FILTERED",
    "invalid_request_error,x,REFUSED",
    "billing_error,x,QUOTA",
    "authentication_error,x,UNAUTHORIZED",
    "permission_error,x,UNAUTHORIZED",
    "not_found_error,x,NO_SUCH_MODEL"
  })
  @DisplayName("fails with an error inside it, by the error's type")
  void errors(String type, String message, Cause cause) {
    read("{'type':'error','error':{'type':'" + type + "','message':'" + message + " SECRET'}}");
    assertThat(reading.failure().cause()).isEqualTo(cause);
    assertThat(reading.failure().fault().getMessage()).doesNotContain("SECRET");
  }

  @ParameterizedTest
  @ValueSource(strings = {"SECRET", "{}", "{\"error\":\"SECRET\"}"})
  @DisplayName("fails with an event of the name error, whatever it holds")
  void namedError(String data) {
    stream.feed(Buffer.buffer("event: error\ndata: " + data + "\n\n"));
    assertThat(reading.failure().cause()).isEqualTo(Cause.ERROR_IN_STREAM);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{'type':7}",
        "{'type':'content_block_delta'}",
        "{'type':'content_block_delta','index':'x','delta':{'type':'text_delta','text':5}}",
        "{'type':'content_block_start','index':0,'content_block':[]}",
        "{'type':'message_start','message':null}",
        "{'type':'message_delta','delta':{'stop_reason':5},'usage':[]}"
      })
  @DisplayName("may hold any nonsense")
  void nonsense(String data) {
    read(data);
    read("{'type':'content_block_delta','index':0,'delta':{'type':'text_delta','text':'a'}}");
    assertThat(reading.takeText()).isEqualTo("a");
    assertThat(reading.failure()).isNull();
    assertThat(reading.isFinished()).isFalse();
  }

  @Test
  @DisplayName(
      "gives every tool call arguments, even if its block has not ended or another one takes its place")
  void unendedCalls() {
    read(tool(0, "toolu_1", "{}"));
    read(tool(0, "toolu_2", "{'a':1}"));
    read("{'type':'message_delta','delta':{'stop_reason':'tool_use'}}");
    assertThat(reading.takeAsides())
        .containsExactly(
            new ToolCall(0, "toolu_1", "get_time", ""),
            new ToolCall(0, null, null, "{}"),
            new ToolCall(1, "toolu_2", "get_time", ""),
            new ToolCall(1, null, null, "{\"a\":1}"));
  }

  private static String tool(int block, String id, String input) {
    return "{'type':'content_block_start','index':" + block + ",'content_block':"
        + "{'type':'tool_use','id':'" + id + "','name':'get_time','input':" + input + "}}";
  }

  private static String arguments(int block, String piece) {
    return "{'type':'content_block_delta','index':" + block
        + ",'delta':{'type':'input_json_delta','partial_json':'" + piece + "'}}";
  }

  private void read(String data) {
    stream.feed(Buffer.buffer("data: " + data.replace('\'', '"') + "\n\n"));
  }
}
