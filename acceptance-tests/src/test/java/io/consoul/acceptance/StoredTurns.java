package io.consoul.acceptance;

import io.consoul.testkit.ChatClient;
import io.consoul.testkit.HttpAnswer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A session's messages as the API tells them, page after page. */
public final class StoredTurns {

  private static final int PAGE = 30;

  /** For an answer that the store cannot tell now, as just after a node has gone: whoever gets it asks again. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final long PAUSE_MILLIS = 200;

  private StoredTurns() {}

  /**
   * All of them, the oldest first; none where there is no such session. Where a store may be between two states, it is asked again.
   *
   * @throws AssertionError where they are not told
   */
  public static List<JsonObject> messages(ChatClient node, String session) {
    return messages(node, session, PATIENCE);
  }

  private static List<JsonObject> messages(ChatClient node, String session, Duration patience) {
    List<JsonObject> messages = new ArrayList<>();
    String cursor = null;
    do {
      HttpAnswer answer = page(node, session, cursor, patience);
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

  private static HttpAnswer page(
      ChatClient node, String session, String cursor, Duration patience) {
    String path = "/sessions/" + session + "/messages?limit=" + PAGE
        + (cursor == null ? "" : "&cursor=" + ChatClient.encoded(cursor));
    long begun = System.nanoTime();
    HttpAnswer answer = node.get(path);
    while (answer.status() == 503 && System.nanoTime() - begun < patience.toNanos()) {
      try {
        TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted", interrupted);
      }
      answer = node.get(path);
    }
    return answer;
  }

  /** What was said, the oldest first. */
  public static List<String> texts(ChatClient node, String session) {
    return texts(messages(node, session));
  }

  /** The same from a store that has to tell it at once. */
  public static List<String> textsAtOnce(ChatClient node, String session) {
    return texts(messages(node, session, Duration.ZERO));
  }

  private static List<String> texts(List<JsonObject> messages) {
    return messages.stream().map(message -> message.getString("content")).toList();
  }
}
