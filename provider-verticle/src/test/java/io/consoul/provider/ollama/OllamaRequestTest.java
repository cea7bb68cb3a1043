package io.consoul.provider.ollama;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.ChatMessage;
import io.consoul.message.CompletionOptions;
import io.consoul.message.Settings;
import io.consoul.provider.Completion;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("A request to Ollama")
class OllamaRequestTest {

  private static final String TOOLS =
      "[{'type':'function','function':{'name':'get_time','description':'…','parameters':"
          + "{'type':'object','properties':{'tz':{'type':'string'}}}}}]";

  @Test
  @DisplayName(
      "has text, images as data, calls with their arguments as objects, and results by name")
  void conversation() {
    JsonObject body = body(
        new Settings("Be brief", 0.2, 256),
        "{'top_p':0.9,'top_k':40,'num_ctx':8192,'seed':1,'stop':'END','tools':" + TOOLS
            + ",'tool_choice':'auto','user':'u'}",
        "{'role':'developer','content':'Be kind'}",
        "{'role':'user','content':[{'type':'text','text':'hi'},"
            + "{'type':'image_url','image_url':{'url':'data:image/png;base64,AA+/'}},"
            + "{'type':'image_url','image_url':{'url':'https://h/a.png'}}]}",
        "{'role':'assistant','content':null,'tool_calls':[{'id':'c1','type':'function','function':"
            + "{'name':'get_time','arguments':'{\\'tz\\':\\'UTC\\'}'}}]}",
        "{'role':'tool','tool_call_id':'c1','content':'12:00'}");
    assertThat(body)
        .isEqualTo(json("{'model':'llama-x','stream':true,"
            + "'options':{'temperature':0.2,'top_p':0.9,'top_k':40,'num_predict':256,"
            + "'num_ctx':8192,'seed':1,'stop':['END']},"
            + "'tools':" + TOOLS + ","
            + "'messages':[{'role':'system','content':'Be brief'},"
            + "{'role':'system','content':'Be kind'},"
            + "{'role':'user','content':'hi','images':['AA+/']},"
            + "{'role':'assistant','content':'','tool_calls':[{'id':'c1','function':"
            + "{'index':0,'name':'get_time','arguments':{'tz':'UTC'}}}]},"
            + "{'role':'tool','tool_name':'get_time','tool_call_id':'c1','content':'12:00'}]}"));
  }

  @Test
  @DisplayName("leaves out what nobody has set, and ends with the answer that it is to go on with")
  void unset() {
    assertThat(body(
            Settings.NONE,
            "{'stop':[],'seed':null,'tools':[]}",
            "{'role':'user','content':'a'}",
            "{'role':'assistant','content':'b'}"))
        .isEqualTo(json("{'model':'llama-x','stream':true,'messages':["
            + "{'role':'user','content':'a'},{'role':'assistant','content':'b'}]}"));
  }

  @Test
  @DisplayName("tells of no tools when none may be used")
  void noTools() {
    assertThat(body(Settings.NONE, "{'tools':" + TOOLS + ",'tool_choice':'none'}")
            .containsKey("tools"))
        .isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "{'type':'text'}|",
        "{'type':'json_object'}|'json'",
        "{'type':'json_schema','json_schema':{'name':'a','schema':{'type':'object'}}}|{'type':'object'}",
        "{'type':'json_schema','json_schema':{'name':'a'}}|'json'"
      })
  @DisplayName("asks for JSON, of a schema where there is one")
  void formats(String wanted, String format) {
    JsonObject body = body(Settings.NONE, "{'response_format':" + wanted + "}");
    assertThat(body.getValue("format"))
        .isEqualTo(format == null ? null : json("{'x':" + format + "}").getValue("x"));
  }

  @ParameterizedTest
  @CsvSource({
    "none,false",
    "minimal,'\"low\"'",
    "low,'\"low\"'",
    "medium,'\"medium\"'",
    "high,'\"high\"'",
    "xhigh,'\"high\"'",
    "max,'\"max\"'"
  })
  @DisplayName("says how much to think")
  void thinking(String effort, String think) {
    JsonObject body = body(Settings.NONE, "{'reasoning_effort':'" + effort + "'}");
    assertThat(body.getValue("think")).isEqualTo(new JsonArray("[" + think + "]").getValue(0));
  }

  private static JsonObject body(Settings settings, String options, String... messages) {
    List<ChatMessage> history = new ArrayList<>();
    for (String message : messages) {
      history.add(ChatMessage.parse(quoted(message)));
    }
    return new JsonObject(new OllamaFormat()
        .body(
            new Completion("llama-x", settings, history, 0, CompletionOptions.of(json(options)))));
  }

  private static JsonObject json(String text) {
    return new JsonObject(quoted(text));
  }

  private static String quoted(String text) {
    return text.replace("\\'", "\\\"").replace('\'', '"');
  }
}
