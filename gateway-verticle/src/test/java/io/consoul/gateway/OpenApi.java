package io.consoul.gateway;

import io.vertx.core.Vertx;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** openapi.json as a judge: it compares what was really answered with what it promises, and notes what it has seen. */
final class OpenApi {

  /** What belongs to every answer, and is told of in words. */
  private static final Set<String> GENERAL_HEADERS = Set.of(
      "content-type",
      "content-length",
      "transfer-encoding",
      "connection",
      "cache-control",
      "x-content-type-options",
      "content-security-policy",
      "referrer-policy",
      "strict-transport-security",
      "vary");

  /** Statuses that any path may have for requests that its operations do not take, with the codes that go with them. */
  private static final Map<Integer, String> ANYWHERE = Map.of(
      400, "E001",
      404, "E007",
      405, "E008",
      414, "E001",
      431, "E001");

  private final JsonObject document = OpenApiEndpoint.description();
  private final Schemas schemas;
  private final List<String> operations;
  private final Map<String, Pattern> patterns = new TreeMap<>();
  private final Set<String> seen = new TreeSet<>();

  OpenApi(Vertx vertx) {
    schemas = new Schemas(vertx, document);
    operations = paths().stream()
        .flatMap(path -> ((JsonObject) path.getValue())
            .fieldNames().stream().map(method -> method.toUpperCase() + " " + path.getKey()))
        .toList();
    paths().fieldNames().forEach(path -> patterns.put(path, pattern(path)));
  }

  JsonObject document() {
    return document;
  }

  Schemas schemas() {
    return schemas;
  }

  JsonObject paths() {
    return document.getJsonObject("paths");
  }

  /** Of all operations, such as {@code POST /chat}. */
  List<String> operations() {
    return operations;
  }

  JsonObject operation(String name) {
    String[] parts = name.split(" ");
    return paths().getJsonObject(parts[1]).getJsonObject(parts[0].toLowerCase());
  }

  /** The response of an operation, or null where it has none with this status. */
  JsonObject response(String operation, int status) {
    Object response = operation(operation).getJsonObject("responses").getValue("" + status);
    return response == null ? null : (JsonObject) schemas.resolved(response);
  }

  /** Operations and the statuses that they promise, such as {@code POST /chat 200}. */
  Set<String> promised() {
    return operations().stream()
        .flatMap(operation -> operation(operation).getJsonObject("responses").fieldNames().stream()
            .map(status -> operation + " " + status))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Those of them that were really answered. */
  Set<String> seen() {
    return seen;
  }

  /** The schema of an operation's JSON body, or null. */
  JsonObject requestSchema(String operation) {
    JsonObject body = operation(operation).getJsonObject("requestBody");
    return body == null ? null : schemas.of(schemaOf(body, "application/json"));
  }

  /**
   * Judges an answer.
   *
   * @param path as it was asked for
   * @param headers by their names in lower case
   * @return what is not as the document says, or an empty text
   */
  String judge(String method, String path, int status, Map<String, String> headers, String body) {
    String template = template(path);
    String operation = (method.equals("HEAD") ? "GET" : method) + " " + template;
    boolean known = template != null && operations().contains(operation);
    JsonObject response = known ? response(operation, status) : null;
    if (method.equals("OPTIONS") && status == 204) {
      return headers.containsKey("allow") ? "" : "OPTIONS without Allow";
    }
    if (method.equals("HEAD") && response == null && ANYWHERE.containsKey(status)) {
      return body.isEmpty() ? "" : "HEAD with a body";
    }
    if (response == null || isAnywhere(status, body)) {
      return isAnywhere(status, body)
          ? complaintOfError(path, status, body)
          : operation + " has no status " + status + ": " + body;
    }
    seen.add(operation + " " + status);
    JsonObject documented = response.getJsonObject("headers", new JsonObject());
    Set<String> names = documented.fieldNames().stream()
        .map(String::toLowerCase)
        .collect(Collectors.toCollection(TreeSet::new));
    String extra = headers.keySet().stream()
        .filter(name -> !GENERAL_HEADERS.contains(name) && !names.contains(name))
        .filter(name -> !name.startsWith("access-control-"))
        .collect(Collectors.joining(", "));
    if (!extra.isEmpty()) {
      return operation + " " + status + " has undocumented headers: " + extra;
    }
    return method.equals("HEAD")
        ? ""
        : bodyComplaint(response, headers.getOrDefault("content-type", ""), body);
  }

  private String bodyComplaint(JsonObject response, String type, String body) {
    if (!response.containsKey("content")) {
      return body.isEmpty() ? "" : "there is a body where none is documented: " + body;
    }
    JsonObject schema = schemaOf(response, type);
    if (schema == null) {
      return "undocumented content type " + type;
    }
    if (!type.equals("application/json")) {
      return "";
    }
    JsonObject json = json(body);
    if (json == null) {
      return "not JSON: " + body;
    }
    String code = code(json);
    if (code != null && !response.getString("description").contains("`" + code + "`")) {
      return "code " + code + " is not documented for this status";
    }
    String complaint = schemas.complaint(schemas.strictly(schema), json);
    return complaint.isEmpty() ? "" : complaint + " in " + body;
  }

  private String complaintOfError(String path, int status, String body) {
    JsonObject json = json(body);
    String complaint = schemas.strictComplaint(errorSchema(path), json);
    String expected = ANYWHERE.get(status);
    return complaint.isEmpty() && expected.equals(code(json))
        ? ""
        : "status " + status + " with " + body + " " + complaint;
  }

  /** Under /v1 errors have OpenAI's shape. */
  private static String errorSchema(String path) {
    return path.startsWith("/v1/") ? "OpenAiError" : "Error";
  }

  private static String code(JsonObject body) {
    return body.getValue("error") instanceof JsonObject nested
        ? nested.getString("code")
        : body.getString("code");
  }

  private static boolean isAnywhere(int status, String body) {
    JsonObject json = ANYWHERE.containsKey(status) ? json(body) : null;
    return json != null && ANYWHERE.get(status).equals(code(json));
  }

  private static JsonObject json(String body) {
    try {
      return Json.decodeValue(body) instanceof JsonObject object ? object : null;
    } catch (DecodeException malformed) {
      return null;
    }
  }

  /** The path of the document that a path of a request is one of, or null; the most literal one wins. */
  private String template(String path) {
    String bare = path.replaceFirst("\\?.*", "");
    return patterns.entrySet().stream()
        .filter(entry -> entry.getValue().matcher(bare).matches())
        .map(Map.Entry::getKey)
        .min((a, b) -> Integer.compare(a.split("\\{").length, b.split("\\{").length))
        .orElse(null);
  }

  private static Pattern pattern(String path) {
    return Pattern.compile(
        Pattern.quote(path)
            .replace("{model}", "\\E.+\\Q")
            .replaceAll("\\{[a-z_]+}", "\\\\E[^/]+\\\\Q"),
        Pattern.DOTALL);
  }

  private static JsonObject schemaOf(JsonObject bodyOrResponse, String type) {
    JsonObject media = bodyOrResponse.getJsonObject("content").getJsonObject(type);
    return media == null ? null : media.getJsonObject("schema");
  }
}
