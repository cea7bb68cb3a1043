package io.consoul.session;

import io.consoul.message.BeginTurn;
import io.consoul.message.TokenCounter;
import java.time.InstantSource;
import java.util.Map;

/** How a session is that its first turn makes. Confined to one event loop. */
final class NewSessions {

  private final SessionConfig config;
  private final InstantSource clock;

  /** Of the system prompt; counted when the first one is made. */
  private Integer systemPromptTokens;

  NewSessions(SessionConfig config, InstantSource clock) {
    this.config = config;
    this.clock = clock;
  }

  MemorySession madeBy(BeginTurn turn) {
    return new MemorySession(originOf(turn), clock.instant());
  }

  MemorySession.Origin originOf(BeginTurn turn) {
    if (systemPromptTokens == null) {
      String prompt = config.settings().systemPrompt();
      systemPromptTokens = prompt == null ? 0 : TokenCounter.count(prompt);
    }
    return new MemorySession.Origin(
        turn.tenant(),
        turn.session(),
        turn.owner(),
        turn.model() == null ? config.model() : turn.model(),
        config.settings(),
        systemPromptTokens,
        Map.of());
  }
}
