package io.consoul.gateway.key;

import io.consoul.config.ConfigReader;
import io.consoul.config.Secret;
import io.consoul.message.Owner;
import io.consoul.message.Tenant;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads the list of API keys: each one a string, or an object that says more of it. Problems name the place of a key and
 * nothing of what stands there.
 */
final class KeyList {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");
  private static final Pattern SHA_256 = Pattern.compile("[0-9A-Fa-f]{64}");

  /** Of a header of 8 KiB it leaves most to the other headers. */
  private static final int MAX_LENGTH = 1_024;

  /** Shorter ones can be guessed. */
  private static final int SAFE_LENGTH = 16;

  private record Tier(Pattern pattern, String name) {}

  private final List<Tier> tiers;
  private final Map<KeyHash, String> places = new HashMap<>();
  private final Map<String, ApiKey> byId = new HashMap<>();

  /** @param tiersByPattern the first pattern that fits counts */
  KeyList(Map<String, String> tiersByPattern) {
    this.tiers = tiersByPattern.entrySet().stream()
        .map(entry -> new Tier(glob(entry.getKey()), entry.getValue()))
        .toList();
  }

  List<ApiKey> read(ConfigReader auth) {
    List<ApiKey> keys = new ArrayList<>();
    List<ConfigReader> entries = auth.sections("keys", "key", "CONSOUL_API_KEYS");
    for (int i = 0; i < entries.size(); i++) {
      read(entries.get(i), "[" + i + "]").ifPresent(keys::add);
    }
    return List.copyOf(keys);
  }

  private Optional<ApiKey> read(ConfigReader entry, String place) {
    Optional<Secret> plain = entry.secret("key", null);
    Optional<Secret> hashed = entry.secret("sha256", null);
    String id = name(entry, "id");
    String tenant = name(entry, "tenant");
    Optional<String> ownTier = entry.text("tier", null);
    Instant expiry = expiry(entry);
    entry.closedSecretly();
    Optional<KeyHash> hash = hash(entry, plain, hashed);
    if (hash.isEmpty()) {
      return Optional.empty();
    }
    String known = id == null ? hash.get().id() : id;
    ApiKey key = new ApiKey(
        hash.get(),
        known,
        tenant == null ? Tenant.DEFAULT : new Tenant(tenant),
        tenant == null ? new Owner(known) : null,
        ownTier.or(() -> tierOf(plain.map(Secret::reveal).orElse(known))).orElse(null),
        expiry);
    check(entry, key, place);
    return Optional.of(key);
  }

  private static Optional<KeyHash> hash(
      ConfigReader entry, Optional<Secret> plain, Optional<Secret> hashed) {
    if (plain.isPresent() && hashed.isPresent()) {
      entry.reject("sha256", "must not stand beside key: give one of the two");
      return Optional.empty();
    }
    if (hashed.isPresent()) {
      String hex = hashed.get().reveal();
      if (SHA_256.matcher(hex).matches()) {
        return Optional.of(KeyHash.ofHex(hex));
      }
      entry.reject("sha256", "must be the 64 hexadecimal digits of the key's SHA-256");
      return Optional.empty();
    }
    String key = plain.map(Secret::reveal).orElse("");
    if (key.isEmpty()
        || key.length() > MAX_LENGTH
        || !key.chars().allMatch(c -> c > ' ' && c <= '~')) {
      entry.reject(
          "key",
          "must be 1 to " + MAX_LENGTH
              + " printable ASCII characters without spaces, or sha256 be given instead");
      return Optional.empty();
    }
    if (key.length() < SAFE_LENGTH) {
      entry.warn(
          "key",
          "has fewer than " + SAFE_LENGTH
              + " characters and can be guessed; make one with: openssl rand -hex 32");
    }
    return Optional.of(KeyHash.of(key));
  }

  /** Lists in which one key stands twice, or in which one id means two callers, are mistakes. */
  private void check(ConfigReader entry, ApiKey key, String place) {
    String twin = places.putIfAbsent(key.hash(), place);
    if (twin != null) {
      entry.reject("key", "is the same as that of " + twin);
    }
    ApiKey first = byId.putIfAbsent(key.id(), key);
    if (first != null && !key.isSameCaller(first)) {
      entry.reject("tenant", "must be that of the other key with this id");
    }
  }

  private static String name(ConfigReader entry, String key) {
    String name = entry.text(key, null, null);
    if (name == null || NAME.matcher(name).matches()) {
      return name;
    }
    entry.reject(key, "must be 1 to 64 of A-Z, a-z, 0-9, _ and -");
    return null;
  }

  private static Instant expiry(ConfigReader entry) {
    String camel = entry.text("expiresAt", null, null);
    String snake = entry.text("expires_at", null, null);
    if (camel != null && snake != null) {
      entry.reject("expires_at", "must not stand beside expiresAt: give one of the two");
    }
    String text = camel == null ? snake : camel;
    try {
      return text == null ? null : OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeParseException malformed) {
      entry.reject(
          camel == null ? "expires_at" : "expiresAt",
          "must be a time in ISO 8601 with its zone, such as 2030-01-31T12:00:00Z");
      return null;
    }
  }

  private Optional<String> tierOf(String name) {
    return tiers.stream()
        .filter(tier -> tier.pattern().matcher(name).matches())
        .map(Tier::name)
        .findFirst();
  }

  /** {@code *} stands for any characters, {@code ?} for one. */
  private static Pattern glob(String pattern) {
    StringBuilder regex = new StringBuilder();
    pattern
        .chars()
        .mapToObj(Character::toString)
        .map(c -> c.equals("*") ? ".*" : c.equals("?") ? "." : Pattern.quote(c))
        .forEach(regex::append);
    return Pattern.compile(regex.toString(), Pattern.DOTALL);
  }
}
