package io.consoul.provider.echo;

import io.consoul.message.ChatMessage;
import java.util.List;

/** What the echo model says: what it is, and the message whole. It gives it out word by word. */
final class EchoAnswer {

  private static final String INTRODUCTION =
      "This is Consoul's echo model, there is no language model behind it. You said: ";

  private final String text;
  private int position;

  private EchoAnswer(String text) {
    this.text = text;
  }

  /** @param history its last message is the one that is answered */
  static EchoAnswer to(List<ChatMessage> history) {
    return new EchoAnswer(
        INTRODUCTION + (history.isEmpty() ? "" : history.get(history.size() - 1).content()));
  }

  String text() {
    return text;
  }

  boolean isSpoken() {
    return position == text.length();
  }

  /** The next word with the white space after it. */
  String nextWord() {
    int end = position;
    while (end < text.length() && !Character.isWhitespace(text.charAt(end))) {
      end++;
    }
    while (end < text.length() && Character.isWhitespace(text.charAt(end))) {
      end++;
    }
    return upTo(end);
  }

  String rest() {
    return upTo(text.length());
  }

  private String upTo(int end) {
    String piece = text.substring(position, end);
    position = end;
    return piece;
  }
}
