package io.consoul.gateway.key;

import static java.util.Objects.requireNonNull;

import io.consoul.message.Owner;
import io.consoul.message.Tenant;

/**
 * Who makes a request.
 *
 * @param keyId of the API key, or null for a caller without one
 * @param tenant whose sessions the caller sees
 * @param owner in whose list within the tenant the caller's sessions are; null for the whole tenant's
 * @param tier of the rate limits, or null for the default ones
 * @param address numeric address of the client, for callers who have no key to be limited by
 */
public record Caller(String keyId, Tenant tenant, Owner owner, String tier, String address) {

  public Caller {
    requireNonNull(tenant, "tenant");
    requireNonNull(address, "address");
  }

  /** One without a key. */
  public static Caller anonymous(String address) {
    return new Caller(null, Tenant.DEFAULT, null, null, address);
  }

  public boolean isAnonymous() {
    return keyId == null;
  }
}
