package io.consoul.provider.wire;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Puts values of other kinds into JSON than those that belong there. */
final class JsonMutation {

  private static final List<Object> ODD = List.of(
      "",
      "x",
      "\uD83E",
      0,
      1,
      -1,
      1e99,
      -1e99,
      0.5,
      Long.MAX_VALUE,
      Long.MIN_VALUE,
      BigInteger.TEN.pow(60),
      true,
      false,
      new JsonObject(),
      new JsonArray(),
      new JsonObject().put("text", 7).put("error", new JsonArray().add(1)),
      new JsonArray().addNull().add("x").add(7).add(new JsonObject()).add(new JsonArray()));

  private final Random random;

  JsonMutation(Random random) {
    this.random = random;
  }

  /** A line of a stream, with one value in its object replaced, removed or doubled; others stay as they are. */
  String of(String line) {
    int brace = line.indexOf('{');
    if (brace < 0) {
      return line;
    }
    try {
      JsonObject json = new JsonObject(line.substring(brace));
      change(json);
      return line.substring(0, brace) + json.encode();
    } catch (RuntimeException noObject) {
      return line;
    }
  }

  private void change(JsonObject object) {
    List<String> keys = new ArrayList<>(object.fieldNames());
    if (keys.isEmpty()) {
      object.put("error", odd());
      return;
    }
    String key = keys.get(random.nextInt(keys.size()));
    if (!goesInto(object.getValue(key))) {
      object.put(key, odd());
    }
  }

  private void change(JsonArray array) {
    if (array.isEmpty()) {
      array.add(odd());
      return;
    }
    int index = random.nextInt(array.size());
    if (!goesInto(array.getValue(index))) {
      array.set(index, odd());
    }
  }

  private boolean goesInto(Object value) {
    boolean deeper = random.nextInt(4) > 0;
    if (deeper && value instanceof JsonObject object) {
      change(object);
    } else if (deeper && value instanceof JsonArray array) {
      change(array);
    } else {
      return false;
    }
    return true;
  }

  private Object odd() {
    int choice = random.nextInt(ODD.size() + 1);
    return choice == ODD.size() ? null : ODD.get(choice);
  }
}
