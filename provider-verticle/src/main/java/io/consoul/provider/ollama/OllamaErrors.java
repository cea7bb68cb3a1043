package io.consoul.provider.ollama;

import io.consoul.provider.UpstreamFailure;
import io.consoul.provider.wire.ErrorJson;
import io.consoul.provider.wire.Failures;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.regex.Pattern;

/** Understands Ollama's errors, which are a sentence and no more. */
final class OllamaErrors {

  private static final Pattern NO_MODEL = Pattern.compile("model.* not found", Pattern.DOTALL);

  private static final Pattern TOO_LONG = Pattern.compile(
      "(exceeds?|longer than|larger than).*context|context.*exceed", Pattern.DOTALL);

  /** Ollama's cloud says so of an hour's and a week's limit, which no short pause helps against. */
  private static final Pattern USED_UP = Pattern.compile("usage limit");

  /** Ollama has no filter, but what stands in front of it may have one. */
  private static final Pattern FILTERED = Pattern.compile("content (policy|filter)");

  private OllamaErrors() {}

  static UpstreamFailure ofStatus(Failures failures, int status, MultiMap headers, Buffer body) {
    String message = message(Failures.errorIn(body));
    Duration retryAfter = failures.retryAfter(headers);
    if (status >= 300 && status < 400) {
      return failures.redirected(status);
    }
    return switch (status) {
      case 401, 403 -> failures.unauthorized(status);
      case 402 -> failures.quota();
      case 404 -> failures.noSuchModel();
      case 429 ->
        USED_UP.matcher(message).find() ? failures.quota() : failures.rateLimited(retryAfter);
      case 408 -> failures.unavailable(status, retryAfter);
      case 409 -> failures.conflict(retryAfter);
      default ->
        status >= 500
            ? failures.unavailable(status, retryAfter)
            : refused(failures, status, message);
    };
  }

  /** @param spoke whether there was an answer before it: then the model is there, whatever the words are */
  static UpstreamFailure inStream(Failures failures, JsonObject chunk, boolean spoke) {
    String message = message(chunk);
    if (!spoke && NO_MODEL.matcher(message).find()) {
      return failures.noSuchModel();
    }
    return !spoke && TOO_LONG.matcher(message).find() ? failures.tooLong() : failures.inStream();
  }

  private static UpstreamFailure refused(Failures failures, int status, String message) {
    if (NO_MODEL.matcher(message).find()) {
      return failures.noSuchModel();
    }
    if (TOO_LONG.matcher(message).find()) {
      return failures.tooLong();
    }
    return FILTERED.matcher(message).find() ? failures.filtered() : failures.refused(status);
  }

  /** In lower case; a proxy in front of it may speak OpenAI's form. */
  private static String message(JsonObject body) {
    Object error = body.getValue("error");
    return error instanceof JsonObject inner
        ? ErrorJson.word(inner, "message")
        : ErrorJson.text(error);
  }
}
