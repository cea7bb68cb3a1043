package io.consoul.testkit;

import io.consoul.testkit.Piece.Kind;
import io.consoul.testkit.Script.UsagePlace;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.stream.Collectors;

/** One answer in Ollama's own format: a JSON object in each line. */
final class OllamaWire implements AnswerWire {

  private static final String CREATED = "2026-05-01T10:00:00.1Z";

  private final ModelRequest request;
  private final Script script;
  private final List<Piece> pieces;
  private final int tokens;

  OllamaWire(ModelRequest request, Script script, List<Piece> pieces) {
    this.request = request;
    this.script = script;
    this.pieces = Pieces.withWholeCalls(pieces);
    this.tokens = pieces.size();
  }

  @Override
  public String contentType() {
    return "application/x-ndjson";
  }

  @Override
  public int pieces() {
    return pieces.size();
  }

  @Override
  public String opening() {
    return "";
  }

  @Override
  public String piece(int index) {
    JsonObject line = line(message(List.of(pieces.get(index)))).put("done", false);
    if (index == pieces.size() - 1
        && (script.usagePlace() == UsagePlace.LAST_PIECE
            || script.usagePlace() == UsagePlace.BOTH)) {
      count(line);
    }
    return written(line.encode());
  }

  @Override
  public List<String> closing() {
    boolean counted =
        script.usagePlace() == UsagePlace.OWN_CHUNK || script.usagePlace() == UsagePlace.BOTH;
    return List.of(written(ended(line(message(List.of())), counted).encode()));
  }

  @Override
  public String malformed() {
    return written("{\"model\":\"" + request.model() + "\",\"message\":{\"role\":\"assis");
  }

  @Override
  public String errorEvent() {
    return written(inBandError());
  }

  @Override
  public String inBandError() {
    return OllamaDialect.error("an error was encountered while running the model")
        .encode();
  }

  @Override
  public String whole() {
    boolean counted = script.usagePlace() != UsagePlace.NOWHERE;
    return ended(line(message(pieces)), counted).encode();
  }

  private JsonObject line(JsonObject message) {
    return new JsonObject()
        .put("model", request.model())
        .put("created_at", CREATED)
        .put("message", message);
  }

  private static JsonObject message(List<Piece> pieces) {
    JsonObject message =
        new JsonObject().put("role", "assistant").put("content", Pieces.text(pieces));
    if (Pieces.count(pieces, Kind.REASONING) > 0) {
      message.put(
          "thinking",
          pieces.stream()
              .filter(piece -> piece.kind() == Kind.REASONING)
              .map(Piece::text)
              .collect(Collectors.joining()));
    }
    JsonArray calls = new JsonArray();
    pieces.stream().filter(Piece::isTool).map(OllamaWire::call).forEach(calls::add);
    return calls.isEmpty() ? message : message.put("tool_calls", calls);
  }

  private static JsonObject call(Piece piece) {
    return new JsonObject()
        .put(
            "function",
            new JsonObject()
                .put("name", piece.name())
                .put("arguments", Pieces.object(piece.text())));
  }

  private JsonObject ended(JsonObject line, boolean counted) {
    line.put("done", true)
        .put("done_reason", script.finishReason().equals("length") ? "length" : "stop")
        .put("total_duration", 4_883_583_458L)
        .put("load_duration", 1_334_875);
    return counted ? count(line) : line;
  }

  private JsonObject count(JsonObject line) {
    return line.put("prompt_eval_count", script.promptTokensOr(request.words()))
        .put("prompt_eval_duration", 342_546_000)
        .put("eval_count", script.completionTokensOr(tokens))
        .put("eval_duration", 4_535_599_000L);
  }

  /** Empty lines are all the noise that the format can have. */
  private String written(String line) {
    return (script.comments() ? script.lineEnd() : "") + line + script.lineEnd();
  }
}
