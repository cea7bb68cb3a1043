package io.consoul.session;

import io.consoul.message.ChatMessage;
import io.consoul.message.MessagePage;
import io.consoul.message.Replayed;
import io.consoul.message.SessionId;
import io.consoul.message.TurnId;
import io.consoul.message.Usage;
import java.lang.ref.SoftReference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;

/** What was said in a session, turn by turn: a user's message and its answer. Confined to one event loop. */
final class Transcript {

  /** A page that is longer ends early: pages go over the bus. */
  private static final int MAX_PAGE_CHARS = 1024 * 1024;

  /**
   * What goes to the model, oldest first.
   *
   * @param tokens of all of it, the system prompt included
   */
  record Prompt(List<ChatMessage> messages, long tokens) {}

  /** The text of an answer, out of its JSON. */
  private record Decoded(StoredMessage answer, String text) {}

  private final List<StoredMessage> messages = new ArrayList<>();
  private final Map<TurnId, SealedTurn> sealed = new HashMap<>();
  private Usage usage = Usage.NONE;

  /** A replay asks for piece after piece: the whole answer is decoded for the first one only. */
  private SoftReference<Decoded> decoded = new SoftReference<>(null);

  /** Where the answer of the next turn will stand. */
  int nextAnswer() {
    return messages.size() + 1;
  }

  void append(StoredMessage user, StoredMessage answer, SealedTurn turn) {
    messages.add(user);
    messages.add(answer);
    sealed.put(answer.turn(), turn);
    usage = usage.plus(answer.usage());
  }

  boolean isEmpty() {
    return messages.isEmpty();
  }

  int turns() {
    return sealed.size();
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

  /** A piece of the answer of a turn that is stored. */
  Replayed replay(TurnId turn, int after, int window) {
    SealedTurn known = sealed.get(turn);
    StoredMessage answer = messages.get(known.answer());
    AnswerPiece piece = AnswerPiece.of(text(answer), after, window);
    return new Replayed(turn, piece.offset(), piece.text(), known.end(turn, answer));
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
    LinkedList<ChatMessage> tail = new LinkedList<>();
    tail.add(message);
    long used = tokens;
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
    return new Prompt(tail, used);
  }

  /** The messages from this position on, at most so many. */
  MessagePage page(SessionId session, int from, int limit) {
    List<MessagePage.Entry> page = new ArrayList<>();
    int next = from;
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
    return new MessagePage(session, page, next < messages.size() ? Cursor.ofMessage(next) : null);
  }
}
