package io.consoul.gateway.openai;

import io.consoul.message.ModelList;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;

/** The models and routes that are configured, as OpenAI lists its own. */
public final class OpenAiModels {

  private OpenAiModels() {}

  /** @param since when they are there, in seconds since 1970 */
  public static JsonObject list(List<ModelList.Model> models, long since) {
    return new JsonObject()
        .put("object", "list")
        .put(
            "data",
            new JsonArray(models.stream().map(model -> json(model, since)).toList()));
  }

  /** By its name, or by its name without the provider before it, as a request may name it too. */
  public static Optional<JsonObject> find(List<ModelList.Model> models, String id, long since) {
    return models.stream()
        .filter(model -> model.name().equals(id))
        .findFirst()
        .or(() -> models.stream()
            .filter(model -> model.name().equals(model.provider() + "/" + id))
            .findFirst())
        .map(model -> json(model, since));
  }

  private static JsonObject json(ModelList.Model model, long since) {
    JsonObject json = new JsonObject()
        .put("id", model.name())
        .put("object", "model")
        .put("created", since)
        .put("owned_by", model.provider())
        .put("default", model.byDefault())
        .put("breaker", model.breaker().wireName());
    if (model.window() != null) {
      json.put("context_window", model.window());
    }
    ModelList.Prices prices = model.prices();
    return prices == null
        ? json
        : json.put(
            "prices",
            new JsonObject()
                .put("input", prices.input())
                .put("cached_input", prices.cachedInput())
                .put("output", prices.output()));
  }
}
