package io.consoul.gateway.key;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.consoul.message.Sha256;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;

/** The SHA-256 of an API key: all that is kept of one. Compared in constant time. */
public final class KeyHash {

  /** In front of the id of a key that was given none. */
  private static final String PREFIX = "key-";

  private static final int ID_BYTES = 4;

  private final byte[] bytes;

  private KeyHash(byte[] bytes) {
    this.bytes = bytes;
  }

  static KeyHash of(String key) {
    return new KeyHash(Sha256.digest().digest(key.getBytes(UTF_8)));
  }

  /** @param hex 64 hexadecimal digits */
  static KeyHash ofHex(String hex) {
    return new KeyHash(HexFormat.of().parseHex(hex));
  }

  /** Tells nothing of this one to whoever does not know the salt. */
  KeyHash salted(byte[] salt) {
    MessageDigest digest = Sha256.digest();
    digest.update(salt);
    return new KeyHash(digest.digest(bytes));
  }

  /** The beginning of it, for people to tell keys apart. */
  String id() {
    return PREFIX + HexFormat.of().formatHex(bytes, 0, ID_BYTES);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof KeyHash hash && MessageDigest.isEqual(bytes, hash.bytes);
  }

  @Override
  public int hashCode() {
    return ByteBuffer.wrap(bytes).getInt();
  }

  @Override
  public String toString() {
    return "***";
  }
}
