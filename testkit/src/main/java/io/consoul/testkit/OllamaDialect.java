package io.consoul.testkit;

import static io.consoul.testkit.InvalidRequest.unless;

import io.vertx.core.MultiMap;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Set;

/** Ollama's own API, with the requests that are refused and the words for it. It knows no keys. */
final class OllamaDialect implements Dialect {

  private static final Set<String> ROLES = Set.of("system", "user", "assistant", "tool");

  static JsonObject error(String message) {
    return new JsonObject().put("error", message);
  }

  @Override
  public void check(ModelRequest request) {
    unless(request.model() != null, "model is required");
    unless(!request.messages().isEmpty(), "messages is required");
    for (JsonObject message : request.messages()) {
      unless(ROLES.contains(message.getString("role", "")), "invalid role");
      unless(
          message.getValue("content", "") instanceof String,
          "json: cannot unmarshal array into Go struct field ChatRequest.messages.content of type"
              + " string");
      for (Object image : message.getJsonArray("images", new JsonArray())) {
        unless(
            image instanceof String base64 && !base64.startsWith("data:"),
            "illegal base64 data at input byte 4");
      }
      for (JsonObject call :
          ModelRequest.objects(message.getJsonArray("tool_calls", new JsonArray()))) {
        call.getJsonObject("function", new JsonObject()).getJsonObject("arguments");
      }
    }
    request.body().getJsonObject("options");
    request.streaming();
  }

  @Override
  public boolean bears(ModelRequest request, String key) {
    return true;
  }

  @Override
  public RefusalAnswer refusal(Refusal why, String model, RetryHint hint) {
    return switch (why) {
      case RATE_LIMITED -> answer(429, "too many requests");
      case QUOTA -> answer(429, "you have reached your weekly usage limit");
      case SERVER_ERROR -> answer(500, "llama runner process has terminated");
      case UNAVAILABLE, OVERLOADED ->
        answer(503, "server busy, please try again.  maximum pending requests exceeded");
      case UNAUTHORIZED ->
        new RefusalAnswer(
            401, error("unauthorized").put("signin_url", "https://example.invalid/signin"));
      case FORBIDDEN -> answer(403, "forbidden");
      case NO_SUCH_MODEL -> answer(404, "model '" + model + "' not found");
      case CONTEXT -> answer(400, "the input length exceeds the context length");
      case FILTER -> answer(400, "the prompt was refused by the content policy");
      case PREFILL -> answer(400, "the last message must not be the assistant's");
    };
  }

  @Override
  public RefusalAnswer invalid(String message) {
    return answer(400, message);
  }

  @Override
  public RefusalAnswer noSuchPath(String method, String path) {
    return answer(404, "404 page not found");
  }

  @Override
  public void mark(int number, MultiMap headers, JsonObject refusal) {}

  @Override
  public JsonObject models(List<String> names) {
    JsonArray models = new JsonArray();
    names.stream().map(this::model).forEach(models::add);
    return new JsonObject().put("models", models);
  }

  @Override
  public JsonObject model(String name) {
    return new JsonObject()
        .put("name", name)
        .put("model", name)
        .put("modified_at", "2026-05-01T00:00:00Z")
        .put("size", 1)
        .put("digest", "0".repeat(64))
        .put(
            "details",
            new JsonObject()
                .put("family", "fake")
                .put("parameter_size", "1B")
                .put("quantization_level", "Q4_0"));
  }

  @Override
  public boolean continuesPrefill() {
    return true;
  }

  @Override
  public AnswerWire answer(int number, ModelRequest request, Script script, List<Piece> pieces) {
    return new OllamaWire(request, script, pieces);
  }

  private static RefusalAnswer answer(int status, String message) {
    return new RefusalAnswer(status, error(message));
  }
}
