package io.consoul.provider.openai;

import io.consoul.provider.UpstreamFailure.Cause;
import io.consoul.provider.wire.AnswerReader;
import io.consoul.provider.wire.AnswerReaderContract;
import io.consoul.provider.wire.Failures;
import io.consoul.provider.wire.Recording;
import io.consoul.provider.wire.SseParser;
import java.util.List;
import org.junit.jupiter.api.DisplayName;

@DisplayName("The reader of chat completion streams")
class OpenAiStreamsTest extends AnswerReaderContract {

  private static final String STOP = chunk("{},'finish_reason':'stop'");
  private static final String DONE = "data: [DONE]\n\n";

  @Override
  protected AnswerReader reader(Failures failures) {
    return new OpenAiReader(failures);
  }

  @Override
  protected List<Recording> recordings() {
    return List.of(
        Recording.whole(
            "OpenAI's own form",
            event("{'id':'chatcmpl-9','object':'chat.completion.chunk','created':1780000000,"
                    + "'model':'gpt-x','system_fingerprint':'fp_1','choices':[{'index':0,'delta':"
                    + "{'role':'assistant','content':''},'logprobs':null,'finish_reason':null}],"
                    + "'usage':null}")
                + text("Bon")
                + text("jour, 世界 👩‍🚀🦉é")
                + STOP
                + event("{'choices':[],'usage':{'prompt_tokens':19,'completion_tokens':2,"
                    + "'total_tokens':21,'completion_tokens_details':{'reasoning_tokens':1},"
                    + "'prompt_tokens_details':{'cached_tokens':5}}}")
                + DONE,
            "Bonjour, 世界 👩‍🚀🦉é"),
        Recording.whole(
            "tool calls that interleave",
            chunk("{'role':'assistant','content':null,'tool_calls':[{'index':0,'id':'call_a1',"
                    + "'type':'function','function':{'name':'get_time','arguments':''}}]}")
                + chunk("{'tool_calls':[{'index':1,'id':'call_a2','type':'function','function':"
                    + "{'name':'get_date','arguments':'{'}}]}")
                + chunk("{'tool_calls':[{'index':0,'function':{'arguments':'{\\'tz\\':'}}]}")
                + chunk("{'tool_calls':[{'index':1,'function':{'arguments':'}'}},"
                    + "{'index':0,'function':{'arguments':'\\'é🦉\\'}'}}]}")
                + chunk("{},'finish_reason':'tool_calls'")
                + DONE,
            ""),
        Recording.whole(
            "reasoning",
            chunk("{'reasoning_content':'hm 🦉'}")
                + chunk("{'reasoning':'so'}")
                + text("yes")
                + STOP
                + DONE,
            "yes"),
        Recording.whole("no usage", text("a") + STOP + DONE, "a"),
        Recording.whole(
            "usage on chunks with choices, twice",
            event("{'choices':[{'index':0,'delta':{'content':'a'}}],"
                    + "'usage':{'prompt_tokens':3,'completion_tokens':1}}")
                + event("{'choices':[{'index':0,'delta':{},'finish_reason':'stop'}],"
                    + "'usage':{'prompt_tokens':3,'completion_tokens':2}}")
                + DONE,
            "a"),
        Recording.whole(
            "a malformed chunk",
            text("a") + event("{'choices':[{'index':0,'del") + text("b") + STOP + DONE,
            "ab"),
        Recording.whole("no [DONE]", text("a") + text("b") + STOP, "ab"),
        Recording.whole(
            "1,000 tokens", text("tok ").repeat(1_000) + STOP + DONE, "tok ".repeat(1_000)),
        Recording.whole(
            "a line of 2 MiB after the end",
            text("a") + STOP + DONE + "x".repeat(2 * SseParser.LIMIT) + "\n",
            "a"),
        Recording.failing("no end", text("a") + text("b"), "ab", Cause.CUT),
        Recording.failing("[DONE] but no reason", text("a") + DONE, "a", Cause.CUT),
        Recording.failing(
            "an error first",
            event("{'error':{'message':'" + SECRET + "','type':'server_error','param':null,"
                + "'code':null}}"),
            "",
            Cause.ERROR_IN_STREAM),
        Recording.failing(
            "an error in the middle",
            text("a") + "event: error\n" + event("{'error':{'message':'" + SECRET + "'}}")
                + text("b") + STOP + DONE,
            "a",
            Cause.ERROR_IN_STREAM),
        Recording.failing(
            "a line of 2 MiB",
            text("a") + "data: " + "x".repeat(2 * SseParser.LIMIT) + "\n\n" + text("b") + STOP,
            "a",
            Cause.GARBLED));
  }

  private static String text(String piece) {
    return chunk("{'content':'" + piece + "'}");
  }

  private static String chunk(String delta) {
    return event("{'choices':[{'index':0,'delta':" + delta + "}]}");
  }

  private static String event(String data) {
    return "data: " + data.replace("\\'", "\\\"").replace('\'', '"') + "\n\n";
  }
}
