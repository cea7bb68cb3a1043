package io.consoul.acceptance;

import io.consoul.testkit.ChatClient;
import io.consoul.testkit.HttpAnswer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** A session's messages as the API tells them, page after page. */
public final class StoredTurns {

  private static final int PAGE = 30;

  private StoredTurns() {}

  /**
   * All of them, the oldest first; none where there is no such session.
   *
   * @throws AssertionError where they are not told
   */
  public static List<JsonObject> messages(ChatClient node, String session) {
    List<JsonObject> messages = new ArrayList<>();
    String cursor = null;
    do {
      HttpAnswer answer = node.get("/sessions/" + session + "/messages?limit=" + PAGE
          + (cursor == null ? "" : "&cursor=" + ChatClient.encoded(cursor)));
      if (answer.status() == 404 && cursor == null) {
        return messages;
      }
      if (answer.status() != 200) {
        throw new AssertionError("the messages of " + session + " are not told: " + answer);
      }
      JsonArray page = answer.json().getJsonArray("messages");
      page.forEach(message -> messages.add((JsonObject) message));
      cursor = answer.json().getString("next_cursor");
    } while (cursor != null);
    return messages;
  }

  /** What was said, the oldest first. */
  public static List<String> texts(ChatClient node, String session) {
    return messages(node, session).stream()
        .map(message -> message.getString("content"))
        .toList();
  }
}
