package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** Provider to whoever asked: the models and routes that are configured, the default first. */
public record ModelList(List<Model> models) implements BusMessage {

  /**
   * One model, or a route to several.
   *
   * @param name what a turn asks for
   * @param provider that answers for it, by its configured name; of a route, the first one
   * @param byDefault whether a turn gets it that names none
   * @param window tokens of prompt and answer together, or null where that is not known
   * @param prices or null where none are configured
   * @param breaker of the provider, as the instance that answers this sees it
   */
  public record Model(
      String name,
      String provider,
      boolean byDefault,
      Integer window,
      Prices prices,
      BreakerState breaker) {

    public Model {
      requireNonNull(name, "name");
      requireNonNull(provider, "provider");
      requireNonNull(breaker, "breaker");
    }

    /** One of which nothing more is known; its provider is well. */
    public Model(String name, String provider, boolean byDefault) {
      this(name, provider, byDefault, null, null, BreakerState.CLOSED);
    }

    private JsonObject toJson() {
      JsonObject json = new JsonObject()
          .put("name", name)
          .put("provider", provider)
          .put("default", byDefault)
          .put("breaker", breaker.wireName());
      if (window != null) {
        json.put("window", window);
      }
      return prices == null ? json : json.put("prices", prices.toJson());
    }

    private static Model fromJson(JsonObject json) {
      JsonObject prices = json.getJsonObject("prices");
      return new Model(
          json.getString("name"),
          json.getString("provider"),
          json.getBoolean("default", false),
          json.getInteger("window"),
          prices == null ? null : Prices.fromJson(prices),
          BreakerState.of(json.getString("breaker")));
    }
  }

  /** US dollars for a million tokens. */
  public record Prices(double input, double cachedInput, double output) {

    private JsonObject toJson() {
      return new JsonObject()
          .put("input", input)
          .put("cached_input", cachedInput)
          .put("output", output);
    }

    private static Prices fromJson(JsonObject json) {
      return new Prices(
          json.getDouble("input"), json.getDouble("cached_input"), json.getDouble("output"));
    }
  }

  public ModelList {
    models = List.copyOf(models);
  }

  @Override
  public WireType wireType() {
    return WireType.PROVIDER_MODEL_LIST;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject()
        .put("models", new JsonArray(models.stream().map(Model::toJson).toList()));
  }

  static ModelList fromJson(JsonObject json) {
    return new ModelList(json.getJsonArray("models").stream()
        .map(model -> Model.fromJson((JsonObject) model))
        .toList());
  }
}
