package io.consoul.testkit;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A request as {@link FakeProvider} has received it.
 *
 * @param query the part of the address behind the question mark, or null
 */
public record ModelRequest(
    ProviderKind kind,
    String method,
    String path,
    String query,
    MultiMap headers,
    JsonObject body) {

  private static final Set<String> OWN_ROLES = Set.of("assistant", "model");

  static ModelRequest of(ProviderKind kind, HttpServerRequest http, JsonObject body) {
    return new ModelRequest(
        kind,
        http.method().name(),
        http.path(),
        http.query(),
        MultiMap.caseInsensitiveMultiMap().addAll(http.headers()),
        body);
  }

  public String header(String name) {
    return headers.get(name);
  }

  /** The model's name, in the body or, for Gemini, in the path. */
  public String model() {
    return kind == ProviderKind.GEMINI
        ? path.substring(path.lastIndexOf('/') + 1, path.lastIndexOf(':'))
        : body.getString("model");
  }

  public boolean streaming() {
    return switch (kind) {
      case OPENAI, ANTHROPIC -> body.getBoolean("stream", false);
      case OLLAMA -> body.getBoolean("stream", true);
      case GEMINI -> path.endsWith(":streamGenerateContent") && !asksForArray();
    };
  }

  /** Whether Gemini is to stream, but not as events. */
  boolean asksForArray() {
    return path.endsWith(":streamGenerateContent")
        && (query == null || !List.of(query.split("&")).contains("alt=sse"));
  }

  public boolean asksForUsage() {
    return body.getJsonObject("stream_options", new JsonObject())
        .getBoolean("include_usage", false);
  }

  /** The conversation in the format's own words; Gemini's {@code contents}. */
  public List<JsonObject> messages() {
    return objects(
        body.getJsonArray(kind == ProviderKind.GEMINI ? "contents" : "messages", new JsonArray()));
  }

  /** The newest text of the user's; what tools have returned is none. */
  public String lastUserText() {
    List<String> said = userTexts();
    return said.isEmpty() ? "" : said.get(said.size() - 1);
  }

  /** The beginning that an answer is to go on from, or null. */
  public String prefill() {
    List<JsonObject> messages = messages();
    JsonObject last = messages.isEmpty() ? new JsonObject() : messages.get(messages.size() - 1);
    boolean own = OWN_ROLES.contains(last.getString("role", ""));
    return own && !last.containsKey("tool_calls") ? text(last) : null;
  }

  /** What is asked, the same for every format, and also when the answer is to be gone on with. */
  String question() {
    return String.join("\n", userTexts());
  }

  /** What counts as the prompt's tokens: its words. */
  int words() {
    return words(body.getValue("system"))
        + words(parts(body.getJsonObject("systemInstruction")))
        + messages().stream().mapToInt(message -> words(text(message))).sum();
  }

  private List<String> userTexts() {
    return messages().stream()
        .filter(message -> "user".equals(message.getString("role", "user")))
        .map(ModelRequest::text)
        .filter(text -> !text.isEmpty())
        .toList();
  }

  private static JsonArray parts(JsonObject instruction) {
    return instruction == null ? null : instruction.getJsonArray("parts");
  }

  private static int words(Object content) {
    String text = text(content);
    return text.isBlank() ? 0 : text.strip().split("\\s+").length;
  }

  private static String text(JsonObject message) {
    return text(message.getValue(message.containsKey("parts") ? "parts" : "content"));
  }

  /** Content is a string or an array of parts, of which only the text is of interest here. */
  private static String text(Object content) {
    if (content instanceof JsonArray parts) {
      return objects(parts).stream()
          .filter(part -> !part.getBoolean("thought", false))
          .map(part -> part.getString("text", ""))
          .collect(Collectors.joining());
    }
    return content == null ? "" : content.toString();
  }

  static List<JsonObject> objects(JsonArray array) {
    return array.stream().map(JsonObject.class::cast).toList();
  }
}
