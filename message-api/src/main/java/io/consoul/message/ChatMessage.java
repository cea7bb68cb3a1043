package io.consoul.message;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/**
 * One message of a prompt, kept as the JSON text that is stored and sent, {@code {"role":…,"content":…}}: a long history
 * goes from the store to an OpenAI-compatible provider without being parsed or encoded again.
 */
public record ChatMessage(Role role, String json) {

  /** Who speaks. */
  public enum Role {
    SYSTEM("system"),
    USER("user"),
    ASSISTANT("assistant"),
    /** What newer OpenAI clients call system. */
    DEVELOPER("developer"),
    /** The result of a tool call. */
    TOOL("tool");

    private final String wireName;

    /** How the JSON text of such a message begins. */
    private final String beginning;

    Role(String wireName) {
      this.wireName = wireName;
      this.beginning = "{\"role\":\"" + wireName + "\",";
    }

    public String wireName() {
      return wireName;
    }
  }

  public static ChatMessage system(String content) {
    return of(Role.SYSTEM, content);
  }

  public static ChatMessage user(String content) {
    return of(Role.USER, content);
  }

  public static ChatMessage assistant(String content) {
    return of(Role.ASSISTANT, content);
  }

  private static ChatMessage of(Role role, String content) {
    return new ChatMessage(
        role,
        new JsonObject().put("role", role.wireName).put("content", content).encode());
  }

  /** Reads a message that {@link #json} wrote; one that has its role in front, as ours have, is not parsed. */
  public static ChatMessage parse(String json) {
    for (Role known : Role.values()) {
      if (json.startsWith(known.beginning)) {
        return new ChatMessage(known, json);
      }
    }
    String role = new JsonObject(json).getString("role");
    for (Role known : Role.values()) {
      if (known.wireName.equals(role)) {
        return new ChatMessage(known, json);
      }
    }
    throw new IllegalArgumentException("unknown role");
  }

  /** The text of it; of content in parts, that of its text parts. This parses: for formats that differ from ours. */
  public String content() {
    return text(new JsonObject(json).getValue("content"));
  }

  private static String text(Object content) {
    if (content instanceof JsonArray parts) {
      StringBuilder text = new StringBuilder();
      for (Object part : parts) {
        if (part instanceof JsonObject object && object.getValue("text") instanceof String words) {
          text.append(words);
        }
      }
      return text.toString();
    }
    return content instanceof String words ? words : "";
  }
}
