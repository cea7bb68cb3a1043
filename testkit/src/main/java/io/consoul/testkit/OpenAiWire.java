package io.consoul.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.consoul.testkit.Script.UsagePlace;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One answer in the OpenAI chat completions wire format: its events, or the whole of it. */
final class OpenAiWire {

  /** A constant, so that an answer has the same bytes in every run. */
  private static final long CREATED = 1_780_000_000L;

  private final String id;
  private final ModelRequest request;
  private final Script script;
  private final List<JsonObject> deltas;

  OpenAiWire(int number, ModelRequest request, Script script) {
    this.id = "chatcmpl-" + number;
    this.request = request;
    this.script = script;
    this.deltas = new ArrayList<>(script.deltasFor(request));
    if (script.hugeLine() > 0) {
      deltas.add(filling(script.hugeLine()));
    }
  }

  static JsonObject content(String piece) {
    return new JsonObject().put("content", piece);
  }

  /** Words with the space before them, as models divide text. */
  static List<JsonObject> echo(String said) {
    return Arrays.stream(("You said: " + said).split("(?= )"))
        .map(OpenAiWire::content)
        .toList();
  }

  static JsonObject error(String message, String type, String code) {
    return new JsonObject()
        .put(
            "error",
            new JsonObject()
                .put("message", message)
                .put("type", type)
                .putNull("param")
                .put("code", code));
  }

  static JsonObject model(String name) {
    return new JsonObject()
        .put("id", name)
        .put("object", "model")
        .put("created", CREATED)
        .put("owned_by", "consoul-testkit");
  }

  int pieces() {
    return deltas.size();
  }

  /** The first chunk, which names the role and has no text. */
  String opening() {
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

  String piece(int index) {
    JsonObject chunk = chunk(deltas.get(index), null);
    boolean last = index == deltas.size() - 1;
    if (last
        && (script.usagePlace() == UsagePlace.LAST_PIECE
            || script.usagePlace() == UsagePlace.BOTH)) {
      chunk.put("usage", streamUsage());
    }
    return event(chunk.encode());
  }

  /** What follows the last piece. */
  List<String> closing() {
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

  String malformed() {
    return event("{\"id\":\"" + id + "\",\"choices\":[{\"index\":0,\"delta\":{\"cont");
  }

  JsonObject inBandError() {
    return error("The server had an error while processing your request", "server_error", null);
  }

  String errorEvent() {
    return event(inBandError().encode());
  }

  /** The answer to a request that does not stream. */
  JsonObject whole() {
    JsonObject choice = new JsonObject()
        .put("index", 0)
        .put("finish_reason", script.finishReason())
        .putNull("logprobs")
        .put("message", message());
    JsonObject whole = head("chat.completion").put("choices", new JsonArray().add(choice));
    if (script.usagePlace() != UsagePlace.NOWHERE) {
      JsonObject completion = new JsonObject()
          .put("reasoning_tokens", 0)
          .put("audio_tokens", 0)
          .put("accepted_prediction_tokens", 0)
          .put("rejected_prediction_tokens", 0);
      JsonObject prompt = new JsonObject()
          .put("cached_tokens", 0)
          .put("cache_write_tokens", 0)
          .put("audio_tokens", 0);
      whole.put(
          "usage",
          counts()
              .put("prompt_tokens_details", prompt)
              .put("completion_tokens_details", completion));
    }
    return whole.put("service_tier", "default").put("system_fingerprint", "fp_1");
  }

  private JsonObject head(String object) {
    return new JsonObject()
        .put("id", id)
        .put("object", object)
        .put("created", CREATED)
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
        .put("completion_tokens_details", new JsonObject().put("reasoning_tokens", 0))
        .put("prompt_tokens_details", new JsonObject().put("cached_tokens", 0));
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

  private JsonObject filling(int lineBytes) {
    int rest = ("data: " + chunk(content(""), null).encode()).getBytes(UTF_8).length;
    return content("x".repeat(Math.max(0, lineBytes - rest)));
  }

  private String event(String data) {
    String end = script.lineEnd();
    String noise = script.comments()
        ? ": ping" + end + end + "event: keep-alive" + end + "data: {\"type\":\"ping\"}" + end + end
        : "";
    return noise + "data: " + data + end + end;
  }
}
