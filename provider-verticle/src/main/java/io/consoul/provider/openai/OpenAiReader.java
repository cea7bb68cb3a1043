package io.consoul.provider.openai;

import io.consoul.message.FinishReason;
import io.consoul.message.Usage;
import io.consoul.provider.wire.BoundedReader;
import io.consoul.provider.wire.ErrorJson;
import io.consoul.provider.wire.Failures;
import io.consoul.provider.wire.SseEvent;
import io.consoul.provider.wire.SseParser;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/**
 * Understands the chunks of a chat completion stream, OpenAI's own and what compatible servers make of them: unknown
 * fields and malformed chunks are passed over.
 */
final class OpenAiReader extends BoundedReader {

  private static final String DONE = "[DONE]";

  private final SseParser events = new SseParser();
  private final OpenAiToolCalls calls;

  OpenAiReader(Failures failures) {
    super(failures);
    this.calls = new OpenAiToolCalls(reading);
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
    if (reading.isSettled()) {
      return;
    }
    if (event.data().startsWith(DONE)) {
      reading.done();
      return;
    }
    JsonObject chunk = event.json();
    if (event.name().equals("error")) {
      reading.fail(OpenAiErrors.inStream(failures, chunk == null ? new JsonObject() : chunk));
    } else if (chunk == null) {
      reading.skip();
    } else if (ErrorJson.isIn(chunk) || "error".equals(chunk.getValue("object"))) {
      reading.fail(OpenAiErrors.inStream(failures, chunk));
    } else {
      read(chunk);
    }
  }

  private void read(JsonObject chunk) {
    reading.answeredBy(chunk.getValue("model"));
    if (chunk.getValue("usage") instanceof JsonObject told) {
      Usage usage = OpenAiUsage.read(told);
      if (usage != null) {
        reading.use(usage);
      }
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
      // Servers that know both names send the same text under both.
      if (!think(said.getValue("reasoning_content"))) {
        think(said.getValue("reasoning"));
      }
      say(said.getValue("content"));
      // A refusal is the model's answer too, only in another field.
      say(said.getValue("refusal"));
      calls.read(said.getValue("tool_calls"));
      calls.readLegacy(said.getValue("function_call"));
    }
    if (reason instanceof String word && !word.isEmpty()) {
      finish(word);
    }
  }

  /** Mistral's content may come in parts, its thoughts among them. */
  private void say(Object content) {
    if (content instanceof String words) {
      reading.say(words);
    } else if (content instanceof JsonArray parts) {
      for (Object each : parts) {
        if (each instanceof JsonObject part) {
          think(part.getValue("thinking"));
          say(part.getValue("text"));
        }
      }
    }
  }

  /** @return whether there was anything */
  private boolean think(Object thoughts) {
    if (thoughts instanceof JsonArray parts) {
      for (Object each : parts) {
        if (each instanceof JsonObject part) {
          think(part.getValue("text"));
        }
      }
    } else if (thoughts instanceof String words) {
      reading.think(words);
      return !words.isEmpty();
    }
    return false;
  }

  /** Only the words of the protocol: our own further reasons are not for a provider to give. */
  private void finish(String word) {
    switch (word) {
      case "length", "model_length" -> reading.finish(FinishReason.LENGTH);
      case "tool_calls", "function_call" -> reading.finish(FinishReason.TOOL_CALLS);
      case "content_filter" -> reading.finish(FinishReason.CONTENT_FILTER);
      // vLLM's and DeepSeek's words for an answer that they gave up.
      case "error", "abort", "insufficient_system_resource" -> reading.fail(failures.inStream());
      // Some servers have but one word for the end, and the calls say themselves what they are.
      default -> reading.finish(calls.any() ? FinishReason.TOOL_CALLS : FinishReason.STOP);
    }
  }

  /** We ask for one choice; a server that sends more is not answered with a mixture. */
  private static boolean isFirst(JsonObject choice) {
    return !(choice.getValue("index") instanceof Number index) || index.intValue() == 0;
  }
}
