package io.consoul.provider.gemini;

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

@DisplayName("A request to Gemini")
class GeminiRequestTest {

  private static final String CALL =
      "{'role':'assistant','content':null,'tool_calls':[{'id':'call_a1','type':'function',"
          + "'function':{'name':'get_time','arguments':'{\\'tz\\':\\'UTC\\'}'}}]}";
  private static final String RESULT = "{'role':'tool','tool_call_id':'call_a1','content':'12:00'}";
  private static final String TOOL =
      "{'type':'function','function':{'name':'get_time','description':'…','strict':true,"
          + "'parameters':{'type':'object','$schema':'x','additionalProperties':false,"
          + "'properties':{'tz':{'type':'string'}},'required':['tz']}}}";

  @Test
  @DisplayName(
      "has system texts apart, and turns of user and model with text, images, calls and results")
  void conversation() {
    JsonObject body = body(
        "gemini-2.5-pro",
        new Settings("Be brief", null, null),
        "{}",
        "{'role':'developer','content':'Be kind'}",
        "{'role':'user','content':[{'type':'text','text':'What time is it?'},"
            + "{'type':'image_url','image_url':{'url':'data:image/png;base64,AAAA'}}]}",
        CALL,
        RESULT);
    assertThat(body)
        .isEqualTo(json("{'systemInstruction':{'parts':[{'text':'Be brief'},{'text':'Be kind'}]},"
            + "'contents':["
            + "{'role':'user','parts':[{'text':'What time is it?'},"
            + "{'inlineData':{'mimeType':'image/png','data':'AAAA'}}]},"
            + "{'role':'model','parts':[{'functionCall':{'name':'get_time','args':{'tz':'UTC'}}}]},"
            + "{'role':'user','parts':[{'functionResponse':{'name':'get_time',"
            + "'response':{'result':'12:00'}}}]}]}"));
  }

  @Test
  @DisplayName("joins turns of one role, and leaves out what is empty")
  void turns() {
    JsonObject body = body(
        "g",
        Settings.NONE,
        "{}",
        "{'role':'user','content':'a'}",
        "{'role':'system','content':''}",
        "{'role':'user','content':'b'}",
        "{'role':'assistant','content':''}",
        "{'role':'assistant','content':null,'refusal':'c'}");
    assertThat(body)
        .isEqualTo(json("{'contents':[{'role':'user','parts':[{'text':'a'},{'text':'b'}]},"
            + "{'role':'model','parts':[{'text':'c'}]}]}"));
  }

  @Test
  @DisplayName("names the image that has an address, and its type where the address tells")
  void files() {
    JsonObject body = body(
        "g",
        Settings.NONE,
        "{}",
        "{'role':'user','content':["
            + "{'type':'image_url','image_url':{'url':'https://h/a.JPG?x=1'}},"
            + "{'type':'image_url','image_url':{'url':'https://h/a'}},"
            + "{'type':'input_audio','input_audio':{'data':'BB','format':'wav'}},"
            + "{'type':'file','file':{'file_data':'data:application/pdf;base64,CC'}},"
            + "{'type':'file','file':{'file_id':'file_1'}},{'type':'new'},7]}");
    assertThat(parts(body, 0))
        .isEqualTo(array("[{'fileData':{'fileUri':'https://h/a.JPG?x=1','mimeType':'image/jpeg'}},"
            + "{'fileData':{'fileUri':'https://h/a'}},"
            + "{'inlineData':{'mimeType':'audio/wav','data':'BB'}},"
            + "{'inlineData':{'mimeType':'application/pdf','data':'CC'}}]"));
  }

  @Test
  @DisplayName(
      "finds the name of a result's function in the call before it, and else in the message")
  void namesOfResults() {
    JsonObject body = body(
        "g",
        Settings.NONE,
        "{}",
        CALL.replace("get_time", "earlier"),
        CALL,
        RESULT,
        "{'role':'tool','tool_call_id':'other','name':'told','content':[{'type':'text','text':'x'}]}",
        "{'role':'tool','tool_call_id':'lost','content':'y'}");
    assertThat(parts(body, 1).stream()
            .map(part -> ((JsonObject) part).getJsonObject("functionResponse").getString("name")))
        .containsExactly("get_time", "told", "lost");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "|{}",
        "{\\'a\\':1}|{'a':1}",
        "not json|{'arguments':'not json'}",
        "[1]|{'arguments':'[1]'}"
      })
  @DisplayName("has a call's arguments as an object, whatever the model once wrote")
  void arguments(String text, String args) {
    JsonObject body = body(
        "g", Settings.NONE, "{}", CALL.replace("{\\'tz\\':\\'UTC\\'}", text == null ? "" : text));
    assertThat(parts(body, 0).getJsonObject(0).getJsonObject("functionCall").getJsonObject("args"))
        .isEqualTo(json(args));
  }

  @Test
  @DisplayName("says of the first call that its thought is not known, to models that insist on it")
  void signatures() {
    String two = CALL.replace("]}", ",{'id':'2','function':{'name':'b','arguments':'{}'}}]}");
    JsonArray parts = parts(body("gemini-3-pro", Settings.NONE, "{}", two), 0);
    assertThat(parts.getJsonObject(0).getString("thoughtSignature"))
        .isEqualTo("skip_thought_signature_validator");
    assertThat(parts.getJsonObject(1).containsKey("thoughtSignature")).isFalse();
  }

  @Test
  @DisplayName("says how to generate in Gemini's words")
  void config() {
    JsonObject body = body(
        "g",
        new Settings(null, 0.2, 512),
        "{'top_p':0.9,'top_k':40,'stop':'END','seed':1,'presence_penalty':0,"
            + "'frequency_penalty':0,'logit_bias':{},'user':'u'}",
        "{'role':'user','content':'a'}");
    assertThat(body.getJsonObject("generationConfig"))
        .isEqualTo(json("{'temperature':0.2,'topP':0.9,'topK':40,'maxOutputTokens':512,"
            + "'stopSequences':['END'],'presencePenalty':0,'frequencyPenalty':0,'seed':1}"));
    assertThat(config("g", "{'stop':['a','b']}")).isEqualTo(json("{'stopSequences':['a','b']}"));
    assertThat(config("g", "{'stop':[],'seed':null}")).isNull();
  }

  @Test
  @DisplayName("asks for JSON, of a schema where there is one")
  void responseFormats() {
    assertThat(config("g", "{'response_format':{'type':'text'}}")).isNull();
    assertThat(config("g", "{'response_format':{'type':'json_object'}}"))
        .isEqualTo(json("{'responseMimeType':'application/json'}"));
    assertThat(config(
            "g",
            "{'response_format':{'type':'json_schema','json_schema':{'name':'a','strict':true,"
                + "'schema':{'type':'object','additionalProperties':false}}}}"))
        .isEqualTo(
            json("{'responseMimeType':'application/json','responseSchema':{'type':'object'}}"));
    assertThat(
            config(
                "g",
                "{'response_format':{'type':'json_schema','json_schema':{'schema':{'$ref':'#/$defs/a'}}}}"))
        .isEqualTo(json("{'responseMimeType':'application/json',"
            + "'responseJsonSchema':{'$ref':'#/$defs/a'}}"));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "gemini-3-pro|low|{'includeThoughts':true,'thinkingLevel':'LOW'}",
        "gemini-3-pro|medium|{'includeThoughts':true,'thinkingLevel':'MEDIUM'}",
        "gemini-3-pro|xhigh|{'includeThoughts':true,'thinkingLevel':'HIGH'}",
        "gemini-3-pro|none|{'includeThoughts':false,'thinkingLevel':'MINIMAL'}",
        "gemini-2.5-flash|none|{'includeThoughts':false,'thinkingBudget':0}",
        "gemini-2.5-flash|low|{'includeThoughts':true,'thinkingBudget':1024}",
        "gemini-2.5-flash|high|{'includeThoughts':true,'thinkingBudget':24576}"
      })
  @DisplayName("says how much to think in the words of the model's generation")
  void thinking(String model, String effort, String thinking) {
    assertThat(config(model, "{'reasoning_effort':'" + effort + "'}"))
        .isEqualTo(new JsonObject().put("thinkingConfig", json(thinking)));
  }

  @Test
  @DisplayName("declares functions without what Gemini refuses in a schema")
  void tools() {
    JsonObject body = body(
        "g",
        Settings.NONE,
        "{'tools':[" + TOOL + ",{'type':'function','function':{'name':'b','parameters':"
            + "{'type':'object','properties':{}}}},{'type':'function','function':{'name':'c',"
            + "'parameters':{'properties':{'x':{'$ref':'#/$defs/x'}}}}},"
            + "{'type':'custom','custom':{'name':'d'}}]}",
        "{'role':'user','content':'a'}");
    assertThat(body.getJsonArray("tools"))
        .isEqualTo(array("[{'functionDeclarations':[{'name':'get_time','description':'…',"
            + "'parameters':{'type':'object','properties':{'tz':{'type':'string'}},"
            + "'required':['tz']}},{'name':'b'},{'name':'c','parametersJsonSchema':"
            + "{'properties':{'x':{'$ref':'#/$defs/x'}}}}]}]"));
    assertThat(body.containsKey("toolConfig")).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "'auto'|{'mode':'AUTO'}",
        "'none'|{'mode':'NONE'}",
        "'required'|{'mode':'ANY'}",
        "{'type':'function','function':{'name':'x'}}|{'mode':'ANY','allowedFunctionNames':['x']}",
        "{'type':'allowed_tools','allowed_tools':{'mode':'auto','tools':[{'type':'function',"
            + "'function':{'name':'x'}}]}}|{'mode':'VALIDATED','allowedFunctionNames':['x']}",
        "{'type':'allowed_tools','allowed_tools':{'mode':'required','tools':[{'type':'function',"
            + "'function':{'name':'x'}}]}}|{'mode':'ANY','allowedFunctionNames':['x']}"
      })
  @DisplayName("says which of the tools may be called")
  void toolChoice(String choice, String config) {
    JsonObject body = body(
        "g",
        Settings.NONE,
        "{'tools':[" + TOOL + "],'tool_choice':" + choice + "}",
        "{'role':'user','content':'a'}");
    assertThat(body.getJsonObject("toolConfig"))
        .isEqualTo(new JsonObject().put("functionCallingConfig", json(config)));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "{'type':['string','null'],'format':'email'}|{'type':'string','nullable':true}",
        "{'type':['string','integer']}|{'anyOf':[{'type':'string'},{'type':'integer'}]}",
        "{'anyOf':[{'type':'string','strict':true},{'type':'null'}]}|{'type':'string','nullable':true}",
        "{'oneOf':[{'type':'string'},{'type':'number'}]}|{'anyOf':[{'type':'string'},{'type':'number'}]}",
        "{'enum':['a',null]}|{'enum':['a'],'nullable':true}",
        "{'type':'integer','enum':[1,2]}|{'type':'integer'}",
        "{'const':'a'}|{'enum':['a']}",
        "{'type':'array','minItems':1,'uniqueItems':true,'items':{'type':'string','format':'date-time'}}"
            + "|{'type':'array','minItems':1,'items':{'type':'string','format':'date-time'}}",
        "{'properties':{'additionalProperties':{'type':'string','examples':[]},'b':true},"
            + "'required':['additionalProperties','b','c']}"
            + "|{'properties':{'additionalProperties':{'type':'string'}},'required':['additionalProperties']}"
      })
  @DisplayName("says a schema in Gemini's dialect, at every depth")
  void schemas(String schema, String dialect) {
    assertThat(GeminiSchema.of(json(schema))).isEqualTo(json(dialect));
  }

  private static JsonObject config(String model, String options) {
    return body(model, Settings.NONE, options, "{'role':'user','content':'a'}")
        .getJsonObject("generationConfig");
  }

  private static JsonArray parts(JsonObject body, int turn) {
    return body.getJsonArray("contents").getJsonObject(turn).getJsonArray("parts");
  }

  private static JsonObject body(
      String model, Settings settings, String options, String... messages) {
    List<ChatMessage> history = new ArrayList<>();
    for (String message : messages) {
      history.add(ChatMessage.parse(quoted(message)));
    }
    return new JsonObject(new GeminiFormat()
        .body(new Completion(model, settings, history, 0, CompletionOptions.of(json(options)))));
  }

  private static JsonObject json(String text) {
    return new JsonObject(quoted(text));
  }

  private static JsonArray array(String text) {
    return new JsonArray(quoted(text));
  }

  private static String quoted(String text) {
    return text.replace("\\'", "\\\"").replace('\'', '"');
  }
}
