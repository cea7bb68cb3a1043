package io.consoul.session;

import io.consoul.message.AbortTurn;
import io.consoul.message.BeginTurn;
import io.consoul.message.ChatMessage;
import io.consoul.message.Cuts;
import io.consoul.message.Heard;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;

/** A turn that has the lease of its session, and what was said in it so far. Confined to one event loop. */
final class PendingTurn {

  private final BeginTurn begin;
  private final ChatMessage message;
  private final int tokens;
  private final long promptTokens;
  private final Instant begun;
  private final IdempotencyKeys.KeyUse use;
  private final StringBuilder journal = new StringBuilder();
  private Cuts cuts = Cuts.NONE;
  private SessionStore.Lease lease;
  private String providerInbox;
  private Instant expires;

  /**
   * @param tokens of its message
   * @param promptTokens of what goes to the model in all: system prompt, history and this message
   */
  PendingTurn(BeginTurn begin, int tokens, long promptTokens, Instant begun) {
    this(begin, tokens, promptTokens, begun, IdempotencyKeys.KeyUse.ofNullable(begin));
  }

  /** @param use of its idempotency key, which the request itself may not have any more; or null */
  PendingTurn(
      BeginTurn begin, int tokens, long promptTokens, Instant begun, IdempotencyKeys.KeyUse use) {
    this.begin = begin;
    this.message = ChatMessage.user(begin.text());
    this.tokens = tokens;
    this.promptTokens = promptTokens;
    this.begun = begun;
    this.use = use;
  }

  void hold(SessionStore.Lease newLease, String inbox, Instant until) {
    lease = newLease;
    providerInbox = inbox;
    expires = until;
  }

  void renew(Instant until) {
    expires = until;
  }

  /** A new attempt at the answer begins, which keeps this much of what was said. */
  void goOnAfter(String said) {
    goOn(said, cuts.and(said.length()));
  }

  /** An attempt at the answer begins with what was said before it. */
  void goOn(String said, Cuts all) {
    journal.setLength(0);
    journal.append(said);
    cuts = all;
  }

  /** What was said in this attempt, with what somebody heard of it beyond the journal. */
  String saidWith(Heard heard) {
    return Seam.join(said(), fence(), heard);
  }

  /** How long its lease has not been renewed. */
  Duration unrenewed(Instant now, Duration lease) {
    return lease.minus(Duration.between(now, expires));
  }

  /** @return whether it fits: a piece that begins beyond the journal's end would leave a gap */
  boolean journal(int offset, String text) {
    if (offset < 0 || offset > journal.length()) {
      return false;
    }
    journal.setLength(offset);
    journal.append(text);
    return true;
  }

  /** When its lease ends. */
  Instant expires() {
    return expires;
  }

  boolean isLapsed(Instant now) {
    return !expires.isAfter(now);
  }

  /** What its holder would end it with if it were never to have been. */
  AbortTurn abort() {
    return new AbortTurn(begin.turn(), begin.tenant(), lease.fence(), lease.token());
  }

  boolean isHeldBy(String token) {
    return lease.token().equals(token);
  }

  BeginTurn begin() {
    return begin;
  }

  ChatMessage message() {
    return message;
  }

  int tokens() {
    return tokens;
  }

  long promptTokens() {
    return promptTokens;
  }

  Instant begun() {
    return begun;
  }

  /** Of its idempotency key, or null. */
  IdempotencyKeys.KeyUse use() {
    return use;
  }

  long fence() {
    return lease.fence();
  }

  SessionStore.Lease lease() {
    return lease;
  }

  /** How others find it. */
  SessionStore.Known.Pending known() {
    return new SessionStore.Known.Pending(
        begin.turn(), lease.fence(), providerInbox, begin.listener());
  }

  String said() {
    return journal.toString();
  }

  /** Of the answer so far. */
  Cuts cuts() {
    return cuts;
  }

  JsonObject toJson() {
    JsonObject json = new JsonObject()
        .put("begin", begin.toJson())
        .put("tokens", tokens)
        .put("prompt_tokens", promptTokens)
        .put("begun", begun)
        .put("journal", said())
        .put("fence", lease.fence())
        .put("token", lease.token())
        .put("provider", providerInbox)
        .put("expires", expires);
    if (use != null && begin.key() == null) {
      json.put("key", use.toJson());
    }
    return cuts.isEmpty() ? json : json.put("cuts", cuts.toJson());
  }

  static PendingTurn fromJson(JsonObject json) {
    BeginTurn begin = BeginTurn.fromJson(json.getJsonObject("begin"));
    PendingTurn turn = new PendingTurn(
        begin,
        json.getInteger("tokens"),
        json.getLong("prompt_tokens"),
        json.getInstant("begun"),
        begin.key() == null
            ? IdempotencyKeys.KeyUse.fromJson(json.getJsonObject("key"))
            : IdempotencyKeys.KeyUse.ofNullable(begin));
    turn.journal.append(json.getString("journal"));
    turn.cuts = Cuts.fromJson(json.getJsonArray("cuts"));
    turn.hold(
        new SessionStore.Lease(json.getLong("fence"), json.getString("token")),
        json.getString("provider"),
        json.getInstant("expires"));
    return turn;
  }
}
