package io.consoul.testkit;

import io.consoul.testkit.Script.UsagePlace;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One answer in the OpenAI chat completions wire format: its events, or the whole of it. */
final class OpenAiWire implements AnswerWire {

  private final String id;
  private final ModelRequest request;
  private final Script script;
  private final List<JsonObject> deltas;
  private final int reasoningTokens;

  OpenAiWire(int number, ModelRequest request, Script script, List<Piece> pieces) {
    this.id = "chatcmpl-" + number;
    this.request = request;
    this.script = script;
    this.deltas = pieces.stream().map(OpenAiWire::delta).toList();
    this.reasoningTokens = Pieces.count(pieces, Piece.Kind.REASONING);
  }

  private static JsonObject delta(Piece piece) {
    return switch (piece.kind()) {
      case ECHO -> throw new IllegalStateException("an echo of nothing");
      case TEXT -> new JsonObject().put("content", piece.text());
      case REASONING -> new JsonObject().put("reasoning_content", piece.text());
      case TOOL_CALL ->
        call(new JsonObject()
            .put("index", piece.index())
            .put("id", piece.id())
            .put("type", "function")
            .put(
                "function",
                new JsonObject().put("name", piece.name()).put("arguments", piece.text())));
      case TOOL_ARGUMENTS ->
        call(new JsonObject()
            .put("index", piece.index())
            .put("function", new JsonObject().put("arguments", piece.text())));
      case DELTA -> piece.delta();
    };
  }

  private static JsonObject call(JsonObject call) {
    return new JsonObject().put("tool_calls", new JsonArray().add(call));
  }

  @Override
  public String contentType() {
    return "text/event-stream; charset=utf-8";
  }

  @Override
  public int pieces() {
    return deltas.size();
  }

  /** The first chunk, which names the role and has no text. */
  @Override
  public String opening() {
    JsonObject delta = new JsonObject().put("role", "assistant").put("content", "");
    JsonObject choice = new JsonObject()
        .put("index", 0)
        .put("delta", delta)
        .putNull("logprobs")
        .putNull("finish_reason");
    JsonObject first = withUsage(head("chat.completion.chunk")
        .put("system_fingerprint", "fp_1")
        .put("choices", new JsonArray().add(choice)));
    return event(first.encode());
  }

  @Override
  public String piece(int index) {
    JsonObject chunk = chunk(deltas.get(index), null);
    boolean last = index == deltas.size() - 1;
    if (last
        && (script.usagePlace() == UsagePlace.LAST_PIECE
            || script.usagePlace() == UsagePlace.BOTH)) {
      chunk.put("usage", streamUsage());
    }
    return event(chunk.encode());
  }

  @Override
  public List<String> closing() {
    List<String> events = new ArrayList<>();
    events.add(event(chunk(new JsonObject(), script.finishReason()).encode()));
    if (usageAsked() && script.usagePlace() != UsagePlace.LAST_PIECE) {
      JsonObject chunk =
          head("chat.completion.chunk").put("choices", new JsonArray()).put("usage", streamUsage());
      events.add(event(chunk.encode()));
    }
    if (script.done()) {
      events.add(event("[DONE]"));
    }
    return events;
  }

  @Override
  public String malformed() {
    return event("{\"id\":\"" + id + "\",\"choices\":[{\"index\":0,\"delta\":{\"cont");
  }

  @Override
  public String inBandError() {
    return OpenAiDialect.error(
            "The server had an error while processing your request", "server_error", null)
        .encode();
  }

  @Override
  public String errorEvent() {
    return event(inBandError());
  }

  @Override
  public String whole() {
    JsonObject choice = new JsonObject()
        .put("index", 0)
        .put("finish_reason", script.finishReason())
        .putNull("logprobs")
        .put("message", message());
    JsonObject whole = head("chat.completion").put("choices", new JsonArray().add(choice));
    if (script.usagePlace() != UsagePlace.NOWHERE) {
      JsonObject completion = new JsonObject()
          .put("reasoning_tokens", reasoningTokens)
          .put("audio_tokens", 0)
          .put("accepted_prediction_tokens", 0)
          .put("rejected_prediction_tokens", 0);
      JsonObject prompt = new JsonObject()
          .put("cached_tokens", script.cached())
          .put("cache_write_tokens", 0)
          .put("audio_tokens", 0);
      whole.put(
          "usage",
          counts()
              .put("prompt_tokens_details", prompt)
              .put("completion_tokens_details", completion));
    }
    return whole
        .put("service_tier", "default")
        .put("system_fingerprint", "fp_1")
        .encode();
  }

  private JsonObject head(String object) {
    return new JsonObject()
        .put("id", id)
        .put("object", object)
        .put("created", OpenAiDialect.CREATED)
        .put("model", request.model());
  }

  private JsonObject chunk(JsonObject delta, String finishReason) {
    JsonObject choice =
        new JsonObject().put("index", 0).put("delta", delta).put("finish_reason", finishReason);
    return withUsage(head("chat.completion.chunk").put("choices", new JsonArray().add(choice)));
  }

  /** The key stands, as null, in every chunk of a stream that will tell its usage, and in none of another. */
  private JsonObject withUsage(JsonObject chunk) {
    return usageAsked() ? chunk.putNull("usage") : chunk;
  }

  private boolean usageAsked() {
    return request.asksForUsage() && script.usagePlace() != UsagePlace.NOWHERE;
  }

  private JsonObject streamUsage() {
    return counts()
        .put("completion_tokens_details", new JsonObject().put("reasoning_tokens", reasoningTokens))
        .put("prompt_tokens_details", new JsonObject().put("cached_tokens", script.cached()));
  }

  private JsonObject counts() {
    int prompt = script.promptTokensOr(request.words());
    int completion = script.completionTokensOr(deltas.size());
    return new JsonObject()
        .put("prompt_tokens", prompt)
        .put("completion_tokens", completion)
        .put("total_tokens", prompt + completion);
  }

  /** The message that the deltas make when they are put together. */
  private JsonObject message() {
    JsonObject message =
        new JsonObject().put("role", "assistant").putNull("content").putNull("refusal");
    Map<Integer, JsonObject> calls = new TreeMap<>();
    for (JsonObject delta : deltas) {
      for (String name : delta.fieldNames()) {
        if (delta.getValue(name) instanceof String text) {
          message.put(
              name, message.getString(name) == null ? text : message.getString(name) + text);
        }
      }
      for (Object call : delta.getJsonArray("tool_calls", new JsonArray())) {
        JsonObject fragment = (JsonObject) call;
        calls.merge(fragment.getInteger("index", 0), fragment.copy(), OpenAiWire::joined);
      }
    }
    if (!calls.isEmpty()) {
      calls.values().forEach(call -> call.remove("index"));
      message.put("tool_calls", new JsonArray(List.copyOf(calls.values())));
    }
    return message.put("annotations", new JsonArray());
  }

  private static JsonObject joined(JsonObject call, JsonObject fragment) {
    JsonObject function = call.getJsonObject("function");
    String more = fragment.getJsonObject("function").getString("arguments", "");
    function.put("arguments", function.getString("arguments", "") + more);
    return call;
  }

  private String event(String data) {
    String end = script.lineEnd();
    String noise = script.comments()
        ? ": ping" + end + end + "event: keep-alive" + end + "data: {\"type\":\"ping\"}" + end + end
        : "";
    return noise + "data: " + data + end + end;
  }
}
