package io.consoul.provider;

import io.consoul.message.ChatMessage;
import io.consoul.message.CompletionOptions;
import io.consoul.message.Settings;
import java.util.List;

/**
 * What a provider is asked: answer this conversation. Its last message is the user's new one; an assistant's is the beginning of
 * the answer, and only what comes after it is wanted.
 *
 * @param promptTokens of system prompt and history together, or 0 where nobody has counted them
 */
public record Completion(
    String model,
    Settings settings,
    List<ChatMessage> history,
    long promptTokens,
    CompletionOptions options) {

  public Completion {
    history = List.copyOf(history);
  }

  public Completion(String model, Settings settings, List<ChatMessage> history, long promptTokens) {
    this(model, settings, history, promptTokens, CompletionOptions.NONE);
  }

  /** The same for another model. */
  public Completion by(String other) {
    return new Completion(other, settings, history, promptTokens, options);
  }

  /** Whether only the rest of an answer is wanted whose beginning is here. */
  public boolean isContinuation() {
    return !history.isEmpty()
        && history.get(history.size() - 1).role() == ChatMessage.Role.ASSISTANT;
  }
}
