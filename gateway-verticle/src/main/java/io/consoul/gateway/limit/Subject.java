package io.consoul.gateway.limit;

import io.consoul.gateway.key.Caller;
import io.netty.util.NetUtil;
import java.util.Arrays;
import java.util.HexFormat;

/** Under which name a caller's charges are kept: that of its key, or else of its address. */
final class Subject {

  /** Who has one address of IPv6 has at least so much of them. */
  private static final int NETWORK_BYTES = 8;

  static String of(Caller caller) {
    return caller.isAnonymous() ? "ip:" + network(caller.address()) : "key:" + caller.keyId();
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

  private Subject() {}
}
