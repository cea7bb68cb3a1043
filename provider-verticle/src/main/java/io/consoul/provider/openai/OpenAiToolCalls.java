package io.consoul.provider.openai;

import io.consoul.message.Aside;
import io.consoul.provider.wire.Overflow;
import io.consoul.provider.wire.Reading;
import io.consoul.provider.wire.SseParser;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Puts the pieces of tool calls in order, whose servers differ: OpenAI gives every piece its call's index and the first one
 * id and name; others send whole calls, leave the index out, give all calls the same one, or repeat the id. The calls are
 * numbered here in the order in which they begin.
 */
final class OpenAiToolCalls {

  /** More calls than any answer has. */
  private static final int MOST = 1_024;

  private static final String ARGUMENTS = "arguments";

  /** One call. It is told with its first piece that has a name; what came before is kept until then. */
  private static final class Call {

    final int index;
    String id;
    boolean told;
    final StringBuilder held = new StringBuilder();

    Call(int index) {
      this.index = index;
    }
  }

  private final Reading reading;
  private final Map<Integer, Call> byIndex = new HashMap<>();
  private final Map<String, Call> byId = new HashMap<>();
  private Call current;
  private int count;
  private int heldOfAll;
  private boolean any;

  OpenAiToolCalls(Reading reading) {
    this.reading = reading;
  }

  /** Whether the model calls a tool. */
  boolean any() {
    return any;
  }

  /** The field {@code tool_calls} of a delta. */
  void read(Object pieces) {
    if (pieces instanceof JsonArray array) {
      for (Object each : array) {
        if (each instanceof JsonObject piece) {
          read(piece);
        }
      }
    }
  }

  /** The field {@code function_call}, which is older: there is one call, without an id. */
  void readLegacy(Object function) {
    if (function instanceof JsonObject piece) {
      add(call(0, null, null), piece, ARGUMENTS);
    }
  }

  private void read(JsonObject piece) {
    boolean custom = piece.getValue("custom") instanceof JsonObject;
    JsonObject function = custom
        ? piece.getJsonObject("custom")
        : piece.getValue("function") instanceof JsonObject inner ? inner : new JsonObject();
    Integer index = piece.getValue("index") instanceof Number number ? number.intValue() : null;
    add(
        call(index, word(piece, "id"), word(function, "name")),
        function,
        custom ? "input" : ARGUMENTS);
  }

  /** The call that a piece belongs to, with whatever the piece has: index, id, name. */
  private Call call(Integer index, String id, String name) {
    Call known = index == null ? unnumbered(id, name) : byIndex.get(index);
    // A second id under the same index is a second call, unless it says no name either.
    boolean isAnother =
        known != null && id != null && known.id != null && !known.id.equals(id) && name != null;
    Call call = known == null || isAnother ? begin() : known;
    if (index != null) {
      byIndex.put(index, call);
    }
    if (id != null && call.id == null) {
      call.id = id;
      byId.put(id, call);
    }
    current = call;
    return call;
  }

  /** A piece without an index continues its id's call, or else the last one, but a name begins a new one. */
  private Call unnumbered(String id, String name) {
    if (id != null) {
      return byId.get(id);
    }
    return name == null ? current : null;
  }

  private Call begin() {
    if (count == MOST) {
      throw new Overflow(MOST);
    }
    return new Call(count++);
  }

  private void add(Call call, JsonObject function, String key) {
    String name = word(function, "name");
    String piece = arguments(function.getValue(key));
    if (call.told) {
      if (!piece.isEmpty()) {
        reading.call(new Aside.ToolCall(call.index, null, null, piece));
      }
      return;
    }
    if (piece.length() > SseParser.LIMIT - heldOfAll) {
      throw new Overflow(SseParser.LIMIT);
    }
    call.held.append(piece);
    heldOfAll += piece.length();
    if (name != null) {
      call.told = true;
      any = true;
      reading.call(new Aside.ToolCall(
          call.index,
          Objects.requireNonNullElse(call.id, "call_" + call.index),
          name,
          call.held.toString()));
      heldOfAll -= call.held.length();
      call.held.setLength(0);
    }
  }

  /** Some servers send the object itself. */
  private static String arguments(Object value) {
    if (value instanceof JsonObject object) {
      return object.encode();
    }
    return value instanceof String text ? text : "";
  }

  private static String word(JsonObject object, String key) {
    return object.getValue(key) instanceof String text && !text.isEmpty() ? text : null;
  }
}
