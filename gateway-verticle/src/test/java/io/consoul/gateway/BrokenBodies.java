package io.consoul.gateway;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;

/** Breaks JSON: its values, its text or its bytes. All of it follows from the seed. */
final class BrokenBodies {

  /** Stands where a text goes that no JSON writer would write. */
  private static final String MARK = "@raw@";

  private static final List<String> RAW = List.of(
      "1e400",
      "-1e400",
      "1e999999999",
      "1e-999999999",
      "9".repeat(200),
      "9".repeat(30),
      "0." + "1".repeat(90),
      "-0",
      "01",
      "+1",
      ".5",
      "NaN",
      "-Infinity",
      "0x10",
      "undefined",
      "'x'",
      "\"\\ud800\"",
      "\"\\udc00\\ud800\"",
      "\"\\u0000\"",
      "\"\\u001f\"",
      "\"\\x41\"",
      "\"\\u12\"",
      "\"\u0001\"",
      "\"\n\"",
      "[".repeat(63) + "]".repeat(63),
      "[".repeat(70) + "]".repeat(70),
      "[".repeat(5_000),
      "{\"a\":".repeat(70) + "1" + "}".repeat(70),
      "{\"a\":1,\"a\":2}",
      "{\"\\ud800\":1}",
      "{\"" + "n".repeat(2_000) + "\":1}",
      "[" + "1,".repeat(50_000) + "1]",
      "{}{}",
      "1 2",
      "/* */ 1",
      "");

  private static final List<Object> ODD = Arrays.asList(
      null,
      0,
      -1,
      3.0,
      1.5,
      Long.MAX_VALUE,
      1e308,
      true,
      "",
      " ",
      "\0",
      "a\u007fb",
      "\u0085",
      "x".repeat(65),
      "x".repeat(129),
      "x".repeat(256),
      "x".repeat(513),
      "x".repeat(32_769),
      "😀".repeat(32_768),
      "../../etc/passwd",
      "s1}{",
      new JsonObject(),
      new JsonArray(),
      new JsonArray(List.of(new JsonObject())),
      new JsonObject().put("toString", "x"),
      new JsonObject().put("", ""),
      new JsonArray(java.util.Collections.nCopies(11, new JsonObject().put("content", "x"))));

  private final Random random;

  BrokenBodies(Random random) {
    this.random = random;
  }

  /** The same JSON with one value put in place of another, added or taken away. */
  Object withOddValue(Object json) {
    return mutated(json, this::odd);
  }

  /** The same as text, with something that is no JSON or that JSON has no type for. */
  String withRawValue(Object json) {
    String text = encoded(mutated(json, same -> MARK));
    return text.replace('"' + MARK + '"', RAW.get(random.nextInt(RAW.size())));
  }

  /** Its bytes, damaged somewhere. */
  byte[] withDamagedBytes(Object json) {
    byte[] bytes = encoded(json).getBytes(StandardCharsets.UTF_8);
    int place = random.nextInt(bytes.length + 1);
    return switch (random.nextInt(8)) {
      case 0 -> Arrays.copyOf(bytes, place);
      case 1 -> spliced(bytes, place, new byte[] {(byte) random.nextInt(256)});
      case 2 -> spliced(bytes, place, new byte[] {(byte) 0xC3});
      case 3 -> spliced(bytes, place, new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80});
      case 4 -> spliced(bytes, 0, new byte[] {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF});
      case 5 -> spliced(bytes, bytes.length, bytes);
      case 6 -> spliced(bytes, bytes.length, "\0 x".getBytes(StandardCharsets.UTF_8));
      default -> flipped(bytes);
    };
  }

  static String encoded(Object json) {
    return json instanceof JsonObject object
        ? object.encode()
        : json instanceof JsonArray list ? list.encode() : io.vertx.core.json.Json.encode(json);
  }

  private Object odd(Object same) {
    Object value = ODD.get(random.nextInt(ODD.size()));
    return value instanceof JsonObject object
        ? object.copy()
        : value instanceof JsonArray list ? list.copy() : value;
  }

  /** Changes a value somewhere in it, the deeper ones rarely less often than the whole. */
  private Object mutated(Object json, UnaryOperator<Object> change) {
    if (json instanceof JsonObject object && !object.isEmpty() && random.nextInt(8) > 0) {
      JsonObject copy = object.copy();
      List<String> names = new ArrayList<>(copy.fieldNames());
      String name = names.get(random.nextInt(names.size()));
      switch (random.nextInt(8)) {
        case 0 -> copy.remove(name);
        case 1 -> copy.put("extra", change.apply(null));
        default -> copy.put(name, mutated(copy.getValue(name), change));
      }
      return copy;
    }
    if (json instanceof JsonArray list && !list.isEmpty() && random.nextInt(8) > 0) {
      JsonArray copy = list.copy();
      int place = random.nextInt(copy.size());
      switch (random.nextInt(8)) {
        case 0 -> copy.remove(place);
        case 1 -> copy.add(change.apply(null));
        default -> copy.set(place, mutated(copy.getValue(place), change));
      }
      return copy;
    }
    return change.apply(json);
  }

  private static byte[] spliced(byte[] bytes, int place, byte[] piece) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(bytes, 0, place);
    out.writeBytes(piece);
    out.write(bytes, place, bytes.length - place);
    return out.toByteArray();
  }

  private byte[] flipped(byte[] bytes) {
    if (bytes.length > 0) {
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return bytes;
  }
}
