package io.consoul.gateway;

import io.consoul.message.Aside;
import io.consoul.message.Asides;
import io.consoul.message.Credit;
import java.util.ArrayList;
import java.util.List;

/**
 * What a model says besides the text of one answer, put together from messages that may overlap or be missing. Their provider sends
 * a bounded number ahead.
 */
final class Overheard {

  private final List<Aside> waiting = new ArrayList<>();
  private int handedOn;

  /** @param known how many of them the client has already; {@link Credit#ALL} where it wants none */
  Overheard(int known) {
    this.handedOn = known;
  }

  /** How many the client was given. */
  int handedOn() {
    return handedOn;
  }

  /** How many there are without a gap. */
  int count() {
    return handedOn + waiting.size();
  }

  /** @return false where some before these are missing; then none was taken */
  boolean take(Asides more) {
    int known = count() - more.from();
    if (known < 0) {
      return false;
    }
    if (known < more.asides().size()) {
      waiting.addAll(more.asides().subList(known, more.asides().size()));
    }
    return true;
  }

  /** Whether there is something that the client does not know. */
  boolean hasNews() {
    return !waiting.isEmpty();
  }

  /** What has come since the last call. */
  List<Aside> handOn() {
    List<Aside> news = List.copyOf(waiting);
    waiting.clear();
    handedOn += news.size();
    return news;
  }
}
