package io.consoul.provider.ollama;

import io.consoul.message.FinishReason;
import io.consoul.provider.wire.BoundedReader;
import io.consoul.provider.wire.ErrorJson;
import io.consoul.provider.wire.Failures;
import io.consoul.provider.wire.LineParser;
import io.consoul.provider.wire.ToldTokens;
import io.consoul.provider.wire.WholeCalls;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** Understands a stream of JSON lines, of which the last one says that it is done. */
final class OllamaReader extends BoundedReader {

  private final LineParser lines = new LineParser();
  private final WholeCalls calls = new WholeCalls(reading);
  private boolean spoke;

  OllamaReader(Failures failures) {
    super(failures);
  }

  @Override
  protected void take(Buffer chunk) {
    lines.feed(chunk, line -> {
      if (!read(line)) {
        reading.skip();
      }
    });
  }

  /** A last line without its end may be whole; if it is not, it was cut and is no malformed one. */
  @Override
  protected void takeRest() {
    lines.end(this::read);
  }

  /** Whether the line could be understood, or need not be. */
  private boolean read(String line) {
    if (reading.isSettled() || line.isBlank()) {
      return true;
    }
    JsonObject chunk;
    try {
      chunk = new JsonObject(line);
    } catch (DecodeException malformed) {
      return false;
    }
    if (ErrorJson.isIn(chunk)) {
      reading.fail(OllamaErrors.inStream(failures, chunk, spoke));
      return true;
    }
    reading.answeredBy(chunk.getValue("model"));
    if (chunk.getValue("message") instanceof JsonObject message) {
      readMessage(message);
    }
    use(chunk);
    if (Boolean.TRUE.equals(chunk.getValue("done"))) {
      finish(chunk.getValue("done_reason"));
    }
    return true;
  }

  private void readMessage(JsonObject message) {
    if (message.getValue("thinking") instanceof String words) {
      reading.think(words);
    }
    if (message.getValue("content") instanceof String words && !words.isEmpty()) {
      spoke = true;
      reading.say(words);
    }
    if (message.getValue("tool_calls") instanceof JsonArray all) {
      for (Object each : all) {
        if (each instanceof JsonObject call
            && call.getValue("function") instanceof JsonObject function) {
          spoke |= calls.add(function, call.getValue("id"), function.getValue("arguments"));
        }
      }
    }
  }

  private void finish(Object reason) {
    if ("length".equals(reason)) {
      reading.finish(FinishReason.LENGTH);
    } else if (("load".equals(reason) || "unload".equals(reason)) && !spoke) {
      // The model has come or gone; nobody was answered.
      reading.fail(failures.inStream());
    } else {
      reading.finish(calls.any() ? FinishReason.TOOL_CALLS : FinishReason.STOP);
    }
    reading.done();
  }

  /**
   * Counts stand in the last line, and in others where somebody imitates Ollama. They are left out where nothing was evaluated
   * anew, so those that are missing are not zero.
   */
  private void use(JsonObject chunk) {
    long input = ToldTokens.count(chunk, "prompt_eval_count");
    long output = ToldTokens.count(chunk, "eval_count");
    if (input > 0 && output > 0) {
      reading.use(ToldTokens.usage(input, output, 0, 0));
    }
  }
}
