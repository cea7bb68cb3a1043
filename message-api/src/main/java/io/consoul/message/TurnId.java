package io.consoul.message;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.vertx.core.json.JsonObject;
import java.util.Base64;
import java.util.random.RandomGenerator;

/**
 * Names one turn, and is enough to find its session: 96 random bits and the session id, both as base64url. Opaque to
 * clients; it holds no colon.
 */
public record TurnId(String value, SessionId session) {

  private static final int RANDOM_BYTES = 12;
  private static final int RANDOM_CHARS = 16;
  private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

  /** The canonical constructor is for {@link #mint} and {@link #parse}: value and session belong together. */
  public TurnId {
    if (!value.startsWith(ENCODER.encodeToString(session.value().getBytes(UTF_8)), RANDOM_CHARS)) {
      throw Fault.FIELD_VALIDATION_FAILED.inField("turn_id", "does not belong to this session");
    }
  }

  /** A new turn of this session; {@code random} should be a {@link java.security.SecureRandom}. */
  public static TurnId mint(SessionId session, RandomGenerator random) {
    byte[] bits = new byte[RANDOM_BYTES];
    random.nextBytes(bits);
    return new TurnId(
        ENCODER.encodeToString(bits) + ENCODER.encodeToString(session.value().getBytes(UTF_8)),
        session);
  }

  /** @throws FaultException E003 when the text was not made by {@link #mint} */
  public static TurnId parse(String value) {
    try {
      byte[] session = Base64.getUrlDecoder().decode(value.substring(RANDOM_CHARS));
      TurnId turn = new TurnId(value, new SessionId(new String(session, UTF_8)));
      if (isCanonical(turn)) {
        return turn;
      }
    } catch (RuntimeException malformed) {
      // falls through to the one answer for every malformed id
    }
    throw Fault.FIELD_VALIDATION_FAILED.inField("turn_id", "is not a turn id of this server");
  }

  /** Of a message; E002 where it is missing. */
  static TurnId required(JsonObject message) {
    String value = message.getString("turn");
    if (value == null) {
      throw Fault.MISSING_REQUIRED_FIELD.inField("turn", "is required");
    }
    return parse(value);
  }

  private static boolean isCanonical(TurnId turn) {
    byte[] random = Base64.getUrlDecoder().decode(turn.value.substring(0, RANDOM_CHARS));
    byte[] session = turn.session.value().getBytes(UTF_8);
    return turn.value.equals(ENCODER.encodeToString(random) + ENCODER.encodeToString(session));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TurnId turn && turn.value.equals(value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return value;
  }
}
