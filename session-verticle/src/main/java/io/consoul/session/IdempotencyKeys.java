package io.consoul.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.BeginTurn;
import io.consoul.message.Sha256;
import io.consoul.message.TurnId;
import io.vertx.core.json.JsonObject;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Which turn of a session was begun under which idempotency key, and what was asked in it. Neither the keys, which clients
 * choose and may hold anything, nor the questions are kept: their hashes are enough.
 */
final class IdempotencyKeys {

  private record Use(TurnId turn, String fingerprint) {}

  /** What is kept of a key under which a turn was begun. */
  record KeyUse(String hash, String fingerprint) {

    JsonObject toJson() {
      return new JsonObject().put("hash", hash).put("fingerprint", fingerprint);
    }

    /** Null where the turn has no key. */
    static KeyUse ofNullable(BeginTurn turn) {
      return turn.key() == null
          ? null
          : new KeyUse(IdempotencyKeys.hash(turn), IdempotencyKeys.fingerprint(turn));
    }

    static KeyUse fromJson(JsonObject json) {
      return json == null
          ? null
          : new KeyUse(json.getString("hash"), json.getString("fingerprint"));
    }
  }

  /** Never a byte of UTF-8, so that text and model cannot run into each other. */
  private static final byte BOUNDARY = (byte) 0xFF;

  /** Of one session, as in Redis. */
  static final int MAX = 10_000;

  private final Map<TurnId, String> hashes = new HashMap<>();

  /** The oldest first. */
  private final Map<String, Use> uses = new LinkedHashMap<>() {
    private static final long serialVersionUID = 1L;

    @Override
    protected boolean removeEldestEntry(Map.Entry<String, Use> eldest) {
      boolean full = size() > MAX;
      if (full) {
        hashes.remove(eldest.getValue().turn());
      }
      return full;
    }
  };

  /**
   * The turn that was begun under the key of this one, or null.
   *
   * @throws io.consoul.fault.FaultException E003 when that was asked something else
   */
  TurnId firstOf(BeginTurn turn) {
    Use use = turn.key() == null ? null : uses.get(hash(turn));
    if (use == null) {
      return null;
    }
    if (!use.fingerprint().equals(fingerprint(turn))) {
      throw usedOtherwise();
    }
    return use.turn();
  }

  static FaultException usedOtherwise() {
    return Fault.FIELD_VALIDATION_FAILED.inField(
        "idempotency_key", "was used with another message or model; use a new key for a new turn");
  }

  /** @param use null where the turn had no key */
  void add(KeyUse use, TurnId turn) {
    if (use != null) {
      uses.put(use.hash(), new Use(turn, use.fingerprint()));
      hashes.put(turn, use.hash());
    }
  }

  /** Under which key this turn was begun, or null. */
  KeyUse of(TurnId turn) {
    String hash = hashes.get(turn);
    Use use = hash == null ? null : uses.get(hash);
    return use == null ? null : new KeyUse(hash, use.fingerprint());
  }

  /** The turn left no trace, so the next one with its key may run. */
  void free(TurnId turn) {
    String hash = hashes.remove(turn);
    if (hash != null) {
      uses.remove(hash);
    }
  }

  /** Key hash to fingerprint and turn. */
  JsonObject toJson() {
    JsonObject json = new JsonObject();
    uses.forEach(
        (hash, use) -> json.put(hash, use.fingerprint() + " " + use.turn().value()));
    return json;
  }

  void addAll(JsonObject json) {
    json.forEach(entry -> {
      String[] use = ((String) entry.getValue()).split(" ", 2);
      add(new KeyUse(entry.getKey(), use[0]), TurnId.parse(use[1]));
    });
  }

  /** Of the turn's key, for stores that must not hold what clients choose. */
  static String hash(BeginTurn turn) {
    MessageDigest digest = Sha256.digest();
    digest.update(turn.key().value().getBytes(UTF_8));
    return encoded(digest);
  }

  /** Of what is asked in the turn. */
  static String fingerprint(BeginTurn turn) {
    MessageDigest digest = Sha256.digest();
    digest.update(turn.text().getBytes(UTF_8));
    if (turn.model() != null) {
      digest.update(BOUNDARY);
      digest.update(turn.model().getBytes(UTF_8));
    }
    return encoded(digest);
  }

  private static String encoded(MessageDigest digest) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(digest.digest());
  }
}
