package io.consoul.session;

import io.consoul.message.ChatMessage;
import io.consoul.message.FinishReason;
import io.consoul.message.MessagePage;
import io.consoul.message.SealTurn;
import io.consoul.message.TurnId;
import io.consoul.message.Usage;
import io.vertx.core.json.JsonObject;
import java.time.Instant;

/**
 * A message as it is kept: the JSON that goes to providers as it came, and what is known about it.
 *
 * @param tokens counted once, when it was stored
 * @param model null for a user's message, as are the two after it
 * @param use of an idempotency key, under which the turn of a user's message was begun; or null
 */
record StoredMessage(
    ChatMessage message,
    TurnId turn,
    Instant timestamp,
    int tokens,
    String model,
    Usage usage,
    FinishReason finishReason,
    IdempotencyKeys.KeyUse use) {

  StoredMessage(
      ChatMessage message,
      TurnId turn,
      Instant timestamp,
      int tokens,
      String model,
      Usage usage,
      FinishReason finishReason) {
    this(message, turn, timestamp, tokens, model, usage, finishReason, null);
  }

  static StoredMessage user(PendingTurn turn) {
    return user(turn.begin().turn(), turn.message(), turn.tokens(), turn.begun(), turn.use());
  }

  /** @param use as below */
  static StoredMessage user(
      TurnId turn, ChatMessage message, int tokens, Instant begun, IdempotencyKeys.KeyUse use) {
    return new StoredMessage(message, turn, begun, tokens, null, null, null, use);
  }

  /** An answer whose usage does not tell its tokens has as many as are counted here. */
  static StoredMessage answer(SealTurn seal, Instant timestamp) {
    long told = seal.usage().outputTokens();
    int tokens =
        told > 0 ? (int) Math.min(Integer.MAX_VALUE, told) : MessageTokens.estimate(seal.text());
    return new StoredMessage(
        ChatMessage.assistant(seal.text()),
        seal.turn(),
        timestamp,
        tokens,
        seal.model(),
        seal.usage(),
        seal.finishReason());
  }

  /**
   * As stores outside this process keep it: the tokens, a space, what is known about it, and in a line of its own the JSON
   * that goes to providers, as it came. A script can read the tokens, and nobody needs to parse the text.
   */
  String encoded() {
    JsonObject about = new JsonObject().put("turn", turn.value()).put("at", timestamp);
    if (usage != null) {
      about.put("model", model).put("usage", usage.toJson()).put("end", finishReason.wireName());
    }
    if (use != null) {
      about.put("key", use.toJson());
    }
    return tokens + " " + about.encode() + "\n" + message.json();
  }

  /** Reads what {@link #encoded} wrote. */
  static StoredMessage decoded(String encoded) {
    int space = encoded.indexOf(' ');
    int line = encoded.indexOf('\n', space);
    JsonObject about = new JsonObject(encoded.substring(space + 1, line));
    JsonObject usage = about.getJsonObject("usage");
    String json = encoded.substring(line + 1);
    return new StoredMessage(
        new ChatMessage(usage == null ? ChatMessage.Role.USER : ChatMessage.Role.ASSISTANT, json),
        TurnId.parse(about.getString("turn")),
        about.getInstant("at"),
        Integer.parseInt(encoded, 0, space, 10),
        about.getString("model"),
        usage == null ? null : Usage.fromJson(usage),
        usage == null ? null : FinishReason.of(about.getString("end")),
        IdempotencyKeys.KeyUse.fromJson(about.getJsonObject("key")));
  }

  /** As it is read back. */
  MessagePage.Entry entry() {
    return new MessagePage.Entry(message, turn, timestamp, model, usage, finishReason);
  }
}
