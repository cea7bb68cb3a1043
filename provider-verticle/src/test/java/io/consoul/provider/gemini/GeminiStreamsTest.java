package io.consoul.provider.gemini;

import io.consoul.provider.UpstreamFailure.Cause;
import io.consoul.provider.wire.AnswerReader;
import io.consoul.provider.wire.AnswerReaderContract;
import io.consoul.provider.wire.Failures;
import io.consoul.provider.wire.Recording;
import io.consoul.provider.wire.SseParser;
import java.util.List;
import org.junit.jupiter.api.DisplayName;

@DisplayName("The reader of Gemini's streams")
class GeminiStreamsTest extends AnswerReaderContract {

  private static final String ERROR =
      "{'error':{'code':503,'message':'" + SECRET + " {','status':'UNAVAILABLE'}}";

  @Override
  protected AnswerReader reader(Failures failures) {
    return new GeminiReader(failures);
  }

  @Override
  protected List<Recording> recordings() {
    return List.of(
        Recording.whole(
            "Gemini's own form",
            event(
                    "{'candidates':[{'content':{'role':'model','parts':[{'text':'hm 🦉','thought':true},"
                        + "{'text':'No'}]},'index':0}],'usageMetadata':{'promptTokenCount':12,"
                        + "'totalTokenCount':12},'modelVersion':'gemini-x','responseId':'r-1'}")
                + text("on, 世界 👩‍🚀é")
                + last(".")
                + event("{'usageMetadata':{'promptTokenCount':12,'candidatesTokenCount':9,"
                    + "'thoughtsTokenCount':2}}"),
            "Noon, 世界 👩‍🚀é."),
        Recording.whole(
            "function calls",
            event(
                    "{'candidates':[{'content':{'parts':[{'functionCall':{'name':'a','args':"
                        + "{'tz':'é🦉'}},'thoughtSignature':'x'},{'functionCall':{'id':'i','name':'b'}}]}}]}")
                + last(""),
            ""),
        Recording.whole(
            "a malformed chunk",
            text("a") + event("{'candidates':[{'conte") + text("b") + last("c"),
            "abc"),
        Recording.whole(
            "1,000 tokens", text("tok ").repeat(1_000) + last("!"), "tok ".repeat(1_000) + "!"),
        Recording.whole(
            "an array",
            quoted(
                "[{\n  'candidates': [{'content': {\n'parts': [{'text': '}a{'}]}}]\n}\n,\n"
                    + "{'candidates':[{'content':{'parts':[{'text':'b'}]},\n'finishReason':'STOP'}]\n}\n]\n"),
            "}a{b"),
        Recording.failing("no end", text("a") + text("b"), "ab", Cause.CUT),
        Recording.failing(
            "a blocked prompt",
            event(
                "{'promptFeedback':{'blockReason':'OTHER','blockReasonMessage':'" + SECRET + "'}}"),
            "",
            Cause.FILTERED),
        Recording.failing("an error first", event(ERROR), "", Cause.ERROR_IN_STREAM),
        Recording.failing(
            "a bare error in the middle",
            text("a") + quoted(ERROR) + "\n" + text("b") + last("c"),
            "a",
            Cause.ERROR_IN_STREAM),
        Recording.failing(
            "a bare error over many lines",
            text("a")
                + quoted("[{\n  'error': {\n    'code': 503,\n    'message': '" + SECRET
                    + "'\n  }\n}\n]\n"),
            "a",
            Cause.ERROR_IN_STREAM),
        Recording.failing(
            "a bare error without the end of its line",
            text("a") + quoted(ERROR),
            "a",
            Cause.ERROR_IN_STREAM),
        Recording.failing(
            "a line of 2 MiB",
            text("a") + "data: " + "x".repeat(2 * SseParser.LIMIT) + "\n\n" + last("b"),
            "a",
            Cause.GARBLED),
        Recording.failing(
            "a bare object without end",
            text("a") + ("{" + "x".repeat(1_000) + "\n").repeat(2 * 1_050) + last("b"),
            "a",
            Cause.GARBLED));
  }

  private static String text(String piece) {
    return event("{'candidates':[{'content':{'parts':[{'text':'" + piece + "'}]},'index':0}]}");
  }

  private static String last(String piece) {
    return event("{'candidates':[{'content':{'parts':[{'text':'" + piece
        + "'}]},'finishReason':'STOP','index':0}]}");
  }

  private static String event(String data) {
    return "data: " + quoted(data) + "\n\n";
  }

  private static String quoted(String json) {
    return json.replace('\'', '"');
  }
}
