package io.consoul.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Which of the 16,384 slots of a Redis Cluster a key lies in: CRC16 (XMODEM) of what is between its first braces, if anything. */
final class RedisSlot {

  static final int COUNT = 16_384;

  static int of(String key) {
    return of(key.getBytes(UTF_8));
  }

  static int of(byte[] key) {
    int open = indexOf(key, '{', 0);
    int close = open < 0 ? -1 : indexOf(key, '}', open + 1);
    return close > open + 1 ? crc(key, open + 1, close) : crc(key, 0, key.length);
  }

  private static int crc(byte[] key, int from, int to) {
    int crc = 0;
    for (int i = from; i < to; i++) {
      crc ^= (key[i] & 0xFF) << 8;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 0x8000) != 0 ? (crc << 1 ^ 0x1021) & 0xFFFF : crc << 1 & 0xFFFF;
      }
    }
    return crc % COUNT;
  }

  private static int indexOf(byte[] key, char wanted, int from) {
    for (int i = from; i < key.length; i++) {
      if (key[i] == wanted) {
        return i;
      }
    }
    return -1;
  }

  private RedisSlot() {}
}
