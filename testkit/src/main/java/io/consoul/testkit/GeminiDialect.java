package io.consoul.testkit;

import static io.consoul.testkit.InvalidRequest.unless;

import io.vertx.core.MultiMap;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Set;

/** Google's Gemini, with the requests that are refused and the words for it. */
final class GeminiDialect implements Dialect {

  private static final Set<String> FIELDS = Set.of(
      "contents",
      "systemInstruction",
      "tools",
      "toolConfig",
      "safetySettings",
      "generationConfig",
      "cachedContent",
      "labels",
      "model");

  private static final Set<String> PARTS = Set.of(
      "text",
      "inlineData",
      "fileData",
      "functionCall",
      "functionResponse",
      "executableCode",
      "codeExecutionResult");

  static JsonObject error(int status, String name, String message, JsonArray details) {
    JsonObject error =
        new JsonObject().put("code", status).put("message", message).put("status", name);
    if (!details.isEmpty()) {
      error.put("details", details);
    }
    return new JsonObject().put("error", error);
  }

  @Override
  public void check(ModelRequest request) {
    JsonObject body = request.body();
    for (String field : body.fieldNames()) {
      unless(
          FIELDS.contains(field),
          "Invalid JSON payload received. Unknown name \"" + field + "\": Cannot find field.");
    }
    unless(
        !request.messages().isEmpty(),
        "* GenerateContentRequest.contents: contents is not specified");
    for (JsonObject content : request.messages()) {
      String role = content.getString("role", "user");
      unless(role.equals("user") || role.equals("model"), "Please use a valid role: user, model.");
      parts(content);
    }
    if (body.getJsonObject("systemInstruction") != null) {
      parts(body.getJsonObject("systemInstruction"));
    }
    body.getJsonObject("generationConfig", new JsonObject()).getInteger("maxOutputTokens");
    body.getJsonObject("generationConfig", new JsonObject()).getJsonArray("stopSequences");
    request.words();
  }

  private static void parts(JsonObject content) {
    JsonArray parts = content.getJsonArray("parts", new JsonArray());
    unless(
        !parts.isEmpty(),
        "* GenerateContentRequest.contents.parts: contents.parts must not be empty.");
    for (JsonObject part : ModelRequest.objects(parts)) {
      unless(
          part.fieldNames().stream().anyMatch(PARTS::contains),
          "* GenerateContentRequest.contents.parts.data: required oneof field 'data' must have one"
              + " initialized field");
      part.getString("text");
      for (String call : List.of("functionCall", "functionResponse")) {
        JsonObject function = part.getJsonObject(call);
        if (function != null) {
          unless(function.getString("name") != null, call + ".name: Name cannot be empty.");
          function.getJsonObject("args");
          function.getJsonObject("response");
        }
      }
    }
  }

  @Override
  public boolean bears(ModelRequest request, String key) {
    return key.equals(request.header("x-goog-api-key"))
        || request.query() != null && List.of(request.query().split("&")).contains("key=" + key);
  }

  @Override
  public RefusalAnswer refusal(Refusal why, String model, RetryHint hint) {
    return switch (why) {
      case RATE_LIMITED ->
        answer(
            429,
            "RESOURCE_EXHAUSTED",
            "You exceeded your current rate limit.",
            details("GenerateRequestsPerMinutePerProjectPerModel", hint));
      case QUOTA ->
        answer(
            429,
            "RESOURCE_EXHAUSTED",
            "You exceeded your current quota.",
            details("GenerateRequestsPerDayPerProjectPerModel", hint));
      case SERVER_ERROR ->
        answer(500, "INTERNAL", "An internal error has occurred.", new JsonArray());
      case UNAVAILABLE, OVERLOADED ->
        answer(503, "UNAVAILABLE", "The model is overloaded.", new JsonArray());
      case UNAUTHORIZED ->
        answer(
            400,
            "INVALID_ARGUMENT",
            "API key not valid. Please pass a valid API key.",
            new JsonArray()
                .add(new JsonObject()
                    .put("@type", "type.googleapis.com/google.rpc.ErrorInfo")
                    .put("reason", "API_KEY_INVALID")
                    .put("domain", "googleapis.com")));
      case FORBIDDEN ->
        answer(403, "PERMISSION_DENIED", "The caller does not have permission", new JsonArray());
      case NO_SUCH_MODEL ->
        answer(
            404,
            "NOT_FOUND",
            "models/" + model + " is not found for API version v1beta.",
            new JsonArray());
      case CONTEXT ->
        invalid("The input token count (1200000) exceeds the maximum number of tokens allowed"
            + " (1048576).");
      // No error but an answer without candidates.
      case FILTER ->
        new RefusalAnswer(
            200,
            new JsonObject()
                .put("promptFeedback", new JsonObject().put("blockReason", "SAFETY"))
                .put("usageMetadata", new JsonObject().put("promptTokenCount", 1)));
      case PREFILL -> invalid("Please ensure that the last content has the role user.");
    };
  }

  private static JsonArray details(String quota, RetryHint hint) {
    JsonArray violations = new JsonArray().add(new JsonObject().put("quotaId", quota));
    JsonArray details = new JsonArray()
        .add(new JsonObject()
            .put("@type", "type.googleapis.com/google.rpc.QuotaFailure")
            .put("violations", violations));
    if (hint != null) {
      details.add(new JsonObject()
          .put("@type", "type.googleapis.com/google.rpc.RetryInfo")
          .put("retryDelay", hint.retryDelay()));
    }
    return details;
  }

  @Override
  public RefusalAnswer invalid(String message) {
    return answer(400, "INVALID_ARGUMENT", message, new JsonArray());
  }

  @Override
  public RefusalAnswer noSuchPath(String method, String path) {
    return answer(404, "NOT_FOUND", "Not found", new JsonArray());
  }

  /** The id stands in the body. */
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
        .put("name", "models/" + name)
        .put("version", "001")
        .put("displayName", name)
        .put("inputTokenLimit", 1_048_576)
        .put("outputTokenLimit", 8_192)
        .put(
            "supportedGenerationMethods",
            new JsonArray().add("generateContent").add("streamGenerateContent"));
  }

  @Override
  public boolean continuesPrefill() {
    return true;
  }

  @Override
  public AnswerWire answer(int number, ModelRequest request, Script script, List<Piece> pieces) {
    return new GeminiWire(number, request, script, pieces);
  }

  private static RefusalAnswer answer(int status, String name, String message, JsonArray details) {
    return new RefusalAnswer(status, error(status, name, message, details));
  }
}
