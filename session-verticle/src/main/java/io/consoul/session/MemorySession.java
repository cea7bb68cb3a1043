package io.consoul.session;

import io.consoul.message.ChatMessage;
import io.consoul.message.FinishReason;
import io.consoul.message.SealTurn;
import io.consoul.message.Settings;
import io.consoul.message.TokenCounter;
import io.consoul.message.TurnId;
import io.consoul.message.Usage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;

/** One conversation in memory. Confined to one event loop. */
final class MemorySession {

  /** How many sealed turns are recognised when they are repeated; a repeat comes within seconds. */
  private static final int REMEMBERED_TURNS = 1_000;

  /**
   * What is known of a turn that is stored.
   *
   * @param token of the lease under which it was sealed; null when its holder was gone and others settled it
   */
  record SealedTurn(long fence, String providerInbox, Instant timestamp, String token) {

    /** Whether this is the same seal again; a holder that was passed over has other text than what is stored. */
    boolean isSealedBy(String holder) {
      return holder.equals(token);
    }
  }

  private final String key;
  private final Settings settings;
  private final List<StoredMessage> messages = new ArrayList<>();
  private final Map<TurnId, SealedTurn> sealed = new LinkedHashMap<>();
  private String model;
  private PendingTurn pending;
  private Instant expires;

  MemorySession(String key, String model, Settings settings) {
    this.key = key;
    this.model = model;
    this.settings = settings;
  }

  String key() {
    return key;
  }

  String model() {
    return model;
  }

  Settings settings() {
    return settings;
  }

  PendingTurn pending() {
    return pending;
  }

  List<StoredMessage> messages() {
    return List.copyOf(messages);
  }

  SealedTurn sealed(TurnId turn) {
    return sealed.get(turn);
  }

  boolean isExpired(Instant now) {
    return pending == null && !expires.isAfter(now);
  }

  /** Whether nothing would be lost with it. */
  boolean isEmpty() {
    return pending == null && messages.isEmpty();
  }

  void keepUntil(Instant instant) {
    expires = instant;
  }

  void begin(PendingTurn turn) {
    pending = turn;
  }

  void abort() {
    pending = null;
  }

  SealedTurn seal(SealTurn seal, Instant now) {
    int tokens = (int) Math.min(Integer.MAX_VALUE, seal.usage().outputTokens());
    if (model == null) {
      // With its provider: the bare name might find another one when the configuration has changed.
      model = seal.provider() + "/" + seal.model();
    }
    return append(
        seal.text(), tokens, seal.usage(), seal.finishReason(), seal.model(), now, seal.token());
  }

  /** The provider is gone: what was journalled is kept, or nothing when nothing was said. */
  void settleOrphan(Instant now) {
    String said = pending.said();
    if (said.isEmpty()) {
      abort();
      return;
    }
    int tokens = TokenCounter.count(said);
    Usage usage = new Usage(pending.tokens(), tokens, 0, true);
    append(said, tokens, usage, FinishReason.INTERRUPTED, model, now, null);
  }

  private SealedTurn append(
      String text,
      int tokens,
      Usage usage,
      FinishReason reason,
      String answeredBy,
      Instant now,
      String token) {
    TurnId turn = pending.begin().turn();
    messages.add(StoredMessage.user(pending));
    messages.add(new StoredMessage(
        ChatMessage.assistant(text), turn, now, tokens, answeredBy, usage, reason));
    SealedTurn result = new SealedTurn(pending.fence(), pending.providerInbox(), now, token);
    sealed.put(turn, result);
    if (sealed.size() > REMEMBERED_TURNS) {
      sealed.remove(sealed.keySet().iterator().next());
    }
    pending = null;
    return result;
  }

  /**
   * The pending message and the newest turns before it that fit, oldest first. A turn goes in whole or not at all.
   *
   * @param budget tokens, the system prompt already counted off
   */
  List<ChatMessage> tail(int budget) {
    LinkedList<ChatMessage> tail = new LinkedList<>();
    tail.add(pending.message());
    long left = (long) budget - pending.tokens();
    for (int i = messages.size() - 1; i > 0; i -= 2) {
      StoredMessage answer = messages.get(i);
      StoredMessage user = messages.get(i - 1);
      left -= answer.tokens() + user.tokens();
      if (left < 0) {
        break;
      }
      tail.addFirst(answer.message());
      tail.addFirst(user.message());
    }
    return tail;
  }
}
