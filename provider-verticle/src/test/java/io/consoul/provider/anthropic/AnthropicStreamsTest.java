package io.consoul.provider.anthropic;

import io.consoul.provider.UpstreamFailure.Cause;
import io.consoul.provider.wire.AnswerReader;
import io.consoul.provider.wire.AnswerReaderContract;
import io.consoul.provider.wire.Failures;
import io.consoul.provider.wire.Recording;
import io.consoul.provider.wire.SseParser;
import java.util.List;
import org.junit.jupiter.api.DisplayName;

@DisplayName("The reader of message streams")
class AnthropicStreamsTest extends AnswerReaderContract {

  private static final String START = event(
      "message_start",
      "'message':{'id':'msg_01','type':'message','role':'assistant','content':[],'model':'claude-x',"
          + "'stop_reason':null,'usage':{'input_tokens':377,'cache_creation_input_tokens':3,"
          + "'cache_read_input_tokens':20,'output_tokens':1}}");

  private static final String PING = event("ping", "'x':1");
  private static final String STOP = stop("end_turn");
  private static final String END = STOP + event("message_stop", "'x':1");

  @Override
  protected AnswerReader reader(Failures failures) {
    return new AnthropicReader(failures);
  }

  @Override
  protected List<Recording> recordings() {
    return List.of(
        Recording.whole(
            "text, with pings between all events",
            (START
                    + begin(0, "'type':'text','text':''")
                    + text("I'll", 0)
                    + text(" 👩‍🚀🦉é", 0)
                    + blockStop(0)
                    + END)
                .replace("\n\n", "\n\n" + PING),
            "I'll 👩‍🚀🦉é"),
        Recording.whole(
            "tool calls that interleave",
            START
                + begin(0, "'type':'text','text':''")
                + text("Let me look.", 0)
                + blockStop(0)
                + begin(1, "'type':'tool_use','id':'t1','name':'time','input':{}")
                + begin(2, "'type':'tool_use','id':'t2','name':'date','input':{}")
                + json("", 1)
                + json("{\\\"tz\\\": \\\"é", 1)
                + json("{", 2)
                + json("🦉\\\"}", 1)
                + json("}", 2)
                + blockStop(1)
                + blockStop(2)
                + stop("tool_use")
                + event("message_stop", "'x':1"),
            "Let me look."),
        Recording.whole(
            "thoughts",
            START
                + begin(0, "'type':'thinking','thinking':'','signature':''")
                + delta(0, "'type':'thinking_delta','thinking':'hm 🦉'")
                + delta(0, "'type':'signature_delta','signature':'OPAQUE'")
                + blockStop(0)
                + begin(1, "'type':'redacted_thinking','data':'OPAQUE'")
                + blockStop(1)
                + begin(2, "'type':'text','text':''")
                + text("yes", 2)
                + delta(2, "'type':'citations_delta','citation':{}")
                + blockStop(2)
                + END,
            "yes"),
        Recording.whole(
            "no usage",
            begin(0, "'type':'text','text':''")
                + text("a", 0)
                + event("message_delta", "'delta':{'stop_reason':'end_turn'}")
                + event("message_stop", "'x':1"),
            "a"),
        Recording.whole("usage twice", START + text("a", 0) + STOP + END, "a"),
        Recording.whole("no message_stop", START + text("a", 0) + text("b", 0) + STOP, "ab"),
        Recording.whole(
            "a malformed event, and unknown ones",
            START + text("a", 0) + "event: content_block_delta\ndata: {\"type\":\"con\n\n"
                + event("content_block_pause", "'index':0")
                + begin(1, "'type':'hologram','text':'no'") + delta(1, "'type':'ray','text':'no'")
                + text("b", 0) + END,
            "ab"),
        Recording.whole(
            "1,000 tokens", START + text("tok ", 0).repeat(1_000) + END, "tok ".repeat(1_000)),
        Recording.whole(
            "a line of 2 MiB after the end",
            START + text("a", 0) + END + "x".repeat(2 * SseParser.LIMIT) + "\n",
            "a"),
        Recording.failing("no end", START + text("a", 0) + text("b", 0), "ab", Cause.CUT),
        Recording.failing("an error first", error("overloaded_error"), "", Cause.ERROR_IN_STREAM),
        Recording.failing(
            "an error in the middle",
            START + text("a", 0) + error("api_error") + text("b", 0) + END,
            "a",
            Cause.ERROR_IN_STREAM),
        Recording.failing(
            "a line of 2 MiB",
            START + text("a", 0) + "data: " + "x".repeat(2 * SseParser.LIMIT) + "\n\n" + END,
            "a",
            Cause.GARBLED));
  }

  private static String text(String piece, int block) {
    return delta(block, "'type':'text_delta','text':'" + piece.replace("'", "\\u0027") + "'");
  }

  private static String json(String piece, int block) {
    return delta(block, "'type':'input_json_delta','partial_json':'" + piece + "'");
  }

  private static String begin(int block, String content) {
    return event("content_block_start", "'index':" + block + ",'content_block':{" + content + "}");
  }

  private static String delta(int block, String delta) {
    return event("content_block_delta", "'index':" + block + ",'delta':{" + delta + "}");
  }

  private static String blockStop(int block) {
    return event("content_block_stop", "'index':" + block);
  }

  private static String stop(String reason) {
    return event(
        "message_delta",
        "'delta':{'stop_reason':'" + reason
            + "','stop_sequence':null},'usage':{'output_tokens':65}");
  }

  private static String error(String type) {
    return event("error", "'error':{'type':'" + type + "','message':'" + SECRET + "'}");
  }

  private static String event(String name, String members) {
    return "event: " + name + "\ndata: {\"type\":\"" + name + "\"," + members.replace('\'', '"')
        + "}\n\n";
  }
}
