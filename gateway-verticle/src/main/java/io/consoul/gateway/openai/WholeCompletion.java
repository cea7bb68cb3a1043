package io.consoul.gateway.openai;

import io.consoul.message.Usage;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** The body of an answer that is told whole. */
public final class WholeCompletion {

  private WholeCompletion() {}

  /**
   * @param created in seconds since 1970
   * @param more fields of ours beside OpenAI's
   */
  public static JsonObject json(
      String id,
      long created,
      String model,
      List<SpokenChoice> choices,
      Usage usage,
      JsonObject more) {
    JsonArray list = new JsonArray();
    for (int i = 0; i < choices.size(); i++) {
      list.add(choices.get(i).json(i));
    }
    return new JsonObject()
        .put("id", id)
        .put("object", "chat.completion")
        .put("created", created)
        .put("model", model)
        .put("choices", list)
        .put("usage", OpenAiUsage.json(usage))
        .mergeIn(more);
  }
}
