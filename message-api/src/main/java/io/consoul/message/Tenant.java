package io.consoul.message;

import io.consoul.fault.Fault;
import io.vertx.core.json.JsonObject;
import java.util.regex.Pattern;

/** Who owns a session. Letters, digits, {@code _} and {@code -} only, so that a colon ends it in a store's key. */
public record Tenant(String name) {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");

  /** Owner of what callers without a tenant of their own say. */
  public static final Tenant DEFAULT = new Tenant("default");

  public Tenant {
    if (name == null || !NAME.matcher(name).matches()) {
      throw Fault.FIELD_VALIDATION_FAILED.inField(
          "tenant", "must be 1 to 64 of A-Z, a-z, 0-9, _ and -");
    }
  }

  @Override
  public String toString() {
    return name;
  }

  /** Of a message; a caller without tenants leaves it out. */
  static Tenant of(JsonObject message) {
    return new Tenant(message.getString("tenant", DEFAULT.name));
  }
}
