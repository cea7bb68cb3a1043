package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** Provider to whoever asked: the models that are configured, the default first. */
public record ModelList(List<Model> models) implements BusMessage {

  /**
   * One model.
   *
   * @param name what a turn asks for
   * @param provider that answers for it, by its configured name
   * @param byDefault whether a turn gets it that names none
   */
  public record Model(String name, String provider, boolean byDefault) {

    public Model {
      requireNonNull(name, "name");
      requireNonNull(provider, "provider");
    }

    private JsonObject toJson() {
      return new JsonObject().put("name", name).put("provider", provider).put("default", byDefault);
    }

    private static Model fromJson(JsonObject json) {
      return new Model(
          json.getString("name"), json.getString("provider"), json.getBoolean("default", false));
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
