package io.consoul.acceptance.ledger;

import static java.util.stream.Collectors.joining;

import io.consoul.testkit.ChatClient;
import io.consoul.testkit.EventStream;
import io.consoul.testkit.HttpAnswer;
import io.consoul.testkit.SseEvent;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What came of one request.
 *
 * @param turn id of the turn, or null
 * @param answer where it was acknowledged, whole
 * @param code of the failure, {@code lost} where the connection broke or nothing came, null after an acknowledgement
 * @param status of HTTP, 0 where there was none
 */
record Attempt(String turn, String answer, String finishReason, String code, int status) {

  private static final String LOST = "lost";

  /** Said of a turn that ended before its end and is stored as far as it went; the same key gets no other answer. */
  private static final String KEPT = "what was said until then is kept";

  static final String CUT_OFF = "cut off";

  boolean isAcknowledged() {
    return code == null;
  }

  /** The server has refused it for what it is, and nothing was begun. */
  boolean isRefused() {
    return status >= 400 && status < 500;
  }

  boolean isCutOff() {
    return CUT_OFF.equals(code);
  }

  boolean isBusy() {
    return "E102".equals(code);
  }

  boolean isNoSuchTurn() {
    return "E100".equals(code);
  }

  /** The turn as one request with one answer. */
  static Attempt whole(ChatClient node, String session, String text, Map<String, String> headers) {
    try {
      HttpAnswer answer = node.chat(session, text, headers);
      JsonObject body = answer.json();
      return answer.status() == 200
          ? new Attempt(
              body.getString("turn_id"),
              body.getString("response"),
              body.getString("finish_reason"),
              null,
              200)
          : new Attempt(null, null, null, code(body), answer.status());
    } catch (RuntimeException | AssertionError lost) {
      return new Attempt(null, null, null, LOST, 0);
    }
  }

  /**
   * What an opened stream led to.
   *
   * @param before what had come in earlier streams of the same turn; what comes is added
   */
  static Attempt streamed(EventStream stream, StringBuilder before, Duration limit) {
    try {
      stream.awaitEnd(limit);
    } catch (AssertionError silent) {
      stream.abort();
    }
    List<SseEvent> all = stream.events(); // once: of a stream that was left more may still come in
    List<SseEvent> tokens = named("token", all);
    String gap = append(tokens, before);
    String last = tokens.isEmpty() ? null : tokens.get(tokens.size() - 1).id();
    String turn = last == null ? null : last.substring(0, last.lastIndexOf(':'));
    if (gap != null) {
      return new Attempt(turn, null, null, gap, 200);
    }
    if (!named("done", all).isEmpty()) {
      JsonObject done = named("done", all).get(0).json();
      return new Attempt(
          done.getString("turn_id"), before.toString(), done.getString("finish_reason"), null, 200);
    }
    if (!named("error", all).isEmpty()) {
      JsonObject error = named("error", all).get(0).json();
      return new Attempt(turn, null, null, code(error), 200);
    }
    return new Attempt(turn, null, null, LOST, 0).orRefusal(stream);
  }

  private Attempt orRefusal(EventStream stream) {
    try {
      return stream.status() == 200
          ? this
          : new Attempt(turn, null, null, code(stream.refusal().json()), stream.status());
    } catch (RuntimeException | AssertionError lost) {
      return this;
    }
  }

  private static String code(JsonObject error) {
    return error.getString("message", "").contains(KEPT) ? CUT_OFF : error.getString("code");
  }

  private static List<SseEvent> named(String name, List<SseEvent> events) {
    return events.stream().filter(event -> event.event().equals(name)).toList();
  }

  /** @return what is wrong with the offsets, or null */
  private static String append(List<SseEvent> tokens, StringBuilder answer) {
    for (SseEvent token : tokens) {
      int offset = token.json().getInteger("offset");
      if (offset > answer.length()) {
        return "gap: " + offset + " after " + answer.length() + ", of "
            + tokens.stream().map(SseEvent::id).collect(joining(" "));
      }
      answer.setLength(offset);
      answer.append(token.json().getString("text"));
    }
    return null;
  }
}
