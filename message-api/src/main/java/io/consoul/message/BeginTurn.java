package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.consoul.fault.Fault;
import io.vertx.core.json.JsonObject;
import java.security.SecureRandom;

/**
 * Gateway to session: store this user message and have it answered. Repeating it with the same turn id is safe: the turn
 * runs once. The reply is {@link Queued} or {@link Accepted}; {@link Replayed} where the turn, or the one with its
 * idempotency key, is stored already.
 *
 * @param model for a new session only, or null
 * @param key or null
 * @param batch that the turn belongs to, or null
 * @param aside sees the session as it is and leaves it as it is: waits for nobody, is not stored and cannot be attached to;
 *     goes with neither key nor batch
 * @param owner in whose list a new session is, or null for the tenant's
 */
public record BeginTurn(
    TurnId turn,
    Tenant tenant,
    String text,
    String model,
    Listener listener,
    IdempotencyKey key,
    Batch batch,
    boolean aside,
    Owner owner)
    implements SessionRequest {

  public BeginTurn {
    requireNonNull(turn, "turn");
    requireNonNull(tenant, "tenant");
    if (text == null) {
      throw Fault.MISSING_REQUIRED_FIELD.inField("message", "is required");
    }
    if (text.isEmpty()) {
      throw Fault.FIELD_VALIDATION_FAILED.inField("message", "must not be empty");
    }
    if (listener == null) {
      throw Fault.MISSING_REQUIRED_FIELD.inField("listener", "is required");
    }
    if (aside && (key != null || batch != null)) {
      throw Fault.FIELD_VALIDATION_FAILED.inField(
          "aside", "goes with neither an idempotency key nor a batch");
    }
  }

  public BeginTurn(TurnId turn, Tenant tenant, String text, String model, Listener listener) {
    this(turn, tenant, text, model, listener, null, null, false, null);
  }

  /** The same turn under a key of its client's, or under none. */
  public BeginTurn under(IdempotencyKey newKey) {
    return new BeginTurn(turn, tenant, text, model, listener, newKey, batch, aside, owner);
  }

  /** The same turn as one of a batch. */
  public BeginTurn in(Batch newBatch) {
    return new BeginTurn(turn, tenant, text, model, listener, key, newBatch, aside, owner);
  }

  /** The same turn beside its session. */
  public BeginTurn setAside() {
    return new BeginTurn(turn, tenant, text, model, listener, null, null, true, owner);
  }

  /** The same turn of a caller with a list of its own. */
  public BeginTurn of(Owner newOwner) {
    return new BeginTurn(turn, tenant, text, model, listener, key, batch, aside, newOwner);
  }

  @Override
  public SessionId session() {
    return turn.session();
  }

  @Override
  public WireType wireType() {
    return WireType.TURN_BEGIN;
  }

  @Override
  public JsonObject toJson() {
    JsonObject json = new JsonObject()
        .put("turn", turn.value())
        .put("session", turn.session().value())
        .put("tenant", tenant.name())
        .put("text", text)
        .put("model", model)
        .put("listener", listener.toJson());
    if (key != null) {
      json.put("idempotency_key", key.value());
    }
    if (batch != null) {
      json.put("batch", batch.toJson());
    }
    if (aside) {
      json.put("aside", true);
    }
    return Owner.put(json, owner);
  }

  /** A caller from outside may leave {@code turn} out and name the {@code session} only. */
  public static BeginTurn fromJson(JsonObject json) {
    String turn = json.getString("turn");
    JsonObject listener = json.getJsonObject("listener");
    return new BeginTurn(
        turn == null ? TurnId.mint(SessionId.of(json), new SecureRandom()) : TurnId.parse(turn),
        Tenant.of(json),
        json.getString("text"),
        json.getString("model"),
        listener == null ? null : Listener.fromJson(listener),
        IdempotencyKey.ofNullable(json.getString("idempotency_key")),
        Batch.fromJson(json.getJsonObject("batch")),
        json.getBoolean("aside", false),
        Owner.of(json));
  }
}
