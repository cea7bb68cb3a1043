package io.consoul.gateway;

import io.consoul.message.Cuts;
import io.consoul.message.Delta;
import io.consoul.message.Heard;
import io.consoul.message.Replayed;

/**
 * Puts the answer of one turn together from pieces that may overlap, come twice, be missing or belong to an attempt that
 * has been given up, and holds what its client cannot take yet.
 *
 * <p>All of its text is of one attempt, or of attempts before it whose text that one has kept. How much it has kept is told with its
 * acceptance; until then nothing of it is put behind text of another one.
 */
final class Receiver {

  private final StringBuilder waiting = new StringBuilder();
  private final EarlyText early = new EarlyText();
  private final HeardText heard;
  private int handedOn;
  private long fence;
  private long fenceOfText;
  private int cuts;
  private boolean cutBack;

  /** What its client says that it has, nobody has looked at yet: the first piece begins earlier where there is less. */
  private boolean claimed;

  /**
   * @param start how much of the answer the client has already, in UTF-16 code units
   * @param cuts how many of the answer's cuts it has seen
   */
  Receiver(int start, int cuts) {
    this.handedOn = start;
    this.cuts = cuts;
    this.claimed = start > 0;
    this.heard = new HeardText(start);
  }

  /** The newest attempt that was heard of. */
  long fence() {
    return fence;
  }

  /** Length of the answer as far as it has come without a gap: where to go on from when text is missing. */
  int length() {
    return handedOn + waiting.length();
  }

  /** How many of the answer's cuts its text has been through. */
  int cuts() {
    return cuts;
  }

  /** How much of the answer the client was given. */
  int handedOn() {
    return handedOn;
  }

  /** The end of the text, or null where none has come. */
  Heard heard() {
    return fenceOfText == 0 ? null : heard.of(fenceOfText);
  }

  /** @return whether the event counts; those of an older attempt do not */
  boolean admits(long eventFence) {
    if (eventFence < fence) {
      return false;
    }
    fence = eventFence;
    return true;
  }

  /** Whether it is known what this attempt has kept of the text that is here. */
  boolean knows(long attempt) {
    return attempt == fenceOfText || length() == 0;
  }

  /**
   * Tells how this attempt parts from those before it: what does not hold any longer is cut back.
   *
   * @param all cuts of the answer up to this attempt
   * @return false where it has begun to speak already, and text before that is missing
   */
  boolean attempt(long newFence, Cuts all) {
    if (newFence < fenceOfText) {
      return true;
    }
    fence = Math.max(fence, newFence);
    if (newFence > fenceOfText) {
      cutTo(kept(all));
    }
    fenceOfText = newFence;
    cuts = all.count();
    return !early.isOf(newFence) || append(early.offset(), early.takeAll());
  }

  /** @return false where text before the piece is missing; then nothing of it was taken */
  boolean take(Delta delta) {
    if (delta.fence() < fenceOfText) {
      return true;
    }
    if (!begins(delta.fence())) {
      return early.take(delta);
    }
    return append(delta.offset(), delta.text());
  }

  /**
   * Takes a piece of the stored answer, that was asked for from a place in this text.
   *
   * @return false where text before the piece is missing
   */
  boolean take(Replayed piece) {
    long stored = piece.end().fence();
    if (stored != fenceOfText) {
      cutTo(Math.min(piece.offset(), length()));
      fenceOfText = stored;
      fence = Math.max(fence, stored);
    }
    cuts = piece.cuts();
    boolean taken = append(piece.offset(), piece.text());
    cutTo(Math.min(piece.length(), length()));
    return taken;
  }

  /** @return false where text before the end is missing, or it is not known how much of what is here holds */
  boolean end(long endFence, int length) {
    if (length > length() || !begins(endFence)) {
      return false;
    }
    cutTo(length);
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

  /** Where no text is here, none can be wrong. */
  private boolean begins(long attempt) {
    if (attempt > fenceOfText && length() == 0) {
      fenceOfText = attempt;
      cuts = 0;
    }
    return attempt == fenceOfText;
  }

  /** Every new attempt is a cut. Where none is told nobody knows of it, and what another attempt has said may not be relied on. */
  private int kept(Cuts all) {
    boolean untold = fenceOfText > 0 && all.count() <= cuts;
    return untold ? 0 : all.kept(length(), cuts);
  }

  private boolean append(int offset, String text) {
    if (claimed) {
      claimed = false;
      cutTo(offset);
    }
    int known = length() - offset;
    if (known < 0) {
      return false;
    }
    if (known < text.length()) {
      waiting.append(text, known, text.length());
      heard.append(text, known);
    }
    return true;
  }

  private void cutTo(int length) {
    if (length >= length()) {
      return;
    }
    heard.cutTo(length);
    if (length >= handedOn) {
      waiting.setLength(length - handedOn);
    } else {
      waiting.setLength(0);
      handedOn = length;
      cutBack = true;
    }
  }
}
