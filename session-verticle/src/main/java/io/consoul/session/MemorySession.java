package io.consoul.session;

import io.consoul.message.ChatMessage;
import io.consoul.message.FinishReason;
import io.consoul.message.SealTurn;
import io.consoul.message.Settings;
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
  private final int systemPromptTokens;
  private final List<StoredMessage> messages = new ArrayList<>();
  private final Map<TurnId, SealedTurn> sealed = new LinkedHashMap<>();
  private String model;
  private PendingTurn pending;
  private Instant expires;

  /** @param systemPromptTokens of the settings' system prompt, which goes to the model with every turn */
  MemorySession(String key, String model, Settings settings, int systemPromptTokens) {
    this.key = key;
    this.model = model;
    this.settings = settings;
    this.systemPromptTokens = systemPromptTokens;
  }

  String key() {
    return key;
  }

  String model() {
    return model;
  }

  /** Whether this name, with its provider or without, means the session's model. */
  boolean isAnsweredBy(String name) {
    return name.equals(model) || model != null && model.endsWith("/" + name);
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

  /** Whether it has a turn whose provider has not renewed the lease. */
  boolean hasLapsed(Instant now) {
    return pending != null && pending.isLapsed(now);
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
    if (model == null) {
      model = routeOf(seal);
    }
    long told = seal.usage().outputTokens();
    int tokens =
        told > 0 ? (int) Math.min(Integer.MAX_VALUE, told) : MessageTokens.estimate(seal.text());
    return append(
        seal.text(), tokens, seal.usage(), seal.finishReason(), seal.model(), now, seal.token());
  }

  /**
   * The provider is gone: what was journalled is kept, or nothing when nothing was said.
   *
   * @return whether something is kept
   */
  boolean settleOrphan(Instant now) {
    String said = pending.said();
    if (said.isEmpty()) {
      abort();
      return false;
    }
    int tokens = MessageTokens.estimate(said);
    Usage usage = new Usage(pending.promptTokens(), tokens, 0, true);
    append(said, tokens, usage, FinishReason.INTERRUPTED, model, now, null);
    return true;
  }

  /** With its provider: the bare name might find another one when the configuration has changed. */
  private static String routeOf(SealTurn seal) {
    return seal.model() == null || seal.provider() == null
        ? seal.model()
        : seal.provider() + "/" + seal.model();
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
   * @param maxTokens of the prompt, the system prompt included
   */
  List<ChatMessage> tail(int maxTokens) {
    LinkedList<ChatMessage> tail = new LinkedList<>();
    tail.add(pending.message());
    long used = (long) systemPromptTokens + pending.tokens();
    for (int i = messages.size() - 1; i > 0; i -= 2) {
      StoredMessage answer = messages.get(i);
      StoredMessage user = messages.get(i - 1);
      long more = (long) answer.tokens() + user.tokens();
      if (used + more > maxTokens) {
        break;
      }
      used += more;
      tail.addFirst(answer.message());
      tail.addFirst(user.message());
    }
    pending.sent(used);
    return tail;
  }
}
