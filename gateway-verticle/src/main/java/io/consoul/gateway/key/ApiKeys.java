package io.consoul.gateway.key;

import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The API keys that are valid just now. Immutable; a changed configuration makes another one. */
public final class ApiKeys {

  private static final int SALT_BYTES = 32;

  /**
   * By a hash with a secret salt. What a look-up compares, and so how long it takes, depends on a hash that a caller can
   * neither compute nor steer, so no guess tells how near it came, however many keys there are; the comparison at its end
   * takes constant time.
   */
  private final Map<KeyHash, ApiKey> bySaltedHash = new HashMap<>();

  private final byte[] salt = new byte[SALT_BYTES];
  private final Set<String> ids = new TreeSet<>();
  private final KeyConfig config;

  private ApiKeys(KeyConfig config) {
    this.config = config;
    new SecureRandom().nextBytes(salt);
    config.keys().forEach(key -> {
      bySaltedHash.put(key.hash().salted(salt), key);
      ids.add(key.id());
    });
  }

  public static ApiKeys of(KeyConfig config) {
    return new ApiKeys(config);
  }

  /** Whether there are none, so that callers are served without. */
  public boolean isEmpty() {
    return bySaltedHash.isEmpty();
  }

  /** Whether nobody is asked for a key at this path. */
  public boolean bypasses(String path) {
    return config.bypassPaths().contains(path);
  }

  /** Where a request's key is looked for. */
  public KeyConfig places() {
    return config;
  }

  public Set<String> ids() {
    return ids;
  }

  /** The expired ones too. */
  public Optional<ApiKey> find(KeyHash given) {
    return Optional.ofNullable(bySaltedHash.get(given.salted(salt)));
  }
}
