package io.consoul.gateway.limit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
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
    byte[] hash = Arrays.copyOf(sha256(who), HASH_BYTES);
    return new OfCaller(
        prefix + "{" + Base64.getUrlEncoder().withoutPadding().encodeToString(hash) + "}:");
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("every Java has SHA-256", missing);
    }
  }
}
