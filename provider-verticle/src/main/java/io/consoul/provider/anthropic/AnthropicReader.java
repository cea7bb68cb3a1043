package io.consoul.provider.anthropic;

import io.consoul.message.Aside;
import io.consoul.message.FinishReason;
import io.consoul.provider.wire.BoundedReader;
import io.consoul.provider.wire.Failures;
import io.consoul.provider.wire.Overflow;
import io.consoul.provider.wire.SseEvent;
import io.consoul.provider.wire.SseParser;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Understands the events of a message stream. Kinds of events, blocks and deltas that are not known are passed over, and
 * so are signatures, citations, redacted thoughts and tools that run at the provider.
 */
final class AnthropicReader extends BoundedReader {

  /** More calls than any answer has. */
  private static final int MOST_CALLS = 1_024;

  /** A tool call whose block is open. */
  private static final class Call {

    final int index;

    /** What its block began with; nearly always empty, since the arguments come in pieces. */
    final JsonObject input;

    boolean hasArguments;

    Call(int index, JsonObject input) {
      this.index = index;
      this.input = input;
    }
  }

  private final SseParser events = new SseParser();
  private final AnthropicUsage usage = new AnthropicUsage();
  private final Map<Integer, Call> openCalls = new HashMap<>();
  private int calls;

  AnthropicReader(Failures failures) {
    super(failures);
  }

  @Override
  protected void take(Buffer chunk) {
    events.feed(chunk, this::read);
  }

  @Override
  protected void takeRest() {
    events.end(this::read);
  }

  private void read(SseEvent event) {
    if (reading.isSettled() || event.name().equals("ping")) {
      return;
    }
    JsonObject data = event.json();
    if (event.name().equals("error")) {
      reading.fail(AnthropicErrors.inStream(failures, data == null ? new JsonObject() : data));
    } else if (data == null) {
      reading.skip();
    } else {
      read(data.getValue("type") instanceof String type ? type : event.name(), data);
    }
  }

  private void read(String type, JsonObject data) {
    switch (type) {
      case "message_start" -> {
        JsonObject message = object(data, "message");
        reading.answeredBy(message.getValue("model"));
        tell(message);
      }
      case "content_block_start" -> begin(index(data), object(data, "content_block"));
      case "content_block_delta" -> go(index(data), object(data, "delta"));
      case "content_block_stop" -> end(index(data));
      case "message_delta" -> {
        stop(object(data, "delta").getValue("stop_reason"));
        tell(data);
        if (object(data, "usage").getValue("output_tokens") instanceof Number) {
          // What the start says of the output is provisional.
          reading.use(usage.soFar());
        }
      }
      case "message_stop" -> {
        if (!reading.isFinished()) {
          finish(FinishReason.STOP);
        }
        reading.done();
      }
      case "error" -> reading.fail(AnthropicErrors.inStream(failures, data));
      default -> {
        // pings, and what is newer than this class
      }
    }
  }

  private void begin(int block, JsonObject content) {
    switch (word(content, "type")) {
      case "text" -> reading.say(word(content, "text"));
      case "thinking" -> reading.think(word(content, "thinking"));
      case "tool_use" -> call(block, content);
      default -> {
        // nothing that is said or asked
      }
    }
  }

  private void call(int block, JsonObject content) {
    if (calls == MOST_CALLS) {
      throw new Overflow(MOST_CALLS);
    }
    end(block);
    Call call = new Call(calls++, object(content, "input"));
    openCalls.put(block, call);
    String id = word(content, "id");
    reading.call(new Aside.ToolCall(
        call.index, id.isEmpty() ? "call_" + call.index : id, word(content, "name"), ""));
  }

  private void go(int block, JsonObject delta) {
    switch (word(delta, "type")) {
      case "text_delta" -> reading.say(word(delta, "text"));
      case "thinking_delta" -> reading.think(word(delta, "thinking"));
      case "input_json_delta" -> {
        Call call = openCalls.get(block);
        String piece = word(delta, "partial_json");
        if (call != null && !piece.isEmpty()) {
          call.hasArguments = true;
          reading.call(new Aside.ToolCall(call.index, null, null, piece));
        }
      }
      default -> {
        // signatures, citations
      }
    }
  }

  /** A call without a piece of arguments has those that its block began with. */
  private void end(int block) {
    Call call = openCalls.remove(block);
    if (call != null && !call.hasArguments) {
      reading.call(new Aside.ToolCall(call.index, null, null, call.input.encode()));
    }
  }

  private void stop(Object reason) {
    if (!(reason instanceof String word)) {
      return;
    }
    switch (word) {
      case "max_tokens", "model_context_window_exceeded" -> finish(FinishReason.LENGTH);
      case "tool_use" -> finish(FinishReason.TOOL_CALLS);
      case "refusal" -> finish(FinishReason.CONTENT_FILTER);
      default -> finish(FinishReason.STOP);
    }
  }

  private void finish(FinishReason reason) {
    // Whose blocks have not ended: every call has arguments.
    List.copyOf(openCalls.keySet()).forEach(this::end);
    reading.finish(reason == FinishReason.STOP && calls > 0 ? FinishReason.TOOL_CALLS : reason);
  }

  private void tell(JsonObject teller) {
    if (teller.getValue("usage") instanceof JsonObject told) {
      usage.read(told);
    }
  }

  private static int index(JsonObject data) {
    return data.getValue("index") instanceof Number number ? number.intValue() : 0;
  }

  private static JsonObject object(JsonObject data, String key) {
    return data.getValue(key) instanceof JsonObject object ? object : new JsonObject();
  }

  private static String word(JsonObject data, String key) {
    return data.getValue(key) instanceof String text ? text : "";
  }
}
