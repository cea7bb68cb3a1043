package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * Provider to session: I am being stopped; have another provider go on with this answer. I say nothing more about it. Answered
 * with {@link HandedOn} when another one has it, else with {@link Failed}: then the turn is still mine to end.
 *
 * @param heard what was said beyond the journal; its offset is where the journal ends. Never null
 * @param followers who is attached here, and how far each has got
 */
public record HandOn(
    TurnId turn,
    Tenant tenant,
    long fence,
    String token,
    int rescues,
    Heard heard,
    List<Follower> followers)
    implements BusMessage {

  public HandOn {
    requireNonNull(turn, "turn");
    requireNonNull(tenant, "tenant");
    requireNonNull(token, "token");
    requireNonNull(heard, "heard");
    followers = List.copyOf(followers);
  }

  @Override
  public WireType wireType() {
    return WireType.TURN_HAND_ON;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject()
        .put("turn", turn.value())
        .put("tenant", tenant.name())
        .put("fence", fence)
        .put("token", token)
        .put("rescues", rescues)
        .put("heard", heard.toJson())
        .put("followers", new JsonArray(followers.stream().map(Follower::toJson).toList()));
  }

  static HandOn fromJson(JsonObject json) {
    return new HandOn(
        TurnId.parse(json.getString("turn")),
        new Tenant(json.getString("tenant")),
        json.getLong("fence"),
        json.getString("token"),
        json.getInteger("rescues", 0),
        Heard.fromJson(json.getJsonObject("heard")),
        json.getJsonArray("followers").stream()
            .map(each -> Follower.fromJson((JsonObject) each))
            .toList());
  }
}
