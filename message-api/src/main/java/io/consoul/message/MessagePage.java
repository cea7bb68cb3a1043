package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;

/**
 * Session to whoever asked: messages as they are stored, oldest first.
 *
 * @param nextCursor null when there are no more
 */
public record MessagePage(SessionId session, List<Entry> messages, String nextCursor)
    implements BusMessage {

  /**
   * One message.
   *
   * @param model null for a user's message, as are the two after it
   */
  public record Entry(
      ChatMessage message,
      TurnId turn,
      Instant timestamp,
      String model,
      Usage usage,
      FinishReason finishReason) {

    public Entry {
      requireNonNull(message, "message");
      requireNonNull(turn, "turn");
      requireNonNull(timestamp, "timestamp");
    }

    private JsonObject toJson() {
      JsonObject json = new JsonObject()
          .put("message", message.json())
          .put("turn", turn.value())
          .put("timestamp", timestamp);
      return usage == null
          ? json
          : json.put("model", model)
              .put("usage", usage.toJson())
              .put("finish_reason", finishReason.wireName());
    }

    private static Entry fromJson(JsonObject json) {
      JsonObject usage = json.getJsonObject("usage");
      return new Entry(
          ChatMessage.parse(json.getString("message")),
          TurnId.parse(json.getString("turn")),
          json.getInstant("timestamp"),
          json.getString("model"),
          usage == null ? null : Usage.fromJson(usage),
          usage == null ? null : FinishReason.of(json.getString("finish_reason")));
    }
  }

  public MessagePage {
    requireNonNull(session, "session");
    messages = List.copyOf(messages);
  }

  @Override
  public WireType wireType() {
    return WireType.SESSION_MESSAGE_PAGE;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject()
        .put("session", session.value())
        .put("messages", new JsonArray(messages.stream().map(Entry::toJson).toList()))
        .put("next_cursor", nextCursor);
  }

  static MessagePage fromJson(JsonObject json) {
    return new MessagePage(
        SessionId.of(json),
        json.getJsonArray("messages").stream()
            .map(entry -> Entry.fromJson((JsonObject) entry))
            .toList(),
        json.getString("next_cursor"));
  }
}
