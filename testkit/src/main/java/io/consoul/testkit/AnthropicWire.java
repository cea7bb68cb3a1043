package io.consoul.testkit;

import io.consoul.testkit.Piece.Kind;
import io.consoul.testkit.Script.UsagePlace;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** One answer in the format of Anthropic's messages: blocks, each with a beginning, pieces and an end. */
final class AnthropicWire implements AnswerWire {

  private static final String SIGNATURE = "c2lnbmF0dXJlIG9mIHRoZSBmYWtl";

  private final String id;
  private final ModelRequest request;
  private final Script script;
  private final List<Piece> pieces;
  private final int[] blocks;

  AnthropicWire(int number, ModelRequest request, Script script, List<Piece> pieces) {
    this.id = "msg_" + number;
    this.request = request;
    this.script = script;
    this.pieces = pieces;
    this.blocks = blocks(pieces);
  }

  /** The block of each piece: a run of text or of thoughts, or one tool call, wherever its pieces are. */
  private static int[] blocks(List<Piece> pieces) {
    int[] blocks = new int[pieces.size()];
    int count = 0;
    for (int at = 0; at < blocks.length; at++) {
      int own = -1;
      for (int before = at - 1; before >= 0 && own < 0; before--) {
        boolean same = pieces.get(at).isTool()
            ? pieces.get(before).isTool()
                && pieces.get(before).index() == pieces.get(at).index()
            : before == at - 1 && pieces.get(before).kind() == pieces.get(at).kind();
        own = same ? blocks[before] : -1;
      }
      blocks[at] = own >= 0 ? own : count++;
    }
    return blocks;
  }

  @Override
  public String contentType() {
    return "text/event-stream; charset=utf-8";
  }

  @Override
  public int pieces() {
    return pieces.size();
  }

  @Override
  public String opening() {
    JsonObject message = new JsonObject()
        .put("id", id)
        .put("type", "message")
        .put("role", "assistant")
        .put("content", new JsonArray())
        .put("model", request.model())
        .putNull("stop_reason")
        .putNull("stop_sequence");
    if (script.usagePlace() != UsagePlace.NOWHERE) {
      message.put("usage", promptUsage().put("output_tokens", 1));
    }
    return event(new JsonObject().put("type", "message_start").put("message", message));
  }

  @Override
  public String piece(int index) {
    Piece piece = pieces.get(index);
    int block = blocks[index];
    StringBuilder events = new StringBuilder();
    if (firstOf(block) == index) {
      events.append(ends(index));
      events.append(
          event(ofBlock("content_block_start", block).put("content_block", beginning(piece))));
      if (index == 0) {
        events.append(rawEvent("ping", "{\"type\": \"ping\"}"));
      }
    }
    events.append(event(ofBlock("content_block_delta", block).put("delta", delta(piece))));
    if (index == pieces.size() - 1
        && (script.usagePlace() == UsagePlace.LAST_PIECE
            || script.usagePlace() == UsagePlace.BOTH)) {
      events.append(event(messageDelta(new JsonObject().putNull("stop_reason"), true)));
    }
    return events.toString();
  }

  @Override
  public List<String> closing() {
    List<String> events = new ArrayList<>();
    events.add(ends(pieces.size()));
    JsonObject delta = new JsonObject().put("stop_reason", stopReason()).putNull("stop_sequence");
    if (stopReason().equals("refusal")) {
      delta.put("stop_details", stopDetails());
    }
    boolean told =
        script.usagePlace() == UsagePlace.OWN_CHUNK || script.usagePlace() == UsagePlace.BOTH;
    events.add(event(messageDelta(delta, told)));
    if (script.done()) {
      events.add(event(new JsonObject().put("type", "message_stop")));
    }
    return events;
  }

  @Override
  public String malformed() {
    return rawEvent(
        "content_block_delta",
        "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_del");
  }

  @Override
  public String errorEvent() {
    return rawEvent("error", inBandError());
  }

  @Override
  public String inBandError() {
    return AnthropicDialect.error("overloaded_error", "Overloaded").encode();
  }

  @Override
  public String whole() {
    JsonArray content = new JsonArray();
    for (int at = 0; at < pieces.size(); at++) {
      if (firstOf(blocks[at]) == at) {
        content.add(block(at));
      }
    }
    JsonObject whole = new JsonObject()
        .put("id", id)
        .put("type", "message")
        .put("role", "assistant")
        .put("model", request.model())
        .put("content", content)
        .put("stop_reason", stopReason())
        .putNull("stop_sequence")
        .put("stop_details", stopReason().equals("refusal") ? stopDetails() : null);
    if (script.usagePlace() != UsagePlace.NOWHERE) {
      JsonObject creation =
          new JsonObject().put("ephemeral_5m_input_tokens", 0).put("ephemeral_1h_input_tokens", 0);
      whole.put(
          "usage",
          promptUsage()
              .put("cache_creation", creation)
              .put("output_tokens", script.completionTokensOr(pieces.size()))
              .put("output_tokens_details", thinkingTokens())
              .putNull("server_tool_use")
              .put("service_tier", "standard"));
    }
    return whole.encode();
  }

  private JsonObject block(int at) {
    Piece piece = pieces.get(at);
    StringBuilder text = new StringBuilder();
    for (int each = at; each < pieces.size(); each++) {
      text.append(blocks[each] == blocks[at] ? pieces.get(each).text() : "");
    }
    JsonObject block = beginning(piece);
    return switch (piece.kind()) {
      case REASONING -> block.put("thinking", text.toString()).put("signature", SIGNATURE);
      case TOOL_CALL, TOOL_ARGUMENTS -> block.put("input", Pieces.object(text.toString()));
      case TEXT, ECHO, DELTA -> block.put("text", text.toString()).putNull("citations");
    };
  }

  private static JsonObject beginning(Piece piece) {
    return switch (piece.kind()) {
      case REASONING ->
        new JsonObject().put("type", "thinking").put("thinking", "").put("signature", "");
      case TOOL_CALL, TOOL_ARGUMENTS ->
        new JsonObject()
            .put("type", "tool_use")
            .put("id", piece.id())
            .put("name", piece.name())
            .put("input", new JsonObject());
      case TEXT, ECHO, DELTA -> new JsonObject().put("type", "text").put("text", "");
    };
  }

  private static JsonObject delta(Piece piece) {
    return switch (piece.kind()) {
      case REASONING ->
        new JsonObject().put("type", "thinking_delta").put("thinking", piece.text());
      case TOOL_CALL, TOOL_ARGUMENTS ->
        new JsonObject().put("type", "input_json_delta").put("partial_json", piece.text());
      case TEXT, ECHO, DELTA ->
        new JsonObject().put("type", "text_delta").put("text", piece.text());
    };
  }

  /** Ends the blocks that are open before this piece and have nothing more to come. */
  private String ends(int index) {
    StringBuilder events = new StringBuilder();
    for (int before = 0; before < index; before++) {
      int block = blocks[before];
      int last = lastOf(block);
      if (firstOf(block) != before || last >= index || endedBefore(last, index)) {
        continue;
      }
      if (pieces.get(before).kind() == Kind.REASONING) {
        JsonObject signed =
            new JsonObject().put("type", "signature_delta").put("signature", SIGNATURE);
        events.append(event(ofBlock("content_block_delta", block).put("delta", signed)));
      }
      events.append(event(ofBlock("content_block_stop", block)));
    }
    return events.toString();
  }

  /** Whether another block has begun after the last piece of this one, and so has ended it. */
  private boolean endedBefore(int last, int index) {
    for (int at = last + 1; at < index; at++) {
      if (firstOf(blocks[at]) == at) {
        return true;
      }
    }
    return false;
  }

  private int firstOf(int block) {
    int at = 0;
    while (blocks[at] != block) {
      at++;
    }
    return at;
  }

  private int lastOf(int block) {
    int at = blocks.length - 1;
    while (blocks[at] != block) {
      at--;
    }
    return at;
  }

  private String stopReason() {
    return switch (script.finishReason()) {
      case "stop" -> "end_turn";
      case "length" -> "max_tokens";
      case "tool_calls" -> "tool_use";
      case "content_filter" -> "refusal";
      default -> script.finishReason();
    };
  }

  private static JsonObject stopDetails() {
    return new JsonObject().put("type", "refusal").putNull("category").putNull("explanation");
  }

  private JsonObject messageDelta(JsonObject delta, boolean withUsage) {
    JsonObject event = new JsonObject().put("type", "message_delta").put("delta", delta);
    if (!withUsage) {
      return event;
    }
    JsonObject usage =
        new JsonObject().put("output_tokens", script.completionTokensOr(pieces.size()));
    if (Pieces.count(pieces, Kind.REASONING) > 0) {
      usage.put("output_tokens_details", thinkingTokens());
    }
    return event.put("usage", usage);
  }

  private JsonObject thinkingTokens() {
    return new JsonObject().put("thinking_tokens", Pieces.count(pieces, Kind.REASONING));
  }

  /** Here, unlike elsewhere, what came from the cache is not counted among the input. */
  private JsonObject promptUsage() {
    return new JsonObject()
        .put("input_tokens", script.promptTokensOr(request.words()) - script.cached())
        .put("cache_creation_input_tokens", 0)
        .put("cache_read_input_tokens", script.cached());
  }

  private static JsonObject ofBlock(String type, int block) {
    return new JsonObject().put("type", type).put("index", block);
  }

  private String event(JsonObject data) {
    return rawEvent(data.getString("type"), data.encode());
  }

  private String rawEvent(String name, String data) {
    String end = script.lineEnd();
    String noise = script.comments()
        ? ": keep-alive" + end + end + "event: ping" + end + "data: {\"type\": \"ping\"}" + end
            + end
        : "";
    return noise + "event: " + name + end + "data: " + data + end + end;
  }
}
