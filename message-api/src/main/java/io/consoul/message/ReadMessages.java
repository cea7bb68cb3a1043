package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.consoul.fault.Fault;
import io.vertx.core.json.JsonObject;

/**
 * To session: a page of its messages, oldest first. The reply is {@link MessagePage}, or E100.
 *
 * @param limit messages, 1 to 1000; a page of long ones may hold fewer
 * @param cursor of the page before, or null for the first one
 */
public record ReadMessages(SessionId session, Tenant tenant, int limit, String cursor)
    implements SessionRequest {

  public static final int DEFAULT_LIMIT = 100;
  public static final int MAX_LIMIT = 1_000;

  public ReadMessages {
    requireNonNull(session, "session");
    requireNonNull(tenant, "tenant");
    requireLimit(limit);
  }

  static void requireLimit(int limit) {
    if (limit < 1 || limit > MAX_LIMIT) {
      throw Fault.FIELD_VALIDATION_FAILED.inField("limit", "must be from 1 to " + MAX_LIMIT);
    }
  }

  @Override
  public WireType wireType() {
    return WireType.SESSION_MESSAGES;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject()
        .put("session", session.value())
        .put("tenant", tenant.name())
        .put("limit", limit)
        .put("cursor", cursor);
  }

  static ReadMessages fromJson(JsonObject json) {
    return new ReadMessages(
        SessionId.of(json),
        Tenant.of(json),
        json.getInteger("limit", DEFAULT_LIMIT),
        json.getString("cursor"));
  }
}
