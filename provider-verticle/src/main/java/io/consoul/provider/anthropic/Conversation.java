package io.consoul.provider.anthropic;

import io.consoul.message.ChatMessage;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/**
 * A history in the shape that the messages API wants: user and assistant in turns, the user first, instructions apart, and no
 * text that is blank.
 */
final class Conversation {

  private static final String USER = "user";
  private static final String ASSISTANT = "assistant";

  /** Stands where there has to be something: the API refuses a message without content. */
  private static final String NOTHING = "…";

  private final StringBuilder system = new StringBuilder();
  private final JsonArray messages = new JsonArray();
  private JsonArray lastContent = new JsonArray();
  private String lastRole = "";

  /** @param text may be null or blank */
  void instruct(String text) {
    if (text != null && !text.isBlank()) {
      system.append(system.isEmpty() ? "" : "\n\n").append(text);
    }
  }

  void add(ChatMessage message) {
    JsonObject json = new JsonObject(message.json());
    switch (message.role()) {
      case SYSTEM, DEVELOPER -> instruct(message.content());
      case USER -> say(USER, orNothing(ContentBlocks.of(json.getValue("content"))));
      case TOOL -> say(USER, JsonArray.of(ContentBlocks.toolResult(json)));
      case ASSISTANT -> {
        if (messages.isEmpty()) {
          say(USER, orNothing(new JsonArray()));
        }
        say(ASSISTANT, ContentBlocks.ofAssistant(json));
      }
    }
  }

  /** All instructions, wherever they stood. */
  String system() {
    return system.toString();
  }

  /** What was said. The beginning of an answer that is to go on ends without white space: the API refuses that. */
  JsonArray messages() {
    if (lastRole.equals(ASSISTANT)) {
      stripEnd(lastContent);
    }
    return messages;
  }

  private void say(String role, JsonArray content) {
    if (content.isEmpty()) {
      return;
    }
    if (role.equals(lastRole)) {
      lastContent.addAll(content);
      return;
    }
    lastRole = role;
    lastContent = content;
    messages.add(new JsonObject().put("role", role).put("content", content));
  }

  private static JsonArray orNothing(JsonArray content) {
    return content.isEmpty() ? content.add(ContentBlocks.text(NOTHING)) : content;
  }

  private static void stripEnd(JsonArray content) {
    JsonObject last = content.getJsonObject(content.size() - 1);
    if (last.getValue("text") instanceof String text) {
      last.put("text", text.stripTrailing());
    }
  }
}
