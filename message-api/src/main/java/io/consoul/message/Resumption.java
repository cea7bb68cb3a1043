package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * What a provider needs to go on with an answer that another one has begun.
 *
 * @param said all of the answer so far; it may be empty
 * @param cuts all of them, the one at the end of {@code said} too
 * @param rescues how often the answer has gone on already after a failure in the middle of it, this time included
 * @param followers who is attached from the beginning; none where nobody is
 */
public record Resumption(String said, Cuts cuts, int rescues, List<Follower> followers) {

  public Resumption {
    requireNonNull(said, "said");
    requireNonNull(cuts, "cuts");
    followers = List.copyOf(followers);
  }

  JsonObject toJson() {
    return new JsonObject()
        .put("said", said)
        .put("cuts", cuts.toJson())
        .put("rescues", rescues)
        .put("followers", new JsonArray(followers.stream().map(Follower::toJson).toList()));
  }

  static Resumption fromJson(JsonObject json) {
    return json == null
        ? null
        : new Resumption(
            json.getString("said"),
            Cuts.fromJson(json.getJsonArray("cuts")),
            json.getInteger("rescues", 0),
            json.getJsonArray("followers").stream()
                .map(each -> Follower.fromJson((JsonObject) each))
                .toList());
  }
}
