package io.consoul.gateway;

import io.consoul.message.Delta;
import io.consoul.message.Listener;

/**
 * What a new attempt at an answer has said before it is known how much of the text of the attempts before it holds: kept until
 * that is told, up to a bound.
 */
final class EarlyText {

  private static final int MOST = Listener.DEFAULT_WINDOW;

  private final StringBuilder text = new StringBuilder();
  private long fence;
  private int offset;

  /** @return false where it does not follow on what is here, or there is no room: it has to come again */
  boolean take(Delta delta) {
    if (delta.fence() > fence) {
      text.setLength(0);
      fence = delta.fence();
      offset = delta.offset();
    }
    int known = offset + text.length() - delta.offset();
    if (delta.offset() < offset || known < 0 || text.length() + delta.text().length() > MOST) {
      return false;
    }
    if (known < delta.text().length()) {
      text.append(delta.text(), known, delta.text().length());
    }
    return true;
  }

  boolean isOf(long attempt) {
    return fence == attempt && !text.isEmpty();
  }

  int offset() {
    return offset;
  }

  /** It is nobody's matter any more. */
  String takeAll() {
    String all = text.toString();
    text.setLength(0);
    return all;
  }
}
