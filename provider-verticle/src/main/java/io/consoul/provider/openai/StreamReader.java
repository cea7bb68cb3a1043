package io.consoul.provider.openai;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.FinishReason;
import io.consoul.message.Usage;
import io.consoul.provider.sse.SseEvent;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/**
 * Understands the chunks of a chat completion stream, OpenAI's own and what compatible servers make of them: unknown
 * fields and malformed chunks are passed over, and an answer counts as whole once a finish reason was seen.
 */
final class StreamReader {

  private static final String DONE = "[DONE]";

  private final FaultReader faults;
  private final StringBuilder text = new StringBuilder();
  private boolean spoke;
  private boolean done;
  private FinishReason finishReason;
  private Usage usage;
  private FaultException failure;
  private int malformed;

  StreamReader(FaultReader faults) {
    this.faults = faults;
  }

  void read(SseEvent event) {
    if (done || failure != null) {
      return;
    }
    if (event.data().startsWith(DONE)) {
      done = true;
      return;
    }
    JsonObject chunk = parse(event.data());
    if (event.name().equals("error")) {
      failure = faults.inStream(chunk == null ? new JsonObject() : chunk);
    } else if (chunk == null) {
      malformed++;
    } else if (isTruthy(chunk.getValue("error"))) {
      failure = faults.inStream(chunk);
    } else {
      read(chunk);
    }
  }

  /** What was said since the last call. */
  String takeText() {
    String taken = text.toString();
    text.setLength(0);
    return taken;
  }

  /** Whether the server has said that nothing more comes. */
  boolean isDone() {
    return done;
  }

  /** Whether the answer is whole, even if the rest of the stream should be missing. */
  boolean isFinished() {
    return finishReason != null;
  }

  /** What the server says went wrong, or null. */
  FaultException failure() {
    return failure;
  }

  /** Why the stream as it was read is no answer, or null. To be asked when nothing more comes. */
  FaultException shortcoming() {
    if (failure != null) {
      return failure;
    }
    if (finishReason == null) {
      return Fault.LLM_UNAVAILABLE.because("the provider's answer ended early");
    }
    if (finishReason == FinishReason.CONTENT_FILTER && !spoke) {
      return Fault.LLM_CONTENT_FILTERED.because();
    }
    return null;
  }

  FinishReason finishReason() {
    return finishReason;
  }

  /** Null when the server did not tell. */
  Usage usage() {
    return usage;
  }

  /** Chunks that were no JSON objects. */
  int malformed() {
    return malformed;
  }

  private static JsonObject parse(String data) {
    try {
      return new JsonObject(data);
    } catch (DecodeException malformed) {
      return null;
    }
  }

  private void read(JsonObject chunk) {
    if (chunk.getValue("usage") instanceof JsonObject told) {
      usage = new Usage(count(told, "prompt_tokens"), count(told, "completion_tokens"), 0, false);
    }
    if (chunk.getValue("choices") instanceof JsonArray choices) {
      for (Object each : choices) {
        if (each instanceof JsonObject choice && isFirst(choice)) {
          read(choice.getValue("delta"), choice.getValue("finish_reason"));
        }
      }
    }
  }

  private void read(Object delta, Object reason) {
    if (delta instanceof JsonObject said) {
      say(said.getValue("content"));
      // A refusal is the model's answer too, only in another field.
      say(said.getValue("refusal"));
    }
    if (reason instanceof String word && !word.isEmpty()) {
      finish(word);
    }
  }

  private void say(Object piece) {
    if (piece instanceof String words && !words.isEmpty()) {
      text.append(words);
      spoke = true;
    }
  }

  /** Only the words of the protocol: our own further reasons are not for a provider to give. */
  private void finish(String word) {
    switch (word) {
      case "length" -> finishReason = FinishReason.LENGTH;
      case "tool_calls", "function_call" -> finishReason = FinishReason.TOOL_CALLS;
      case "content_filter" -> finishReason = FinishReason.CONTENT_FILTER;
      case "error" -> failure = faults.inStream(new JsonObject());
      default -> finishReason = FinishReason.STOP;
    }
  }

  /** We ask for one choice; a server that sends more is not answered with a mixture. */
  private static boolean isFirst(JsonObject choice) {
    return !(choice.getValue("index") instanceof Number index) || index.intValue() == 0;
  }

  private static long count(JsonObject usage, String key) {
    return usage.getValue(key) instanceof Number number ? Math.max(0, number.longValue()) : 0;
  }

  private static boolean isTruthy(Object value) {
    return !(value == null
        || value.equals(false)
        || value.equals("")
        || value instanceof Number number && number.doubleValue() == 0
        || value instanceof JsonObject object && object.isEmpty()
        || value instanceof JsonArray array && array.isEmpty());
  }
}
