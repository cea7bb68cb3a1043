package io.consoul.gateway.limit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.consoul.gateway.key.Caller;
import io.netty.util.NetUtil;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/** Under which name a caller's charges are kept: that of its key, or else of its address. */
final class Subject {

  /** Enough that no two are the same. */
  private static final int BYTES = 16;

  /** Who has one address of IPv6 has at least so much of them. */
  private static final int NETWORK_BYTES = 8;

  /** Not the key's id and not the address themselves: they would be in Redis for everybody who can look into it. */
  static String of(Caller caller) {
    return hash(caller.isAnonymous() ? "ip:" + network(caller.address()) : "key:" + caller.keyId());
  }

  private static String network(String address) {
    byte[] bytes = NetUtil.createByteArrayFromIpAddressString(address.replaceFirst("%.*", ""));
    if (bytes == null || bytes.length == 4) {
      return address;
    }
    return isIpV4(bytes)
        ? NetUtil.bytesToIpAddress(Arrays.copyOfRange(bytes, 12, 16))
        : HexFormat.of().formatHex(bytes, 0, NETWORK_BYTES);
  }

  /** As servers that listen for both kinds see clients of the older one, {@code ::ffff:192.0.2.1}. */
  private static boolean isIpV4(byte[] bytes) {
    for (int i = 0; i < 10; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return bytes[10] == -1 && bytes[11] == -1;
  }

  private static String hash(String name) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(name.getBytes(UTF_8));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(digest, BYTES));
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("every Java has SHA-256", missing);
    }
  }

  private Subject() {}
}
