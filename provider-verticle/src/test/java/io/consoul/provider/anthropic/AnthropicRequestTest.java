package io.consoul.provider.anthropic;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.ChatMessage;
import io.consoul.message.CompletionOptions;
import io.consoul.message.Settings;
import io.consoul.provider.Completion;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("A message request")
class AnthropicRequestTest {

  private static final String USER = "{'role':'user','content':'hi'}";

  @Test
  @DisplayName(
      "holds instructions apart, tool calls and their results as blocks, and what was asked of tools")
  void whole() {
    JsonObject body = write(
        new Settings("Be brief", 0.5, 1024),
        "{'tools':[{'type':'function','function':{'name':'get_time','description':'the time',"
            + "'strict':true,'parameters':{'type':'object','required':['tz']}}}],"
            + "'tool_choice':'auto','parallel_tool_calls':false}",
        "{'role':'developer','content':'In French'}",
        USER,
        "{'role':'assistant','content':'Let me look.','tool_calls':[{'id':'toolu_1',"
            + "'type':'function','function':{'name':'get_time','arguments':'{\\'tz\\':\\'UTC\\'}'}}]}",
        "{'role':'tool','tool_call_id':'toolu_1','content':'12:00'}",
        "{'role':'user','content':'thanks'}");
    assertThat(body)
        .isEqualTo(json("{'model':'claude-x','max_tokens':1024,'stream':true,'temperature':0.5,"
            + "'system':'Be brief\\n\\nIn French',"
            + "'tools':[{'name':'get_time','description':'the time',"
            + "'input_schema':{'type':'object','required':['tz']}}],"
            + "'tool_choice':{'type':'auto','disable_parallel_tool_use':true},"
            + "'messages':[{'role':'user','content':[{'type':'text','text':'hi'}]},"
            + "{'role':'assistant','content':[{'type':'text','text':'Let me look.'},"
            + "{'type':'tool_use','id':'toolu_1','name':'get_time','input':{'tz':'UTC'}}]},"
            + "{'role':'user','content':[{'type':'tool_result','tool_use_id':'toolu_1',"
            + "'content':[{'type':'text','text':'12:00'}]},{'type':'text','text':'thanks'}]}]}"));
  }

  @Test
  @DisplayName("always says how long the answer may be, and leaves out what nobody has set")
  void unset() {
    assertThat(write(Settings.NONE, "{}", USER))
        .isEqualTo(json("{'model':'claude-x','max_tokens':4096,'stream':true,"
            + "'messages':[{'role':'user','content':[{'type':'text','text':'hi'}]}]}"));
  }

  @Test
  @DisplayName("is no warmer than the API allows, and has either temperature or top_p")
  void temperature() {
    JsonObject warm = write(new Settings(null, 1.7, null), "{'top_p':0.5}", USER);
    assertThat(warm.getDouble("temperature")).isEqualTo(1.0);
    assertThat(warm.containsKey("top_p")).isFalse();
    assertThat(write(Settings.NONE, "{'top_p':0.5}", USER).getDouble("top_p")).isEqualTo(0.5);
  }

  @Test
  @DisplayName("has the options that have a word here, and no other")
  void options() {
    JsonObject body = write(
        Settings.NONE,
        "{'stop':'END','top_k':40,'user':'u1','reasoning_effort':'high','seed':1,"
            + "'response_format':{'type':'json_object'},'logit_bias':{},'metadata':{'a':'b'},"
            + "'tool_choice':'required','parallel_tool_calls':false,"
            + "'tools':[{'type':'custom','custom':{'name':'x'}}]}",
        USER);
    body.remove("messages");
    assertThat(body)
        .isEqualTo(json("{'model':'claude-x','max_tokens':4096,'stream':true,"
            + "'stop_sequences':['END'],'top_k':40,'metadata':{'user_id':'u1'},"
            + "'output_config':{'effort':'high'}}"));
    JsonObject other = write(
        Settings.NONE, "{'stop':['a',' ','b',7],'reasoning_effort':'minimal','user':7}", USER);
    assertThat(other.getJsonArray("stop_sequences")).containsExactly("a", "b");
    assertThat(other.containsKey("output_config")).isFalse();
    assertThat(other.containsKey("metadata")).isFalse();
  }

  @Test
  @DisplayName("asks for answers that suit a schema")
  void schema() {
    JsonObject body = write(
        Settings.NONE,
        "{'reasoning_effort':'low','response_format':{'type':'json_schema','json_schema':"
            + "{'name':'n','strict':true,'schema':{'type':'object'}}}}",
        USER);
    assertThat(body.getJsonObject("output_config"))
        .isEqualTo(json(
            "{'effort':'low'," + "'format':{'type':'json_schema','schema':{'type':'object'}}}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'auto'|{'type':'auto'}",
        "'required'|{'type':'any'}",
        "'none'|{'type':'none'}",
        "{'type':'function','function':{'name':'x'}}|{'type':'tool','name':'x'}",
        "{'type':'allowed_tools','allowed_tools':{'mode':'required','tools':"
            + "[{'type':'function','function':{'name':'x'}}]}}|{'type':'any'}",
        "'whatever'|null",
        "7|null"
      })
  @DisplayName("translates the choice of a tool")
  void toolChoice(String choice, String translated) {
    String tools = "'tools':[{'type':'function','function':{'name':'x'}}]";
    JsonObject body = write(Settings.NONE, "{" + tools + ",'tool_choice':" + choice + "}", USER);
    assertThat(body.getValue("tool_choice")).isEqualTo(Json.decodeValue(quoted(translated)));
    assertThat(body.getJsonArray("tools"))
        .isEqualTo(new JsonArray(
            quoted("[{'name':'x','input_schema':{'type':'object','properties':{}}}]")));
  }

  @Test
  @DisplayName("asks for one call at a time only where calls are asked for at all")
  void oneCallAtATime() {
    String tools =
        "'tools':[{'type':'function','function':{'name':'x'}}]," + "'parallel_tool_calls':false";
    assertThat(write(Settings.NONE, "{" + tools + "}", USER).getJsonObject("tool_choice"))
        .isEqualTo(json("{'type':'auto','disable_parallel_tool_use':true}"));
    assertThat(write(Settings.NONE, "{" + tools + ",'tool_choice':'none'}", USER)
            .getJsonObject("tool_choice"))
        .isEqualTo(json("{'type':'none'}"));
  }

  @Test
  @DisplayName("offers the allowed tools alone")
  void allowedTools() {
    JsonObject body = write(
        Settings.NONE,
        "{'tools':[{'type':'function','function':{'name':'x'}},"
            + "{'type':'function','function':{'name':'y'}}],'tool_choice':{'type':'allowed_tools',"
            + "'allowed_tools':{'mode':'auto','tools':[{'type':'function','function':{'name':'y'}}]}}}",
        USER);
    assertThat(body.getJsonArray("tools")).hasSize(1);
    assertThat(body.getJsonArray("tools").getJsonObject(0).getString("name")).isEqualTo("y");
  }

  @Test
  @DisplayName("has pictures as they came, and no part that is unknown here")
  void parts() {
    assertThat(messages("{'role':'user','content':[{'type':'text','text':'What?'},"
            + "{'type':'image_url','image_url':{'url':'data:image/png;base64,AAAA','detail':'low'}},"
            + "{'type':'image_url','image_url':{'url':'https://x.test/a.png'}},"
            + "{'type':'image_url','image_url':{'url':'data:image/svg+xml,<svg/>'}},"
            + "{'type':'input_audio','input_audio':{'data':'A','format':'wav'}},"
            + "{'type':'hologram'},{'type':'text','text':' '},null,7]}"))
        .isEqualTo(array("[{'role':'user','content':[{'type':'text','text':'What?'},"
            + "{'type':'image','source':{'type':'base64','media_type':'image/png','data':'AAAA'}},"
            + "{'type':'image','source':{'type':'url','url':'https://x.test/a.png'}}]}]"));
  }

  @Test
  @DisplayName("lets user and assistant take turns, the user first, and none of them says nothing")
  void turns() {
    assertThat(messages(
            "{'role':'assistant','content':'a'}",
            "{'role':'user','content':'b'}",
            "{'role':'assistant','content':' '}",
            "{'role':'user','content':'c'}",
            "{'role':'assistant','content':null,'refusal':'no'}",
            "{'role':'system','content':'d'}",
            "{'role':'assistant','content':'e'}",
            "{'role':'user','content':''}"))
        .isEqualTo(array("[{'role':'user','content':[{'type':'text','text':'…'}]},"
            + "{'role':'assistant','content':[{'type':'text','text':'a'}]},"
            + "{'role':'user','content':[{'type':'text','text':'b'},{'type':'text','text':'c'}]},"
            + "{'role':'assistant','content':[{'type':'text','text':'no'},"
            + "{'type':'text','text':'e'}]},"
            + "{'role':'user','content':[{'type':'text','text':'…'}]}]"));
  }

  @Test
  @DisplayName(
      "ends with the beginning of the answer, without white space at its end, when only the rest is wanted")
  void continuation() {
    assertThat(messages(USER, "{'role':'assistant','content':'One, \\n'}").getJsonObject(1))
        .isEqualTo(json("{'role':'assistant','content':[{'type':'text','text':'One,'}]}"));
    assertThat(messages(USER, "{'role':'assistant','content':' \\n'}")).hasSize(1);
    // Anywhere else it stays.
    assertThat(messages(USER, "{'role':'assistant','content':'One, '}", USER).encode())
        .contains("One, \"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'{\\'a\\':1}'|{'a':1}",
        "''|{}",
        "null|{}",
        "{'a':1}|{'a':1}",
        "'{\\'a\\':'|{'arguments':'{\\'a\\':'}",
        "'[1]'|{'arguments':'[1]'}",
        "'null'|{'arguments':'null'}"
      })
  @DisplayName("makes an object of whatever arguments a model has written")
  void arguments(String arguments, String input) {
    JsonArray messages = messages(
        USER,
        "{'role':'assistant','tool_calls':[{'id':'functions.x:0','type':'function',"
            + "'function':{'name':'x','arguments':" + arguments + "}}]}",
        "{'role':'tool','tool_call_id':'functions.x:0','content':''}");
    assertThat(messages.getJsonObject(1).getJsonArray("content"))
        .isEqualTo(
            array("[{'type':'tool_use','id':'functions_x_0','name':'x','input':" + input + "}]"));
    assertThat(messages.getJsonObject(2).getJsonArray("content"))
        .isEqualTo(array("[{'type':'tool_result','tool_use_id':'functions_x_0'}]"));
  }

  private static JsonArray messages(String... history) {
    return write(Settings.NONE, "{}", history).getJsonArray("messages");
  }

  private static JsonObject write(Settings settings, String options, String... history) {
    List<ChatMessage> messages =
        Stream.of(history).map(each -> ChatMessage.parse(quoted(each))).toList();
    return new JsonObject(AnthropicRequest.write(
        new Completion("claude-x", settings, messages, 0, CompletionOptions.of(json(options)))));
  }

  private static JsonObject json(String text) {
    return new JsonObject(quoted(text));
  }

  private static JsonArray array(String text) {
    return new JsonArray(quoted(text));
  }

  /** JSON with single quotes, so that it can be read here. */
  private static String quoted(String text) {
    return text.replace("\\'", "\\\"").replace('\'', '"');
  }
}
