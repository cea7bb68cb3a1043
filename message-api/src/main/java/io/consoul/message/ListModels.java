package io.consoul.message;

import io.vertx.core.json.JsonObject;

/** To provider: what models are there? The reply is {@link ModelList}. */
public record ListModels() implements BusMessage {

  @Override
  public WireType wireType() {
    return WireType.PROVIDER_MODELS;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject();
  }

  static ListModels fromJson(JsonObject json) {
    return new ListModels();
  }
}
