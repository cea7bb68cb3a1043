package io.consoul.provider.gemini;

import io.consoul.message.FinishReason;
import io.consoul.provider.wire.BareJson;
import io.consoul.provider.wire.BoundedReader;
import io.consoul.provider.wire.ErrorJson;
import io.consoul.provider.wire.Failures;
import io.consoul.provider.wire.SseParser;
import io.consoul.provider.wire.ToldTokens;
import io.consoul.provider.wire.WholeCalls;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/**
 * Understands a stream of generated content. Errors come as events or as bare JSON between them, and a stream that is a JSON
 * array is all bare. Nothing marks the end but the end of the stream.
 */
final class GeminiReader extends BoundedReader {

  private final BareJson bare = new BareJson();
  private final SseParser events = new SseParser(line -> bare.feed(line, this::read));
  private final WholeCalls calls = new WholeCalls(reading);

  GeminiReader(Failures failures) {
    super(failures);
  }

  @Override
  protected void take(Buffer chunk) {
    events.feed(chunk, event -> read(event.data()));
  }

  @Override
  protected void takeRest() {
    events.end(event -> read(event.data()));
  }

  private void read(String data) {
    if (reading.isSettled()) {
      return;
    }
    JsonObject chunk = GeminiErrors.parse(data);
    if (chunk == null) {
      reading.skip();
    } else if (ErrorJson.isIn(chunk)) {
      reading.fail(GeminiErrors.inStream(failures, chunk));
    } else {
      read(chunk);
    }
  }

  private void read(JsonObject chunk) {
    reading.answeredBy(chunk.getValue("modelVersion"));
    if (chunk.getValue("usageMetadata") instanceof JsonObject told) {
      use(told);
    }
    if (chunk.getValue("candidates") instanceof JsonArray candidates) {
      for (Object each : candidates) {
        if (each instanceof JsonObject candidate && isFirst(candidate)) {
          readCandidate(candidate);
        }
      }
    }
    if (chunk.getValue("promptFeedback") instanceof JsonObject feedback
        && feedback.getValue("blockReason") instanceof String
        && !reading.isFinished()) {
      reading.finish(FinishReason.CONTENT_FILTER);
    }
  }

  private void readCandidate(JsonObject candidate) {
    if (candidate.getValue("content") instanceof JsonObject content
        && content.getValue("parts") instanceof JsonArray parts) {
      for (Object each : parts) {
        if (each instanceof JsonObject part) {
          readPart(part);
        }
      }
    }
    if (candidate.getValue("finishReason") instanceof String word) {
      finish(word);
    }
  }

  private void readPart(JsonObject part) {
    if (part.getValue("text") instanceof String words) {
      if (Boolean.TRUE.equals(part.getValue("thought"))) {
        reading.think(words);
      } else {
        reading.say(words);
      }
    }
    if (part.getValue("functionCall") instanceof JsonObject call) {
      calls.add(call, call.getValue("id"), call.getValue("args"));
    }
  }

  private void finish(String word) {
    switch (word) {
      case "MAX_TOKENS" -> reading.finish(FinishReason.LENGTH);
      case "SAFETY",
          "RECITATION",
          "LANGUAGE",
          "BLOCKLIST",
          "PROHIBITED_CONTENT",
          "SPII",
          "IMAGE_SAFETY",
          "IMAGE_PROHIBITED_CONTENT",
          "IMAGE_RECITATION" -> reading.finish(FinishReason.CONTENT_FILTER);
      case "MALFORMED_FUNCTION_CALL",
          "UNEXPECTED_TOOL_CALL",
          "TOO_MANY_TOOL_CALLS",
          "NO_IMAGE",
          "IMAGE_OTHER",
          "OTHER" -> reading.fail(failures.inStream());
      // Says that nothing is said yet.
      case "FINISH_REASON_UNSPECIFIED", "" -> {}
      default -> reading.finish(calls.any() ? FinishReason.TOOL_CALLS : FinishReason.STOP);
    }
  }

  /** The counts grow with the stream; early ones are of the prompt alone and tell nothing of the answer. */
  private void use(JsonObject told) {
    long thoughts = ToldTokens.count(told, "thoughtsTokenCount");
    long output = ToldTokens.count(told, "candidatesTokenCount") + thoughts;
    if (output > 0) {
      reading.use(ToldTokens.usage(
          ToldTokens.count(told, "promptTokenCount")
              + ToldTokens.count(told, "toolUsePromptTokenCount"),
          output,
          ToldTokens.count(told, "cachedContentTokenCount"),
          thoughts));
    }
  }

  /** We ask for one candidate; a server that sends more is not answered with a mixture. */
  private static boolean isFirst(JsonObject candidate) {
    return !(candidate.getValue("index") instanceof Number index) || index.intValue() == 0;
  }
}
