package io.consoul.gateway.json;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** JSON as it goes onto the wire, put together without an object for any of its parts. */
public final class JsonBytes {

  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  /** A larger array is not kept for the next time: most streams never need one. */
  private static final int KEPT = 4_096;

  private byte[] bytes = new byte[512];
  private int size;

  public boolean isEmpty() {
    return size == 0;
  }

  /** As it is. */
  public JsonBytes put(byte[] json) {
    reserve(json.length);
    System.arraycopy(json, 0, bytes, size, json.length);
    size += json.length;
    return this;
  }

  /** A number, 0 or more. */
  public JsonBytes put(int number) {
    if (number > 9) {
      put(number / 10);
    }
    reserve(1);
    bytes[size++] = (byte) ('0' + number % 10);
    return this;
  }

  /** What stands between the quotes of a JSON string; a surrogate that stands alone becomes a question mark. */
  public JsonBytes escape(String text) {
    int length = text.length();
    reserve(6 * length); // the longest that becomes of one UTF-16 code unit
    byte[] to = bytes;
    int at = size;
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        if (c >= ' ' && c != '"' && c != '\\') {
          to[at++] = (byte) c;
        } else {
          at = escape(c, to, at);
        }
      } else if (c < 0x800) {
        to[at++] = (byte) (0xC0 | c >> 6);
        to[at++] = continuation(c);
      } else if (!Character.isSurrogate(c)) {
        to[at++] = (byte) (0xE0 | c >> 12);
        to[at++] = continuation(c >> 6);
        to[at++] = continuation(c);
      } else if (isPair(text, i)) {
        int point = Character.toCodePoint(c, text.charAt(++i));
        to[at++] = (byte) (0xF0 | point >> 18);
        to[at++] = continuation(point >> 12);
        to[at++] = continuation(point >> 6);
        to[at++] = continuation(point);
      } else {
        to[at++] = '?';
      }
    }
    size = at;
    return this;
  }

  /** All of it; then it is empty. */
  public Buffer take() {
    Buffer taken = Buffer.buffer(size).appendBytes(bytes, 0, size);
    size = 0;
    if (bytes.length > KEPT) {
      bytes = new byte[KEPT];
    }
    return taken;
  }

  private static int escape(char c, byte[] to, int start) {
    int at = start;
    to[at++] = '\\';
    switch (c) {
      case '"', '\\' -> to[at++] = (byte) c;
      case '\n' -> to[at++] = 'n';
      case '\r' -> to[at++] = 'r';
      case '\t' -> to[at++] = 't';
      default -> {
        to[at++] = 'u';
        to[at++] = '0';
        to[at++] = '0';
        to[at++] = HEX[c >> 4];
        to[at++] = HEX[c & 0xF];
      }
    }
    return at;
  }

  private static byte continuation(int bits) {
    return (byte) (0x80 | bits & 0x3F);
  }

  private static boolean isPair(String text, int at) {
    return Character.isHighSurrogate(text.charAt(at))
        && at + 1 < text.length()
        && Character.isLowSurrogate(text.charAt(at + 1));
  }

  private void reserve(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + more));
    }
  }
}
