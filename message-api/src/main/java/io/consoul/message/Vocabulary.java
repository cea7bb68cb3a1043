package io.consoul.message;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;

/**
 * A tokenizer's vocabulary: which sequences of bytes are tokens, and which of them are joined first. It lies in three flat
 * arrays of 5 MB together; as a map of objects it took seven times that, and most of a node's start.
 */
final class Vocabulary {

  /** The rank of what is no token. */
  static final int NONE = Integer.MAX_VALUE;

  private static final byte[] BASE64 = new byte[128];

  static {
    String digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int digit = 0; digit < digits.length(); digit++) {
      BASE64[digits.charAt(digit)] = (byte) digit;
    }
  }

  /** Of all tokens, one after the other. */
  private final byte[] bytes;

  /** Where the token of each rank begins in the bytes, and the end of the last. */
  private final int[] starts;

  /** By the hash of its bytes, or in the next place that is free: a token's rank plus one. */
  private final int[] slots;

  private final int longest;

  private Vocabulary(byte[] bytes, int[] starts, int count) {
    this.bytes = bytes;
    this.starts = starts;
    this.slots = new int[Integer.highestOneBit(count) * 4];
    int most = 0;
    for (int rank = 0; rank < count; rank++) {
      int slot = hash(bytes, starts[rank], starts[rank + 1]);
      while (slots[slot] != 0) {
        slot = slot + 1 & slots.length - 1;
      }
      slots[slot] = rank + 1;
      most = Math.max(most, starts[rank + 1] - starts[rank]);
    }
    this.longest = most;
  }

  /**
   * @param resource lines of a token in Base64, a space and its rank, in the order of the ranks, from 0 and without a gap
   */
  static Vocabulary read(Class<?> owner, String resource) {
    try (InputStream in = owner.getResourceAsStream(resource)) {
      return parse(in.readAllBytes());
    } catch (IOException broken) {
      throw new UncheckedIOException("the vocabulary cannot be read", broken);
    }
  }

  private static Vocabulary parse(byte[] text) {
    byte[] bytes = new byte[text.length];
    int[] starts = new int[text.length / 4];
    int count = 0;
    int size = 0;
    int at = 0;
    while (at < text.length) {
      int bits = 0;
      int pending = 0;
      for (; text[at] != ' '; at++) {
        if (text[at] != '=') {
          pending = pending << 6 | BASE64[text[at]];
          bits += 6;
          if (bits >= 8) {
            bits -= 8;
            bytes[size++] = (byte) (pending >> bits);
          }
        }
      }
      int rank = 0;
      for (at++; at < text.length && text[at] != '\n'; at++) {
        rank = rank * 10 + text[at] - '0';
      }
      at++;
      if (rank != count) {
        throw new IllegalStateException("the vocabulary has rank " + rank + " in place " + count);
      }
      starts[++count] = size;
    }
    return new Vocabulary(Arrays.copyOf(bytes, size), Arrays.copyOf(starts, count + 1), count);
  }

  /** The lower, the sooner it is joined; {@link #NONE} for what is no token. */
  int rank(byte[] piece, int from, int to) {
    if (to - from > longest) {
      return NONE;
    }
    for (int slot = hash(piece, from, to); slots[slot] != 0; slot = slot + 1 & slots.length - 1) {
      int rank = slots[slot] - 1;
      if (Arrays.equals(bytes, starts[rank], starts[rank + 1], piece, from, to)) {
        return rank;
      }
    }
    return NONE;
  }

  private int hash(byte[] piece, int from, int to) {
    int hash = to - from;
    for (int i = from; i < to; i++) {
      hash = hash * 31 + piece[i];
    }
    hash *= 0x9E3779B1; // spreads what differs in the last bytes only
    return (hash ^ hash >>> 15) & slots.length - 1;
  }
}
