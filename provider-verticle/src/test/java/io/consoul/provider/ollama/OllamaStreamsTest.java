package io.consoul.provider.ollama;

import io.consoul.provider.UpstreamFailure.Cause;
import io.consoul.provider.wire.AnswerReader;
import io.consoul.provider.wire.AnswerReaderContract;
import io.consoul.provider.wire.Failures;
import io.consoul.provider.wire.LineParser;
import io.consoul.provider.wire.Recording;
import java.util.List;
import org.junit.jupiter.api.DisplayName;

@DisplayName("The reader of Ollama's streams")
class OllamaStreamsTest extends AnswerReaderContract {

  private static final String DONE = line(
      "{'message':{'content':''},'done':true,'done_reason':'stop','prompt_eval_count':26,'eval_count':9}");

  @Override
  protected AnswerReader reader(Failures failures) {
    return new OllamaReader(failures);
  }

  @Override
  protected List<Recording> disguises(Recording recording) {
    return List.of(recording.withCrLf(), recording.withByteOrderMark());
  }

  @Override
  protected List<Recording> recordings() {
    return List.of(
        Recording.whole(
            "Ollama's own form",
            line("{'model':'llama-x','created_at':'2026-05-01T10:00:00.1Z','message':{'role':"
                    + "'assistant','content':'','thinking':'hmm 🦉'},'done':false}")
                + text("Noon, ")
                + text("世界 👩‍🚀é")
                + DONE,
            "Noon, 世界 👩‍🚀é"),
        Recording.whole(
            "tool calls",
            line("{'message':{'content':'','tool_calls':[{'function':{'name':'a','arguments':"
                    + "{'tz':'é🦉'}}}]},'done':false}")
                + line("{'message':{'content':'','tool_calls':[{'function':{'name':'b'}}]}}")
                + DONE,
            ""),
        Recording.whole("a malformed line", text("a") + "{\"mess\n" + text("b") + DONE, "ab"),
        Recording.whole("no last line feed", text("a") + DONE.strip(), "a"),
        Recording.whole("empty lines", text("a") + "\n\n" + DONE + "\n", "a"),
        Recording.whole("1,000 tokens", text("tok ").repeat(1_000) + DONE, "tok ".repeat(1_000)),
        Recording.failing("no end", text("a") + text("b"), "ab", Cause.CUT),
        Recording.failing(
            "an error first", line("{'error':'" + SECRET + "'}"), "", Cause.ERROR_IN_STREAM),
        Recording.failing(
            "an error in the middle",
            text("a") + line("{'error':'" + SECRET + "'}") + text("b") + DONE,
            "a",
            Cause.ERROR_IN_STREAM),
        Recording.failing(
            "a line of 2 MiB",
            text("a") + "x".repeat(2 * LineParser.LIMIT) + "\n" + text("b") + DONE,
            "a",
            Cause.GARBLED));
  }

  private static String text(String piece) {
    return line("{'message':{'role':'assistant','content':'" + piece + "'},'done':false}");
  }

  private static String line(String json) {
    return json.replace('\'', '"') + "\n";
  }
}
