package io.consoul.testkit;

import io.vertx.core.MultiMap;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.stream.Collectors;

/** A request as {@link FakeProvider} has received it. */
public record ModelRequest(String method, String path, MultiMap headers, JsonObject body) {

  public String header(String name) {
    return headers.get(name);
  }

  public String model() {
    return body.getString("model");
  }

  public boolean streaming() {
    return body.getBoolean("stream", false);
  }

  public boolean asksForUsage() {
    return body.getJsonObject("stream_options", new JsonObject())
        .getBoolean("include_usage", false);
  }

  public List<JsonObject> messages() {
    return objects(body.getJsonArray("messages"));
  }

  public String lastUserText() {
    List<JsonObject> said = messages().stream()
        .filter(message -> "user".equals(message.getString("role")))
        .toList();
    return said.isEmpty() ? "" : text(said.get(said.size() - 1));
  }

  /** What counts as the prompt's tokens: its words. */
  int words() {
    return messages().stream()
        .map(ModelRequest::text)
        .mapToInt(text -> text.isBlank() ? 0 : text.strip().split("\\s+").length)
        .sum();
  }

  /** Content is a string or an array of parts, of which only the text is of interest here. */
  private static String text(JsonObject message) {
    Object content = message.getValue("content");
    if (content instanceof JsonArray parts) {
      return objects(parts).stream()
          .map(part -> part.getString("text", ""))
          .collect(Collectors.joining());
    }
    return content == null ? "" : content.toString();
  }

  private static List<JsonObject> objects(JsonArray array) {
    return array.stream().map(JsonObject.class::cast).toList();
  }
}
