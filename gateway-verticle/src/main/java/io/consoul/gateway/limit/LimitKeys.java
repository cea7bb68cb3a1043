package io.consoul.gateway.limit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.consoul.message.Sha256;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;

/**
 * The names of the limits' keys in Redis: a hash of who is limited, for a key's id and an address are nothing for everybody who can
 * look into Redis; in braces, so that they lie in one slot of a cluster.
 */
final class LimitKeys {

  private static final int HASH_BYTES = 16;

  /** The keys of one caller. */
  record OfCaller(String head) {

    String key(WindowKind kind, Window window) {
      return head + kind.name().toLowerCase(Locale.ROOT) + ":" + window.length().toMillis();
    }
  }

  private final String prefix;

  /** @param prefix ends in a colon */
  LimitKeys(String prefix) {
    this.prefix = prefix;
  }

  OfCaller of(String who) {
    byte[] hash = Arrays.copyOf(Sha256.digest().digest(who.getBytes(UTF_8)), HASH_BYTES);
    return new OfCaller(
        prefix + "{" + Base64.getUrlEncoder().withoutPadding().encodeToString(hash) + "}:");
  }
}
