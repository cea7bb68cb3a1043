package io.consoul.provider.course;

import io.consoul.message.ChatMessage;
import io.consoul.message.Settings;
import io.consoul.provider.Completion;
import io.consoul.provider.Target;
import java.util.ArrayList;
import java.util.List;

/**
 * How a target is asked for the rest of an answer, and how that is joined to what was said.
 *
 * @param beginning what the target is given as the beginning of its own answer, or null
 * @param seam where the two meet
 */
record Joint(String beginning, Seam seam) {

  /** A token is rarely shorter. */
  private static final int CHARACTERS_A_TOKEN = 3;

  /** @param prefill whether it may be given a beginning, if it takes one */
  static Joint of(String said, Target target, boolean prefill) {
    if (said.isEmpty()) {
      return new Joint(null, new OpenSeam());
    }
    if (said.isBlank()) {
      return new Joint(null, new Continuation(said));
    }
    return prefill && target.takesPrefill()
        ? new Joint(said.stripTrailing(), new Continuation(said))
        : new Joint(null, new Rejoin(said));
  }

  boolean isContinuation() {
    return beginning != null;
  }

  Completion completion(Completion asked) {
    if (beginning == null) {
      return asked;
    }
    List<ChatMessage> history = new ArrayList<>(asked.history());
    history.add(ChatMessage.assistant(beginning));
    return new Completion(
        asked.model(), rest(asked.settings()), history, asked.promptTokens(), asked.options());
  }

  /** What is left of the limit, so that the whole answer keeps within it; at least one token. */
  private Settings rest(Settings settings) {
    if (settings.maxTokens() == null) {
      return settings;
    }
    int left = settings.maxTokens() - beginning.length() / CHARACTERS_A_TOKEN;
    return new Settings(settings.systemPrompt(), settings.temperature(), Math.max(1, left));
  }
}
