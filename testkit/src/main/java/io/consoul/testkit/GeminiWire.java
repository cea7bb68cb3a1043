package io.consoul.testkit;

import io.consoul.testkit.Piece.Kind;
import io.consoul.testkit.Script.UsagePlace;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** One answer in Gemini's format: each event a whole response, the last of which tells why it ends. */
final class GeminiWire implements AnswerWire {

  private final String id;
  private final ModelRequest request;
  private final Script script;
  private final List<Piece> pieces;
  private final int tokens;

  GeminiWire(int number, ModelRequest request, Script script, List<Piece> pieces) {
    this.id = "r-" + number;
    this.request = request;
    this.script = script;
    this.pieces = Pieces.withWholeCalls(pieces);
    this.tokens = pieces.size();
  }

  @Override
  public String contentType() {
    return "text/event-stream";
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
    boolean last = index == pieces.size() - 1;
    JsonObject candidate = candidate(new JsonArray().add(part(pieces.get(index))));
    boolean finishes = last && finishesOnPiece();
    if (finishes) {
      candidate.put("finishReason", finishReason());
    }
    return event(response(
            candidate.put("index", 0),
            finishes || last && script.usagePlace() != UsagePlace.OWN_CHUNK)
        .encode());
  }

  @Override
  public List<String> closing() {
    if (!pieces.isEmpty() && finishesOnPiece()) {
      return List.of();
    }
    JsonArray nothing = new JsonArray().add(new JsonObject().put("text", ""));
    JsonObject candidate =
        candidate(nothing).put("finishReason", finishReason()).put("index", 0);
    return List.of(event(response(candidate, true).encode()));
  }

  /** A chunk of its own where something is to happen between the last piece and the end. */
  private boolean finishesOnPiece() {
    return script.heldAfter() < pieces.size()
        && !(script.troubledInStream() && script.troubleAfter() >= pieces.size())
        && script.usagePlace() != UsagePlace.LAST_PIECE
        && script.usagePlace() != UsagePlace.BOTH;
  }

  @Override
  public String malformed() {
    return event("{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"te");
  }

  /** Without a {@code data:} before it, over several lines. */
  @Override
  public String errorEvent() {
    return inBandError().replace("\n", script.lineEnd()) + script.lineEnd();
  }

  @Override
  public String inBandError() {
    return GeminiDialect.error(500, "INTERNAL", "An internal error has occurred.", new JsonArray())
        .encodePrettily();
  }

  @Override
  public String whole() {
    JsonArray parts = new JsonArray();
    StringBuilder text = new StringBuilder();
    for (int at = 0; at < pieces.size(); at++) {
      text.append(pieces.get(at).text());
      boolean goesOn = at + 1 < pieces.size()
          && pieces.get(at).kind() != Kind.TOOL_CALL
          && pieces.get(at + 1).kind() == pieces.get(at).kind();
      if (!goesOn) {
        parts.add(part(pieces.get(at).withText(text.toString())));
        text.setLength(0);
      }
    }
    JsonObject candidate = candidate(parts).put("finishReason", finishReason()).put("index", 0);
    String whole = response(candidate, true).encode();
    return request.asksForArray() ? "[" + whole + "]" : whole;
  }

  private static JsonObject candidate(JsonArray parts) {
    return new JsonObject()
        .put("content", new JsonObject().put("role", "model").put("parts", parts));
  }

  private static JsonObject part(Piece piece) {
    return switch (piece.kind()) {
      case REASONING -> new JsonObject().put("text", piece.text()).put("thought", true);
      case TOOL_CALL, TOOL_ARGUMENTS ->
        new JsonObject()
            .put(
                "functionCall",
                new JsonObject()
                    .put("name", piece.name())
                    .put("args", Pieces.object(piece.text())));
      case TEXT, ECHO, DELTA -> new JsonObject().put("text", piece.text());
    };
  }

  private JsonObject response(JsonObject candidate, boolean counted) {
    JsonObject response = new JsonObject().put("candidates", new JsonArray().add(candidate));
    if (script.usagePlace() != UsagePlace.NOWHERE) {
      response.put("usageMetadata", usage(counted));
    }
    return response.put("modelVersion", request.model()).put("responseId", id);
  }

  /** It grows from chunk to chunk, and the answer is counted at its end. Thoughts are not among the candidates' tokens. */
  private JsonObject usage(boolean counted) {
    int prompt = script.promptTokensOr(request.words());
    JsonObject usage = new JsonObject().put("promptTokenCount", prompt);
    int completion = counted ? script.completionTokensOr(tokens) : 0;
    int thoughts = counted ? Math.min(completion, Pieces.count(pieces, Kind.REASONING)) : 0;
    if (counted) {
      usage.put("candidatesTokenCount", completion - thoughts);
    }
    if (thoughts > 0) {
      usage.put("thoughtsTokenCount", thoughts);
    }
    if (script.cached() > 0) {
      usage.put("cachedContentTokenCount", script.cached());
    }
    return usage.put("totalTokenCount", prompt + completion);
  }

  private String finishReason() {
    return switch (script.finishReason()) {
      case "stop", "tool_calls" -> "STOP";
      case "length" -> "MAX_TOKENS";
      case "content_filter" -> "SAFETY";
      default -> script.finishReason();
    };
  }

  private String event(String data) {
    String end = script.lineEnd();
    return (script.comments() ? ": keep-alive" + end + end : "") + "data: " + data + end + end;
  }
}
