package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonObject;

/**
 * Provider to session: what was said since the last time, to be journalled, and a renewal of the lease. Answered with
 * {@link Renewed}; a {@link Failed} means that the lease is lost and the provider must stop.
 *
 * @param offset where {@code text} begins; the text may be empty
 */
public record Progress(
    TurnId turn, Tenant tenant, long fence, String token, int offset, String text)
    implements BusMessage {

  public Progress {
    requireNonNull(turn, "turn");
    requireNonNull(tenant, "tenant");
    requireNonNull(token, "token");
    requireNonNull(text, "text");
  }

  @Override
  public WireType wireType() {
    return WireType.TURN_PROGRESS;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject()
        .put("turn", turn.value())
        .put("tenant", tenant.name())
        .put("fence", fence)
        .put("token", token)
        .put("offset", offset)
        .put("text", text);
  }

  static Progress fromJson(JsonObject json) {
    return new Progress(
        TurnId.parse(json.getString("turn")),
        new Tenant(json.getString("tenant")),
        json.getLong("fence"),
        json.getString("token"),
        json.getInteger("offset"),
        json.getString("text"));
  }
}
