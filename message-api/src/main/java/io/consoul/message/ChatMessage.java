package io.consoul.message;

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
    ASSISTANT("assistant");

    private final String wireName;

    Role(String wireName) {
      this.wireName = wireName;
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

  /** Reads a message that {@link #json} wrote. */
  public static ChatMessage parse(String json) {
    String role = new JsonObject(json).getString("role");
    for (Role known : Role.values()) {
      if (known.wireName.equals(role)) {
        return new ChatMessage(known, json);
      }
    }
    throw new IllegalArgumentException("unknown role");
  }

  /** The text of it. This parses: for adapters whose wire format differs. */
  public String content() {
    return new JsonObject(json).getString("content", "");
  }
}
