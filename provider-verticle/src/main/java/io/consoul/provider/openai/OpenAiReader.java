package io.consoul.provider.openai;

import io.consoul.message.FinishReason;
import io.consoul.message.Usage;
import io.consoul.provider.wire.AnswerReader;
import io.consoul.provider.wire.Failures;
import io.consoul.provider.wire.Reading;
import io.consoul.provider.wire.SseEvent;
import io.consoul.provider.wire.SseParser;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/**
 * Understands the chunks of a chat completion stream, OpenAI's own and what compatible servers make of them: unknown
 * fields and malformed chunks are passed over.
 */
final class OpenAiReader implements AnswerReader {

  private static final String DONE = "[DONE]";

  private final Failures failures;
  private final SseParser events = new SseParser();
  private final Reading reading;

  OpenAiReader(Failures failures) {
    this.failures = failures;
    this.reading = new Reading(failures);
  }

  @Override
  public void feed(Buffer chunk) {
    events.feed(chunk, this::read);
  }

  @Override
  public void end() {
    events.end(this::read);
  }

  @Override
  public Reading reading() {
    return reading;
  }

  private void read(SseEvent event) {
    if (reading.isDone() || reading.failure() != null) {
      return;
    }
    if (event.data().startsWith(DONE)) {
      reading.done();
      return;
    }
    JsonObject chunk = parse(event.data());
    if (event.name().equals("error")) {
      reading.fail(OpenAiErrors.inStream(failures, chunk == null ? new JsonObject() : chunk));
    } else if (chunk == null) {
      reading.skip();
    } else if (isTruthy(chunk.getValue("error"))) {
      reading.fail(OpenAiErrors.inStream(failures, chunk));
    } else {
      read(chunk);
    }
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
      reading.use(
          new Usage(count(told, "prompt_tokens"), count(told, "completion_tokens"), 0, false));
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
    if (piece instanceof String words) {
      reading.say(words);
    }
  }

  /** Only the words of the protocol: our own further reasons are not for a provider to give. */
  private void finish(String word) {
    switch (word) {
      case "length" -> reading.finish(FinishReason.LENGTH);
      case "tool_calls", "function_call" -> reading.finish(FinishReason.TOOL_CALLS);
      case "content_filter" -> reading.finish(FinishReason.CONTENT_FILTER);
      case "error" -> reading.fail(failures.inStream());
      default -> reading.finish(FinishReason.STOP);
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
