package io.consoul.provider;

import io.consoul.message.ChatMessage;
import io.consoul.message.ChatMessage.Role;
import io.consoul.message.TokenCounter;
import java.util.ArrayList;
import java.util.List;

/**
 * What a model can take in at once. A conversation of which the tokens are known, and are too many, loses its oldest turns; what
 * the system says and the newest turn stay, whatever they come to.
 *
 * @param tokens of prompt and answer together
 */
record Window(int tokens) {

  /** Kept free for an answer of which the caller has not said how long it may be, and never more than a part of the window. */
  private static final int ANSWER = 4_096;

  private static final int ANSWER_PART = 4;

  /** Whether it can go as it is; also when nobody has counted it, for then it is its caller's, whole. */
  boolean holds(Completion asked) {
    return asked.promptTokens() <= room(asked);
  }

  /**
   * The conversation as far as it fits. This counts the tokens of what is left out, which can take long: not for an event loop,
   * unless it {@link #holds}.
   */
  Completion fit(Completion asked) {
    long excess = asked.promptTokens() - room(asked);
    if (excess <= 0) {
      return asked;
    }
    List<ChatMessage> history = asked.history();
    int newest = newestTurn(history);
    List<ChatMessage> rest = new ArrayList<>(history.size());
    long dropped = 0;
    int at = 0;
    while (at < newest && (dropped < excess || !beginsTurn(history.get(at)))) {
      ChatMessage message = history.get(at++);
      if (isSystems(message)) {
        rest.add(message);
      } else {
        dropped += TokenCounter.count(message.content());
      }
    }
    rest.addAll(history.subList(at, history.size()));
    return dropped == 0
        ? asked
        : new Completion(
            asked.model(),
            asked.settings(),
            rest,
            Math.max(1, asked.promptTokens() - dropped),
            asked.options());
  }

  private long room(Completion asked) {
    Integer limit = asked.settings().maxTokens();
    int answer =
        limit == null ? Math.min(ANSWER, tokens / ANSWER_PART) : Math.min(limit, tokens / 2);
    return tokens - answer;
  }

  /** Where the last message of the user stands: what follows it belongs to it, such as the results of tools. */
  private static int newestTurn(List<ChatMessage> history) {
    for (int i = history.size() - 1; i >= 0; i--) {
      if (beginsTurn(history.get(i))) {
        return i;
      }
    }
    return 0;
  }

  /** A conversation that begins with anything else, some providers refuse. */
  private static boolean beginsTurn(ChatMessage message) {
    return message.role() == Role.USER;
  }

  private static boolean isSystems(ChatMessage message) {
    return message.role() == Role.SYSTEM || message.role() == Role.DEVELOPER;
  }
}
