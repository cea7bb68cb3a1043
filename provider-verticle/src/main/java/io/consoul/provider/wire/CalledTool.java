package io.consoul.provider.wire;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * A tool call in the history, for formats that take its arguments as an object.
 *
 * @param id may be empty
 */
public record CalledTool(String id, String name, JsonObject arguments) {

  /** Those that an assistant's message makes, in their order; what is no function call with a name is passed over. */
  public static List<CalledTool> in(JsonObject message) {
    List<CalledTool> calls = new ArrayList<>();
    if (message.getValue("tool_calls") instanceof JsonArray all) {
      for (Object each : all) {
        if (each instanceof JsonObject call
            && call.getValue("function") instanceof JsonObject function
            && function.getValue("name") instanceof String name) {
          String id = call.getValue("id") instanceof String text ? text : "";
          calls.add(new CalledTool(id, name, arguments(function.getValue("arguments"))));
        }
      }
    }
    return calls;
  }

  /** Deeper than any sane one, and far from what JSON can be written with around it. */
  private static final int DEEPEST = 500;

  /** A model may have written something else than an object; it is kept as what it is, for the model to see. */
  private static JsonObject arguments(Object told) {
    if (told instanceof JsonObject object) {
      return object;
    }
    if (!(told instanceof String text) || text.isBlank()) {
      return new JsonObject();
    }
    try {
      return isTooDeep(text) ? new JsonObject().put("arguments", text) : new JsonObject(text);
    } catch (DecodeException noObject) {
      return new JsonObject().put("arguments", text);
    }
  }

  /** Brackets inside of texts count, too; the few arguments that differ by it are kept as well. */
  private static boolean isTooDeep(String json) {
    int depth = 0;
    for (int i = 0; i < json.length() && depth <= DEEPEST; i++) {
      char c = json.charAt(i);
      if (c == '{' || c == '[') {
        depth++;
      } else if (c == '}' || c == ']') {
        depth--;
      }
    }
    return depth > DEEPEST;
  }
}
