package io.consoul.message;

import io.consoul.fault.Fault;
import io.vertx.core.json.JsonObject;
import java.util.regex.Pattern;

/**
 * Whose list within its tenant a session is in: that of one API key, where keys share a tenant without knowing of each other.
 * It restricts what is listed and nothing else. Characters as in {@link Tenant}.
 *
 * @param name the id of the key
 */
public record Owner(String name) {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");

  public Owner {
    if (name == null || !NAME.matcher(name).matches()) {
      throw Fault.FIELD_VALIDATION_FAILED.inField(
          "owner", "must be 1 to 64 of A-Z, a-z, 0-9, _ and -");
    }
  }

  @Override
  public String toString() {
    return name;
  }

  /** Of a message; null where the list is that of the whole tenant. */
  static Owner of(JsonObject message) {
    String name = message.getString("owner");
    return name == null ? null : new Owner(name);
  }

  /** As {@link #of} reads it; nothing is said of none. */
  static JsonObject put(JsonObject message, Owner owner) {
    return owner == null ? message : message.put("owner", owner.name);
  }
}
