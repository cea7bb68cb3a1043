package io.consoul.session;

import io.consoul.fault.Fault;
import io.consoul.message.ChatMessage;
import io.consoul.message.MessagePage;
import io.consoul.message.Replayed;
import io.consoul.message.SessionId;
import io.consoul.message.TurnId;
import io.consoul.message.Usage;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.lang.ref.SoftReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What was said in a session, turn by turn: a user's message and its answer. The oldest turns may not be at hand, where this
 * is a copy of what a store holds. Confined to one event loop.
 */
final class Transcript {

  /** A page that is longer ends early: pages go over the bus. */
  static final int MAX_PAGE_CHARS = 1024 * 1024;

  /**
   * What goes to the model, oldest first.
   *
   * @param tokens of all of it, the system prompt included
   */
  record Prompt(List<ChatMessage> messages, long tokens) {}

  /** One turn as it is stored. */
  record Turn(StoredMessage user, StoredMessage answer, SealedTurn sealed) {}

  /** The text of an answer, out of its JSON. */
  private record Decoded(StoredMessage answer, String text) {}

  /** Messages before the first one at hand. */
  private int skipped;

  private final List<StoredMessage> messages = new ArrayList<>();

  /** The same messages as they go to the model. */
  private final List<ChatMessage> said = new ArrayList<>();

  /** How many tokens the messages at hand up to and including each one have. */
  private long[] tokensUpTo = new long[8];

  private final Map<TurnId, SealedTurn> sealed = new HashMap<>();
  private Usage usage;

  /** A replay asks for piece after piece: the whole answer is decoded for the first one only. */
  private SoftReference<Decoded> decoded = new SoftReference<>(null);

  Transcript() {
    this(0, Usage.NONE);
  }

  /**
   * @param skippedTurns that the store holds and that are not at hand
   * @param usage of those
   */
  Transcript(int skippedTurns, Usage usage) {
    this.skipped = 2 * skippedTurns;
    this.usage = usage;
  }

  /** Where the answer of the next turn will stand. */
  int nextAnswer() {
    return skipped + messages.size() + 1;
  }

  void append(StoredMessage user, StoredMessage answer, SealedTurn turn) {
    add(user);
    add(answer);
    sealed.put(answer.turn(), turn);
    usage = usage.plus(answer.usage());
  }

  private void add(StoredMessage message) {
    int index = messages.size();
    if (index == tokensUpTo.length) {
      tokensUpTo = Arrays.copyOf(tokensUpTo, 2 * index);
    }
    tokensUpTo[index] = tokensBefore(index) + message.tokens();
    messages.add(message);
    said.add(message.message());
  }

  private long tokensBefore(int index) {
    return index == 0 ? 0 : tokensUpTo[index - 1];
  }

  /** Turns that the store holds and that are not at hand. */
  int skippedTurns() {
    return skipped / 2;
  }

  boolean isEmpty() {
    return turns() == 0;
  }

  int turns() {
    return (skipped + messages.size()) / 2;
  }

  /** Of all turns together. */
  Usage usage() {
    return usage;
  }

  List<StoredMessage> messages() {
    return List.copyOf(messages);
  }

  /** @return null when this turn is not stored */
  SealedTurn sealed(TurnId turn) {
    return sealed.get(turn);
  }

  /** @param number counts all turns, those that are not at hand included, from 0 */
  Turn turn(int number) {
    int user = 2 * number - skipped;
    StoredMessage answer = messages.get(user + 1);
    return new Turn(messages.get(user), answer, sealed.get(answer.turn()));
  }

  /** The highest that a turn at hand had; 0 where there is none. */
  long fence() {
    return sealed.values().stream().mapToLong(SealedTurn::fence).max().orElse(0);
  }

  /**
   * A piece of the answer of a turn that is stored.
   *
   * @param seen how many of the answer's cuts the asker has seen, who has it up to {@code after}
   */
  Replayed replay(TurnId turn, int after, int seen, int window) {
    SealedTurn known = sealed.get(turn);
    StoredMessage answer = messages.get(known.answer() - skipped);
    return known.replay(
        turn, answer, AnswerPiece.of(text(answer), known.cuts().kept(after, seen), window));
  }

  private String text(StoredMessage answer) {
    Decoded last = decoded.get();
    if (last == null || last.answer() != answer) {
      last = new Decoded(answer, answer.message().content());
      decoded = new SoftReference<>(last);
    }
    return last.text();
  }

  /**
   * A message and the newest turns before it that fit. A turn goes in whole or not at all.
   *
   * @param tokens of the message and the system prompt
   * @param maxTokens of the whole prompt
   */
  Prompt prompt(ChatMessage message, long tokens, int maxTokens) {
    int first = firstThatFits(maxTokens - tokens);
    List<ChatMessage> prompt = new ArrayList<>(said.size() - first + 1);
    prompt.addAll(said.subList(first, said.size()));
    prompt.add(message);
    return new Prompt(prompt, tokens + tokensBefore(said.size()) - tokensBefore(first));
  }

  /** The first message of the oldest turn from which on all fit. A search, for it is asked for every turn. */
  private int firstThatFits(long room) {
    long all = tokensBefore(messages.size());
    int low = 0;
    int high = messages.size() / 2;
    while (low < high) {
      int turn = (low + high) >>> 1;
      if (all - tokensBefore(2 * turn) <= room) {
        high = turn;
      } else {
        low = turn + 1;
      }
    }
    return 2 * low;
  }

  /**
   * The messages from this position on, at most so many.
   *
   * @throws io.consoul.fault.FaultException E110 when they are not at hand
   */
  MessagePage page(SessionId session, int from, int limit) {
    if (from < skipped) {
      throw Fault.SESSION_STORAGE_UNAVAILABLE.retryAfter(
          1,
          "the older messages of this session cannot be reached just now; try again in a moment");
    }
    List<MessagePage.Entry> page = new ArrayList<>();
    int next = from - skipped;
    long chars = 0;
    while (next < messages.size() && page.size() < limit) {
      StoredMessage message = messages.get(next);
      chars += message.message().json().length();
      if (chars > MAX_PAGE_CHARS && !page.isEmpty()) {
        break;
      }
      page.add(message.entry());
      next++;
    }
    return new MessagePage(
        session, page, next < messages.size() ? Cursor.ofMessage(skipped + next) : null);
  }

  /** Of the messages at hand. */
  long tokens() {
    return tokensBefore(messages.size());
  }

  /** Keeps the newest turns at hand that have so many tokens, when there are more than twice as many. */
  void trim(int maxTokens) {
    if (tokens() <= 2L * maxTokens) {
      return;
    }
    int first = firstThatFits(maxTokens);
    List<StoredMessage> kept = List.copyOf(messages.subList(first, messages.size()));
    messages.subList(0, first).forEach(message -> sealed.remove(message.turn()));
    messages.clear();
    said.clear();
    kept.forEach(this::add);
    skipped += first;
  }

  JsonObject toJson() {
    JsonArray turns = new JsonArray();
    Usage skippedUsage = usage;
    for (int i = 0; i < messages.size(); i += 2) {
      StoredMessage answer = messages.get(i + 1);
      skippedUsage = skippedUsage.minus(answer.usage());
      turns.add(new JsonArray()
          .add(messages.get(i).encoded())
          .add(answer.encoded())
          .add(sealed.get(answer.turn()).encoded()));
    }
    return new JsonObject()
        .put("skipped", skippedTurns())
        .put("skipped_usage", skippedUsage.toJson())
        .put("turns", turns);
  }

  static Transcript fromJson(JsonObject json) {
    Transcript transcript = new Transcript(
        json.getInteger("skipped"), Usage.fromJson(json.getJsonObject("skipped_usage")));
    for (Object each : json.getJsonArray("turns")) {
      JsonArray turn = (JsonArray) each;
      transcript.append(
          StoredMessage.decoded(turn.getString(0)),
          StoredMessage.decoded(turn.getString(1)),
          SealedTurn.decoded(turn.getString(2)));
    }
    return transcript;
  }
}
