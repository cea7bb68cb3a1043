package io.consoul.gateway.openai;

import io.consoul.message.Aside;
import io.consoul.message.FinishReason;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.TreeMap;

/** Collects one choice of an answer that is told whole. Providers limit its size. */
public final class SpokenChoice {

  private static final class Call {
    private String id;
    private String name;
    private final StringBuilder arguments = new StringBuilder();
  }

  private final StringBuilder content = new StringBuilder();
  private final StringBuilder reasoning = new StringBuilder();
  private final Map<Integer, Call> calls = new TreeMap<>();
  private FinishReason reason;

  public void text(String text) {
    content.append(text);
  }

  /** Forgets what was said behind this place. */
  public void cutBack(int length) {
    content.setLength(Math.min(length, content.length()));
  }

  public void aside(Aside aside) {
    if (aside instanceof Aside.ToolCall piece) {
      Call call = calls.computeIfAbsent(piece.index(), first -> new Call());
      call.id = piece.id() == null ? call.id : piece.id();
      call.name = piece.name() == null ? call.name : piece.name();
      call.arguments.append(piece.arguments());
    } else {
      reasoning.append(((Aside.Reasoning) aside).text());
    }
  }

  public void finish(FinishReason why) {
    reason = why;
  }

  /** The element of {@code choices}. */
  JsonObject json(int index) {
    JsonObject choice = new JsonObject()
        .put("index", index)
        .put("message", message())
        .put("logprobs", null)
        .put("finish_reason", FinishWord.of(reason));
    return FinishWord.isOurs(reason)
        ? choice.put("native_finish_reason", reason.wireName())
        : choice;
  }

  private JsonObject message() {
    boolean onlyCalls = content.isEmpty() && !calls.isEmpty();
    JsonObject message = new JsonObject()
        .put("role", "assistant")
        .put("content", onlyCalls ? null : content.toString())
        .put("refusal", null);
    if (!reasoning.isEmpty()) {
      message.put("reasoning_content", reasoning.toString());
    }
    if (!calls.isEmpty()) {
      JsonArray list = new JsonArray();
      calls.values().forEach(call -> list.add(json(call)));
      message.put("tool_calls", list);
    }
    return message;
  }

  private static JsonObject json(Call call) {
    return new JsonObject()
        .put("id", call.id)
        .put("type", "function")
        .put(
            "function",
            new JsonObject().put("name", call.name).put("arguments", call.arguments.toString()));
  }
}
