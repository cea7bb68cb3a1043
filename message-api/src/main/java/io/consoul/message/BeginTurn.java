package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.consoul.fault.Fault;
import io.vertx.core.json.JsonObject;
import java.security.SecureRandom;

/**
 * Gateway to session: store this user message and have it answered. Repeating it with the same turn id is safe: the turn
 * runs once.
 *
 * @param model for a new session only, or null
 */
public record BeginTurn(TurnId turn, Tenant tenant, String text, String model, Listener listener)
    implements BusMessage {

  /** Longest user message, in Unicode code points. */
  public static final int MAX_TEXT = 32_768;

  public BeginTurn {
    requireNonNull(turn, "turn");
    requireNonNull(tenant, "tenant");
    if (text == null) {
      throw Fault.MISSING_REQUIRED_FIELD.inField("message", "is required");
    }
    if (text.isEmpty()) {
      throw Fault.FIELD_VALIDATION_FAILED.inField("message", "must not be empty");
    }
    if (text.length() > MAX_TEXT && text.codePointCount(0, text.length()) > MAX_TEXT) {
      throw Fault.MESSAGE_TOO_LONG.inField(
          "message", "must be at most " + MAX_TEXT + " characters");
    }
    if (listener == null) {
      throw Fault.MISSING_REQUIRED_FIELD.inField("listener", "is required");
    }
  }

  /** What decides which session instance of a JVM owns the turn: tenant and session id. */
  public String sessionKey() {
    return sessionKey(tenant, turn);
  }

  /** The same for a turn that has begun before. */
  public static String sessionKey(Tenant tenant, TurnId turn) {
    return tenant.name() + ":" + turn.session().value();
  }

  @Override
  public WireType wireType() {
    return WireType.TURN_BEGIN;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject()
        .put("turn", turn.value())
        .put("session", turn.session().value())
        .put("tenant", tenant.name())
        .put("text", text)
        .put("model", model)
        .put("listener", listener.toJson());
  }

  /** A caller from outside may leave {@code turn} out and name the {@code session} only. */
  static BeginTurn fromJson(JsonObject json) {
    String turn = json.getString("turn");
    JsonObject listener = json.getJsonObject("listener");
    return new BeginTurn(
        turn == null
            ? TurnId.mint(new SessionId(json.getString("session")), new SecureRandom())
            : TurnId.parse(turn),
        new Tenant(json.getString("tenant", Tenant.DEFAULT.name())),
        json.getString("text"),
        json.getString("model"),
        listener == null ? null : Listener.fromJson(listener));
  }
}
