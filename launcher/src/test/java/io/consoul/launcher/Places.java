package io.consoul.launcher;

import io.consoul.config.Rule;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** Puts a value at the place of a key such as {@code providers[].models[].name}, and makes what it has to stand in. */
final class Places {

  /** The whole of a file that has this value and nothing else. */
  static JsonObject with(String key, Object value) {
    JsonObject root = new JsonObject();
    JsonObject place = root;
    String[] path = key.split("\\.");
    for (int i = 0; i < path.length - 1; i++) {
      JsonObject inside = new JsonObject();
      boolean list = path[i].endsWith("[]");
      place.put(path[i].replace("[]", ""), list ? new JsonArray().add(inside) : inside);
      place = inside;
    }
    place.put(path[path.length - 1], value);
    return root;
  }

  /** As messages have it: the first one of each list. */
  static String name(Rule rule) {
    return rule.key().replace("[]", "[0]");
  }

  private Places() {}
}
