package io.consoul.gateway;

import io.consoul.message.Heard;

/** The end of an answer, as long as anybody wants to be told of it. What is older is forgotten, many characters at a time. */
final class HeardText {

  /** So much more than is kept may be here: what is kept is moved for each so many characters, and not for each piece. */
  private static final int SLACK = Heard.MOST / 4;

  private final StringBuilder text = new StringBuilder();
  private int offset;

  /** @param offset where the first piece will begin */
  HeardText(int offset) {
    this.offset = offset;
  }

  void append(CharSequence piece, int from) {
    text.append(piece, from, piece.length());
    if (text.length() > Heard.MOST + SLACK) {
      forget(text.length() - Heard.MOST);
    }
  }

  /** The answer is not longer than this. */
  void cutTo(int length) {
    if (length >= offset) {
      text.setLength(Math.min(length - offset, text.length()));
    } else {
      text.setLength(0);
      offset = length;
    }
  }

  /** Null where nothing is here. */
  Heard of(long fence) {
    int from = start(Math.max(0, text.length() - Heard.MOST));
    return from == text.length() ? null : new Heard(fence, offset + from, text.substring(from));
  }

  private void forget(int length) {
    text.delete(0, length);
    offset += length;
  }

  /** Half a surrogate pair would not survive the way; its other half may be forgotten already. */
  private int start(int from) {
    boolean inPair = from < text.length() && Character.isLowSurrogate(text.charAt(from));
    return inPair ? from + 1 : from;
  }
}
