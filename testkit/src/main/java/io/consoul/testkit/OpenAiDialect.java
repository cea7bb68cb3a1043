package io.consoul.testkit;

import static io.consoul.testkit.InvalidRequest.unless;

import io.vertx.core.MultiMap;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Set;

/** OpenAI's chat completions, with the requests that are refused and the words for it. */
final class OpenAiDialect implements Dialect {

  /** A constant, so that an answer has the same bytes in every run. */
  static final long CREATED = 1_780_000_000L;

  private static final Set<String> ROLES =
      Set.of("developer", "system", "user", "assistant", "tool", "function");

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

  @Override
  public void check(ModelRequest request) {
    unless(request.model() != null, "you must provide a model parameter");
    unless(!request.messages().isEmpty(), "messages is too short");
    for (JsonObject message : request.messages()) {
      unless(message.getString("role") != null, "a message has no role");
      unless(
          ROLES.contains(message.getString("role")),
          "'" + message.getString("role") + "' is not one of the roles");
      for (JsonObject call :
          ModelRequest.objects(message.getJsonArray("tool_calls", new JsonArray()))) {
        unless(call.getString("id") != null, "a tool call has no id");
        call.getJsonObject("function", new JsonObject()).getString("arguments");
      }
      unless(
          !message.getString("role").equals("tool") || message.getString("tool_call_id") != null,
          "a tool message has no tool_call_id");
    }
    request.streaming();
    request.asksForUsage();
    request.words();
  }

  @Override
  public boolean bears(ModelRequest request, String key) {
    return ("Bearer " + key).equals(request.header("Authorization"));
  }

  @Override
  public RefusalAnswer refusal(Refusal why, String model, RetryHint hint) {
    return switch (why) {
      case RATE_LIMITED ->
        answer(
            429, "rate_limit_error", "rate_limit_exceeded", "Rate limit reached for this model.");
      case QUOTA ->
        answer(429, "insufficient_quota", "insufficient_quota", "You exceeded your current quota.");
      case SERVER_ERROR ->
        answer(500, "server_error", null, "The server had an error while processing your request.");
      case UNAVAILABLE, OVERLOADED ->
        answer(
            503,
            "server_error",
            null,
            "The engine is currently overloaded, please try again later.");
      case UNAUTHORIZED ->
        answer(401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided.");
      case FORBIDDEN ->
        answer(
            403,
            "request_forbidden",
            "unsupported_country_region_territory",
            "Country, region, or territory not supported.");
      case NO_SUCH_MODEL ->
        answer(
            404,
            "invalid_request_error",
            "model_not_found",
            "The model `" + model + "` does not exist or you do not have access to it.");
      case CONTEXT ->
        answer(
            400,
            "invalid_request_error",
            "context_length_exceeded",
            "This model's maximum context length is 8192 tokens.");
      case FILTER ->
        answer(
            400,
            "invalid_request_error",
            "content_filter",
            "The prompt was refused by the content management policy.");
      case PREFILL -> invalid("The last message must not be the assistant's.");
    };
  }

  @Override
  public RefusalAnswer invalid(String message) {
    return answer(400, "invalid_request_error", null, message);
  }

  @Override
  public RefusalAnswer noSuchPath(String method, String path) {
    return answer(404, "invalid_request_error", null, "Invalid URL (" + method + " " + path + ")");
  }

  @Override
  public void mark(int number, MultiMap headers, JsonObject refusal) {
    headers.set("x-request-id", "req_" + number);
  }

  @Override
  public JsonObject models(List<String> names) {
    JsonArray data = new JsonArray();
    names.stream().map(this::model).forEach(data::add);
    return new JsonObject().put("object", "list").put("data", data);
  }

  @Override
  public JsonObject model(String name) {
    return new JsonObject()
        .put("id", name)
        .put("object", "model")
        .put("created", CREATED)
        .put("owned_by", "consoul-testkit");
  }

  @Override
  public boolean continuesPrefill() {
    return false;
  }

  @Override
  public AnswerWire answer(int number, ModelRequest request, Script script, List<Piece> pieces) {
    return new OpenAiWire(number, request, script, pieces);
  }

  private static RefusalAnswer answer(int status, String type, String code, String message) {
    return new RefusalAnswer(status, error(message, type, code));
  }
}
