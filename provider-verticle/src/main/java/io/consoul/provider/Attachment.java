package io.consoul.provider;

import io.consoul.message.Credit;
import io.consoul.message.Listener;

/** One listener of a turn: how far it was served, how far it has acknowledged, when it was last heard of. */
final class Attachment {

  /** Most asides on their way unacknowledged. What one upstream read brings is one. */
  private static final int ASIDES = 256;

  private final Listener listener;
  private int sent;
  private int acknowledged;
  private int asidesSent;
  private int asidesAcknowledged;
  private long heard;
  private long told;

  /** @param now milliseconds, like every time here */
  Attachment(Listener listener, int after, int asides, long now) {
    this.listener = listener;
    this.sent = after;
    this.acknowledged = after;
    this.asidesSent = asides;
    this.asidesAcknowledged = asides;
    this.heard = now;
    this.told = now;
  }

  Listener listener() {
    return listener;
  }

  /** Offset of what goes to it next. */
  int sent() {
    return sent;
  }

  /** Credit is absolute, so an old or repeated one changes nothing; one beyond what went out counts up to there. */
  void credit(int upTo, int asides, long now) {
    acknowledged = Math.max(acknowledged, Math.min(upTo, sent));
    // One that never holds them up says so, and has as good as acknowledged all that will come.
    asidesAcknowledged = Math.max(
        asidesAcknowledged, asides == Credit.ALL ? Credit.ALL : Math.min(asides, asidesSent));
    hear(now);
  }

  void hear(long now) {
    heard = now;
  }

  /**
   * Where the next piece may end: within the window, and not inside a surrogate pair. A pair that is larger than the
   * whole window goes alone.
   */
  int reach(CharSequence text) {
    int end = (int) Math.min(text.length(), (long) acknowledged + listener.window());
    if (isInsidePair(text, end)) {
      return end - 1 <= sent && sent == acknowledged ? sent + 2 : end - 1;
    }
    return end;
  }

  int asidesSent() {
    return asidesSent;
  }

  /** Up to which aside may be sent now. */
  int asidesReach(int all) {
    return (int) Math.min(all, (long) asidesAcknowledged + ASIDES);
  }

  void asidesSentUpTo(int end, long now) {
    asidesSent = end;
    told = now;
  }

  void sentUpTo(int end, long now) {
    sent = end;
    told = now;
  }

  void told(long now) {
    told = now;
  }

  /** Whether more than a window waits for it, of text or of asides. */
  boolean isBehind(int length, int asides) {
    return length - sent > listener.window() || asides - asidesSent > ASIDES;
  }

  boolean unheardFor(long millis, long now) {
    return now - heard >= millis;
  }

  boolean untoldFor(long millis, long now) {
    return now - told >= millis;
  }

  static boolean isInsidePair(CharSequence text, int position) {
    return position > 0
        && position < text.length()
        && Character.isHighSurrogate(text.charAt(position - 1))
        && Character.isLowSurrogate(text.charAt(position));
  }
}
