package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonObject;

/**
 * To session: a page of a tenant's sessions, the newest first. Any instance answers for all. The reply is
 * {@link SessionPage}.
 *
 * @param namespace only sessions whose id begins with it and a colon; null for all
 * @param limit sessions, 1 to 1000
 * @param cursor of the page before, or null for the first one
 * @param owner whose list, or null for the tenant's
 * @param own only those that the instance itself holds: how instances ask each other
 */
public record ListSessions(
    Tenant tenant, Owner owner, String namespace, int limit, String cursor, boolean own)
    implements BusMessage {

  public ListSessions {
    requireNonNull(tenant, "tenant");
    ReadMessages.requireLimit(limit);
  }

  /** Of the tenant's list. */
  public ListSessions(Tenant tenant, String namespace, int limit, String cursor, boolean own) {
    this(tenant, null, namespace, limit, cursor, own);
  }

  @Override
  public WireType wireType() {
    return WireType.SESSION_LIST;
  }

  @Override
  public JsonObject toJson() {
    return Owner.put(
        new JsonObject()
            .put("tenant", tenant.name())
            .put("namespace", namespace)
            .put("limit", limit)
            .put("cursor", cursor)
            .put("own", own),
        owner);
  }

  static ListSessions fromJson(JsonObject json) {
    return new ListSessions(
        Tenant.of(json),
        Owner.of(json),
        json.getString("namespace"),
        json.getInteger("limit", ReadMessages.DEFAULT_LIMIT),
        json.getString("cursor"),
        json.getBoolean("own", false));
  }
}
