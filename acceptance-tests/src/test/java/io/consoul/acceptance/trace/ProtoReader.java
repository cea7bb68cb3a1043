package io.consoul.acceptance.trace;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A message of Protocol Buffers by its field numbers; numbers of 64 bits, bytes, and messages in these. */
final class ProtoReader {

  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  private final Map<Integer, List<byte[]>> bytes = new TreeMap<>();
  private final Map<Integer, Long> numbers = new TreeMap<>();

  ProtoReader(byte[] message) {
    ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
    while (in.hasRemaining()) {
      long key = varint(in);
      int field = (int) (key >>> 3);
      switch ((int) (key & 7)) {
        case VARINT -> numbers.put(field, varint(in));
        case FIXED64 -> numbers.put(field, in.getLong());
        case FIXED32 -> numbers.put(field, (long) in.getInt());
        case BYTES -> {
          byte[] value = new byte[(int) varint(in)];
          in.get(value);
          bytes.computeIfAbsent(field, none -> new ArrayList<>()).add(value);
        }
        default -> throw new IllegalArgumentException("wire type of field " + field);
      }
    }
  }

  List<ProtoReader> messages(int field) {
    return bytes.getOrDefault(field, List.of()).stream().map(ProtoReader::new).toList();
  }

  boolean has(int field) {
    return bytes.containsKey(field) || numbers.containsKey(field);
  }

  /** Empty where there is none. */
  String text(int field) {
    return new String(first(field), StandardCharsets.UTF_8);
  }

  /** Empty where there is none. */
  String hex(int field) {
    return HexFormat.of().formatHex(first(field));
  }

  long number(int field) {
    return numbers.getOrDefault(field, 0L);
  }

  private byte[] first(int field) {
    return bytes.getOrDefault(field, List.of(new byte[0])).get(0);
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = in.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }
}
