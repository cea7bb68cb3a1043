package io.consoul.message;

import io.vertx.core.json.JsonObject;

/** What a model says besides the text of its answer. */
public sealed interface Aside {

  /** A piece of what it thinks before it answers; never part of the answer. */
  record Reasoning(String text) implements Aside {

    @Override
    public JsonObject toJson() {
      return new JsonObject().put("reasoning", text);
    }

    @Override
    public int size() {
      return text.length();
    }
  }

  /**
   * A piece of a tool call.
   *
   * @param index of the call within the answer, from 0; pieces of several calls may interleave
   * @param id in the first piece of a call, else null
   * @param name of the tool in the first piece, else null
   * @param arguments the next characters of the arguments' JSON text; may be empty
   */
  record ToolCall(int index, String id, String name, String arguments) implements Aside {

    @Override
    public JsonObject toJson() {
      JsonObject call = new JsonObject().put("index", index).put("arguments", arguments);
      if (id != null) {
        call.put("id", id);
      }
      if (name != null) {
        call.put("name", name);
      }
      return new JsonObject().put("tool_call", call);
    }

    @Override
    public int size() {
      return arguments.length()
          + (id == null ? 0 : id.length())
          + (name == null ? 0 : name.length());
    }
  }

  JsonObject toJson();

  /** In UTF-16 code units. */
  int size();

  /** @throws IllegalArgumentException when it is of a kind that is not known here */
  static Aside fromJson(JsonObject json) {
    JsonObject call = json.getJsonObject("tool_call");
    if (call != null) {
      return new ToolCall(
          call.getInteger("index"),
          call.getString("id"),
          call.getString("name"),
          call.getString("arguments", ""));
    }
    String reasoning = json.getString("reasoning");
    if (reasoning == null) {
      throw new IllegalArgumentException("unknown kind of aside");
    }
    return new Reasoning(reasoning);
  }
}
