package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.consoul.fault.Fault;
import io.vertx.core.json.JsonObject;
import java.util.Set;

/**
 * What a caller asks of a completion beyond {@link Settings}, in the words of OpenAI's chat completions: {@code tools},
 * {@code tool_choice}, {@code response_format}, {@code stop}, {@code top_p}, {@code seed} and so on. A provider of another kind
 * gets what its wire format has a word for.
 *
 * @param json as text, so that it is immutable and goes to an OpenAI-compatible provider as it came
 */
public record CompletionOptions(String json) {

  public static final CompletionOptions NONE = new CompletionOptions("{}");

  /** What the request says elsewhere, or what our own reading of the answer relies on. */
  private static final Set<String> OURS = Set.of(
      "model",
      "messages",
      "stream",
      "stream_options",
      "n",
      "temperature",
      "max_tokens",
      "max_completion_tokens");

  public CompletionOptions {
    requireNonNull(json, "json");
  }

  /** @throws io.consoul.fault.FaultException E003 that names the key that belongs elsewhere */
  public static CompletionOptions of(JsonObject options) {
    for (String key : options.fieldNames()) {
      if (OURS.contains(key)) {
        throw Fault.FIELD_VALIDATION_FAILED.inField("options." + key, "cannot be set here");
      }
    }
    return options.isEmpty() ? NONE : new CompletionOptions(options.encode());
  }

  public boolean isEmpty() {
    return json.equals(NONE.json);
  }

  /** A copy. */
  public JsonObject toJson() {
    return new JsonObject(json);
  }

  static CompletionOptions fromJson(JsonObject json) {
    return json == null ? NONE : of(json);
  }
}
