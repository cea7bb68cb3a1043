package io.consoul.testkit;

import static io.consoul.testkit.InvalidRequest.unless;

import io.vertx.core.MultiMap;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Anthropic's messages, with the requests that are refused and the words for it. */
final class AnthropicDialect implements Dialect {

  private static final Set<String> FIELDS = Set.of(
      "model",
      "max_tokens",
      "messages",
      "system",
      "stream",
      "temperature",
      "top_p",
      "top_k",
      "stop_sequences",
      "tools",
      "tool_choice",
      "thinking",
      "output_config",
      "metadata",
      "service_tier",
      "cache_control",
      "container",
      "inference_geo");

  static JsonObject error(String type, String message) {
    return new JsonObject()
        .put("type", "error")
        .put("error", new JsonObject().put("type", type).put("message", message));
  }

  @Override
  public void check(ModelRequest request) {
    JsonObject body = request.body();
    for (String field : body.fieldNames()) {
      unless(FIELDS.contains(field), field + ": Extra inputs are not permitted");
    }
    unless(request.header("anthropic-version") != null, "anthropic-version: header is required");
    unless(request.model() != null, "model: Field required");
    unless(body.getInteger("max_tokens") != null, "max_tokens: Field required");
    unless(
        body.getInteger("max_tokens") > 0,
        "max_tokens: Input should be greater than or equal to 1");
    double temperature = body.getDouble("temperature", 1.0);
    unless(temperature >= 0 && temperature <= 1, "temperature: range: 0..1");
    List<JsonObject> messages = request.messages();
    unless(!messages.isEmpty(), "messages: at least one message is required");
    unless(
        "user".equals(messages.get(0).getString("role")),
        "messages: first message must use the \"user\" role");
    Set<String> called = new HashSet<>();
    for (int at = 0; at < messages.size(); at++) {
      check("messages." + at, messages.get(at), at == messages.size() - 1, called);
    }
    if (body.getValue("system") instanceof JsonArray system) {
      ModelRequest.objects(system).forEach(block -> text("system", block));
    }
    for (JsonObject tool : ModelRequest.objects(body.getJsonArray("tools", new JsonArray()))) {
      unless(tool.getString("name") != null, "tools: name: Field required");
      unless(tool.getJsonObject("input_schema") != null, "tools: input_schema: Field required");
    }
    request.streaming();
  }

  private static void check(String place, JsonObject message, boolean last, Set<String> called) {
    String role = message.getString("role");
    unless(
        "user".equals(role) || "assistant".equals(role),
        place + ".role: Input should be 'user' or 'assistant'");
    Object content = message.getValue("content");
    String end = null;
    if (content instanceof JsonArray blocks) {
      for (JsonObject block : ModelRequest.objects(blocks)) {
        end = block(place, block, called);
      }
      unless(
          !blocks.isEmpty() || last && role.equals("assistant"),
          place + ": all messages must have non-empty content");
    } else {
      unless(content instanceof String, place + ".content: Field required");
      end = (String) content;
      unless(
          !end.isEmpty() || last && role.equals("assistant"),
          place + ": all messages must have non-empty content");
    }
    unless(
        !last || !role.equals("assistant") || end == null || end.equals(end.stripTrailing()),
        "messages: final assistant content cannot end with trailing whitespace");
  }

  /** Its text, or null. */
  private static String block(String place, JsonObject block, Set<String> called) {
    String type = block.getString("type", "");
    switch (type) {
      case "text" -> text(place, block);
      case "tool_use" -> {
        unless(block.getString("name") != null, place + ": name: Field required");
        unless(
            block.getValue("input") instanceof JsonObject,
            place + ": tool_use.input: Input should be a valid dictionary");
        called.add(block.getString("id"));
      }
      case "tool_result" ->
        unless(
            called.contains(block.getString("tool_use_id")),
            place + ": unexpected `tool_use_id` found in `tool_result` blocks");
      case "image", "document" ->
        unless(block.getJsonObject("source") != null, place + ": source: Field required");
      case "thinking" ->
        unless(block.getString("signature") != null, place + ": signature: Field required");
      default -> unless(type.equals("redacted_thinking"), place + ": unknown type '" + type + "'");
    }
    return block.getString("text");
  }

  private static void text(String place, JsonObject block) {
    String text = block.getString("text");
    unless(text != null && !text.isEmpty(), place + ": text content blocks must be non-empty");
    unless(!text.isBlank(), place + ": text content blocks must contain non-whitespace text");
  }

  @Override
  public boolean bears(ModelRequest request, String key) {
    return key.equals(request.header("x-api-key"))
        || ("Bearer " + key).equals(request.header("Authorization"));
  }

  @Override
  public RefusalAnswer refusal(Refusal why, String model, RetryHint hint) {
    return switch (why) {
      case RATE_LIMITED ->
        answer(429, "rate_limit_error", "This request would exceed your rate limit.");
      case QUOTA -> answer(402, "billing_error", "Your credit balance is too low.");
      case SERVER_ERROR -> answer(500, "api_error", "Internal server error");
      case UNAVAILABLE -> answer(503, "api_error", "Service unavailable");
      case OVERLOADED -> answer(529, "overloaded_error", "Overloaded");
      case UNAUTHORIZED -> answer(401, "authentication_error", "invalid x-api-key");
      case FORBIDDEN -> answer(403, "permission_error", "Request not allowed");
      case NO_SUCH_MODEL -> answer(404, "not_found_error", "model: " + model);
      case CONTEXT -> invalid("prompt is too long: 210000 tokens > 200000 maximum");
      case FILTER -> invalid("Output blocked by content filtering policy");
      case PREFILL ->
        invalid("This model does not support assistant message prefill. The conversation must end"
            + " with a user message.");
    };
  }

  @Override
  public RefusalAnswer invalid(String message) {
    return answer(400, "invalid_request_error", message);
  }

  @Override
  public RefusalAnswer noSuchPath(String method, String path) {
    return answer(404, "not_found_error", "Not found");
  }

  @Override
  public void mark(int number, MultiMap headers, JsonObject refusal) {
    headers.set("request-id", "req_" + number);
    if (refusal != null) {
      refusal.put("request_id", "req_" + number);
    }
  }

  @Override
  public JsonObject models(List<String> names) {
    JsonArray data = new JsonArray();
    names.stream().map(this::model).forEach(data::add);
    return new JsonObject()
        .put("data", data)
        .put("has_more", false)
        .put("first_id", names.get(0))
        .put("last_id", names.get(names.size() - 1));
  }

  @Override
  public JsonObject model(String name) {
    return new JsonObject()
        .put("type", "model")
        .put("id", name)
        .put("display_name", name)
        .put("created_at", "2026-05-01T00:00:00Z")
        .put("max_input_tokens", 200_000)
        .put("max_tokens", 8_192);
  }

  @Override
  public boolean continuesPrefill() {
    return true;
  }

  @Override
  public AnswerWire answer(int number, ModelRequest request, Script script, List<Piece> pieces) {
    return new AnthropicWire(number, request, script, pieces);
  }

  private static RefusalAnswer answer(int status, String type, String message) {
    return new RefusalAnswer(status, error(type, message));
  }
}
