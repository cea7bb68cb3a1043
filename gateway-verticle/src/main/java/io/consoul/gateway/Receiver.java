package io.consoul.gateway;

import io.consoul.message.Delta;

/**
 * Puts the answer of one turn together from pieces that may overlap, come twice, be missing or belong to an attempt that
 * has been given up, and holds what its client cannot take yet.
 */
final class Receiver {

  private final StringBuilder waiting = new StringBuilder();
  private final int start;
  private int handedOn;
  private long fence;
  private long fenceOfText;
  private boolean cutBack;

  /** @param start how much of the answer the client has already, in UTF-16 code units */
  Receiver(int start) {
    this.start = start;
    this.handedOn = start;
  }

  /** The newest attempt that was heard of. */
  long fence() {
    return fence;
  }

  /** Length of the answer as far as it has come without a gap. */
  int length() {
    return handedOn + waiting.length();
  }

  /** Where to go on from when text is missing: of an attempt that has brought none yet, all of it is. */
  int wantedFrom() {
    if (fence <= fenceOfText) {
      return length();
    }
    return fenceOfText == 0 ? start : 0;
  }

  /** How much of the answer the client was given. */
  int handedOn() {
    return handedOn;
  }

  /** @return whether the event counts; those of an older attempt do not */
  boolean admits(long eventFence) {
    if (eventFence < fence) {
      return false;
    }
    fence = eventFence;
    return true;
  }

  /** @return false where text before the piece is missing; then nothing of it was taken */
  boolean take(Delta delta) {
    if (delta.offset() > length()) {
      return false;
    }
    newAttempt(delta.fence(), delta.offset());
    int known = length() - delta.offset();
    if (known < delta.text().length()) {
      waiting.append(delta.text(), known, delta.text().length());
    }
    return true;
  }

  /** @return false where text before the end is missing */
  boolean end(long endFence, int length) {
    if (length > length()) {
      return false;
    }
    newAttempt(endFence, length);
    return true;
  }

  /** Whether there is something that the client does not know. */
  boolean hasNews() {
    return !waiting.isEmpty() || cutBack;
  }

  /** What has come since the last call, joined; it begins at what {@link #handedOn} was before. */
  String handOn() {
    String text = waiting.toString();
    waiting.setLength(0);
    handedOn += text.length();
    cutBack = false;
    return text;
  }

  /** A new attempt goes on from where its journal ended, which may lie before what the client was shown. */
  private void newAttempt(long newFence, int from) {
    if (newFence <= fenceOfText) {
      return;
    }
    fenceOfText = newFence;
    if (from >= handedOn) {
      waiting.setLength(from - handedOn);
    } else {
      waiting.setLength(0);
      handedOn = from;
      cutBack = true;
    }
  }
}
