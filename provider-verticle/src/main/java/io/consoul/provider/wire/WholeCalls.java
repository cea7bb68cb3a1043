package io.consoul.provider.wire;

import io.consoul.message.Aside;
import io.vertx.core.json.JsonObject;

/** The tool calls of an answer, for formats that tell each in one piece. They are numbered as they come. */
public final class WholeCalls {

  private final Reading reading;
  private int count;

  public WholeCalls(Reading reading) {
    this.reading = reading;
  }

  /** Whether the model calls a tool. */
  public boolean any() {
    return count > 0;
  }

  /**
   * @param call says the name
   * @param id as it was told, or anything else where none was
   * @param arguments an object, or its text, as some servers send it; anything else is none
   * @return whether it is a call
   */
  public boolean add(JsonObject call, Object id, Object arguments) {
    if (!(call.getValue("name") instanceof String name)) {
      return false;
    }
    String told = id instanceof String text && !text.isEmpty() ? text : "call_" + count;
    String text = arguments instanceof String words && !words.isBlank() ? words : "{}";
    reading.call(new Aside.ToolCall(
        count++, told, name, arguments instanceof JsonObject object ? object.encode() : text));
    return true;
  }
}
