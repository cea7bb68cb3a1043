package io.consoul.gateway.key;

import static java.util.Objects.requireNonNull;

import io.consoul.message.Owner;
import io.consoul.message.Tenant;
import java.time.Instant;
import java.util.Objects;

/**
 * One API key as it is configured, without the key.
 *
 * @param id for metrics and limits; several keys may have one while they replace each other
 * @param owner whose list within the tenant the key's sessions are in; null for the whole tenant's
 * @param tier of the rate limits, or null
 * @param expiresAt from when on it is refused, or null
 */
public record ApiKey(
    KeyHash hash, String id, Tenant tenant, Owner owner, String tier, Instant expiresAt) {

  public ApiKey {
    requireNonNull(hash, "hash");
    requireNonNull(id, "id");
    requireNonNull(tenant, "tenant");
  }

  public boolean isExpired(Instant now) {
    return expiresAt != null && !now.isBefore(expiresAt);
  }

  /** Whether who holds both is the same to everybody. */
  public boolean isSameCaller(ApiKey other) {
    return id.equals(other.id) && tenant.equals(other.tenant) && Objects.equals(owner, other.owner);
  }

  /** @param address numeric, of the client */
  public Caller caller(String address) {
    return new Caller(id, tenant, owner, tier, address);
  }
}
