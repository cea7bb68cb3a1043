package io.consoul.session;

import io.consoul.message.ChatMessage;
import io.consoul.message.FinishReason;
import io.consoul.message.MessagePage;
import io.consoul.message.TurnId;
import io.consoul.message.Usage;
import java.time.Instant;

/**
 * A message as it is kept: the JSON that goes to providers as it came, and what is known about it.
 *
 * @param tokens counted once, when it was stored
 * @param model null for a user's message, as are the two after it
 */
record StoredMessage(
    ChatMessage message,
    TurnId turn,
    Instant timestamp,
    int tokens,
    String model,
    Usage usage,
    FinishReason finishReason) {

  static StoredMessage user(PendingTurn turn) {
    return new StoredMessage(
        turn.message(), turn.begin().turn(), turn.begun(), turn.tokens(), null, null, null);
  }

  /** As it is read back. */
  MessagePage.Entry entry() {
    return new MessagePage.Entry(message, turn, timestamp, model, usage, finishReason);
  }
}
