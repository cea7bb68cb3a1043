package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.message.ChatMessage;
import io.consoul.message.ChatMessage.Role;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The messages of a request on /v1, each checked as far as every provider needs it; the rest of them is the provider's to judge. */
final class V1Messages {

  private static final String FIELD = "messages";
  private static final int MAX = 2_048;
  private static final String ROLES =
      Arrays.stream(Role.values()).map(Role::wireName).sorted().collect(Collectors.joining(", "));

  /** One of them makes up for the content of an assistant's message. */
  private static final List<String> INSTEAD_OF_CONTENT =
      List.of("tool_calls", "function_call", "refusal", "audio");

  private V1Messages() {}

  static List<ChatMessage> read(Fields request, JsonObject json) {
    List<Fields> checked = request.objects(FIELD, 1, MAX);
    JsonArray given = json.getJsonArray(FIELD);
    List<ChatMessage> messages = new ArrayList<>(checked.size());
    for (int i = 0; i < checked.size(); i++) {
      messages.add(message(checked.get(i), given.getJsonObject(i)));
    }
    return messages;
  }

  /** @throws io.consoul.fault.FaultException where the last message is not the user's, or no text */
  static String userText(List<ChatMessage> messages) {
    int last = messages.size() - 1;
    String place = FIELD + "[" + last + "]";
    ChatMessage message = messages.get(last);
    if (message.role() != Role.USER) {
      throw Fault.FIELD_VALIDATION_FAILED.inField(
          place + ".role", "must be user, for a session knows itself what was said before");
    }
    boolean onlyText = !(new JsonObject(message.json()).getValue("content")
            instanceof JsonArray parts)
        || parts.stream().allMatch(part -> "text".equals(((JsonObject) part).getString("type")));
    String text = message.content();
    if (!onlyText || text.isEmpty()) {
      throw Fault.FIELD_VALIDATION_FAILED.inField(
          place + ".content", "must be text, and not empty, in a session");
    }
    return text;
  }

  private static ChatMessage message(Fields fields, JsonObject json) {
    Role role = role(fields);
    if (role == Role.TOOL) {
      fields.text("tool_call_id");
    }
    content(fields, json, role);
    calls(fields, json, role);
    return new ChatMessage(role, json.encode());
  }

  private static Role role(Fields fields) {
    String name = fields.text("role");
    return Arrays.stream(Role.values())
        .filter(role -> role.wireName().equals(name))
        .findFirst()
        .orElseThrow(() -> fields.wrong("role", "must be one of " + ROLES));
  }

  private static void content(Fields fields, JsonObject json, Role role) {
    Object content = json.getValue("content");
    if (content instanceof JsonArray) {
      fields.objects("content", 1, MAX).forEach(part -> part.text("type"));
    } else if (content == null) {
      if (role != Role.ASSISTANT || INSTEAD_OF_CONTENT.stream().noneMatch(fields::has)) {
        fields.text("content");
      }
    } else if (!(content instanceof String)) {
      throw fields.wrong("content", "must be a string or a list of parts");
    }
  }

  private static void calls(Fields fields, JsonObject json, Role role) {
    if (role != Role.ASSISTANT || !fields.has("tool_calls")) {
      return;
    }
    fields.objects("tool_calls", 1, MAX).forEach(call -> {
      call.text("id");
      if (call.has("function")) {
        Fields function = call.object("function");
        function.text("name");
        function.text("arguments");
      }
    });
  }
}
