package io.consoul.session;

import io.consoul.message.TurnId;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Comparator;

/**
 * A turn that somebody was told is stored, with all that it takes to store it elsewhere. Holds message texts.
 *
 * @param origin what its session would be made with
 * @param created when its session was made
 * @param partial whether the session may have turns that were not at hand
 * @param use of its idempotency key, or null
 */
record AcknowledgedTurn(
    MemorySession.Origin origin,
    Instant created,
    boolean partial,
    StoredMessage user,
    StoredMessage answer,
    SealedTurn sealed,
    IdempotencyKeys.KeyUse use) {

  /** Of one session, as they were begun: none begins before the one before it has ended. */
  static final Comparator<AcknowledgedTurn> IN_ORDER =
      Comparator.comparingLong(turn -> turn.sealed().fence());

  /** The same in a session whose other turns are there. */
  AcknowledgedTurn whole() {
    return new AcknowledgedTurn(origin, created, false, user, answer, sealed, use);
  }

  TurnId id() {
    return answer.turn();
  }

  String sessionKey() {
    return origin.sessionKey();
  }

  /** Of its texts, roughly; in characters. */
  int size() {
    return user.message().json().length() + answer.message().json().length();
  }

  JsonObject toJson() {
    return new JsonObject()
        .put("origin", origin.toJson())
        .put("created", created)
        .put("partial", partial)
        .put("user", user.encoded())
        .put("answer", answer.encoded())
        .put("sealed", sealed.encoded())
        .put("key", use == null ? null : use.toJson());
  }

  static AcknowledgedTurn fromJson(JsonObject json) {
    return new AcknowledgedTurn(
        MemorySession.Origin.fromJson(json.getJsonObject("origin")),
        json.getInstant("created"),
        json.getBoolean("partial"),
        StoredMessage.decoded(json.getString("user")),
        StoredMessage.decoded(json.getString("answer")),
        SealedTurn.decoded(json.getString("sealed")),
        IdempotencyKeys.KeyUse.fromJson(json.getJsonObject("key")));
  }
}
