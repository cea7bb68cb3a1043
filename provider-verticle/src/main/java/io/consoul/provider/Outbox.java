package io.consoul.provider;

import io.consoul.message.Alive;
import io.consoul.message.Aside;
import io.consoul.message.Asides;
import io.consoul.message.Delta;
import io.consoul.message.Listener;
import io.consoul.message.TurnEvent;
import io.consoul.message.TurnId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The whole answer of a turn so far, and what of it each listener has got. While a listener's window is full its text
 * waits here, so what goes out later is joined. Knows no bus and no clock; confined to one event loop.
 */
final class Outbox {

  /** An event on its way. */
  record Parcel(Listener to, TurnEvent event) {}

  /** What an aside takes besides its words, in UTF-16 code units. */
  private static final int ASIDE_OVERHEAD = 32;

  private final TurnId turn;
  private final long fence;
  private final int limit;
  private final long alive;
  private final StringBuilder text = new StringBuilder();
  private final Map<ListenerKey, Attachment> attachments = new LinkedHashMap<>();
  private final List<Aside> asides = new ArrayList<>();
  private long asidesSize;
  private TurnEvent last;
  private boolean cut;
  private long desertedSince;

  /**
   * @param limit most UTF-16 code units that it holds
   * @param alive longest silence towards a listener
   */
  Outbox(TurnId turn, long fence, int limit, Duration alive) {
    this.turn = turn;
    this.fence = fence;
    this.limit = limit;
    this.alive = alive.toMillis();
  }

  /**
   * @param piece well-formed text
   * @return false when it did not fit whole, and was cut
   */
  boolean append(String piece) {
    int room = limit - text.length();
    if (piece.length() <= room) {
      text.append(piece);
      return true;
    }
    text.append(piece, 0, Attachment.isInsidePair(piece, room) ? room - 1 : room);
    return false;
  }

  /** @return false when there is no more room for what the model says besides the text */
  boolean append(Aside aside) {
    asidesSize += aside.size() + ASIDE_OVERHEAD;
    if (asidesSize > limit) {
      return false;
    }
    asides.add(aside);
    return true;
  }

  /** How many there are. */
  int asides() {
    return asides.size();
  }

  int length() {
    return text.length();
  }

  String text() {
    return text.toString();
  }

  String textFrom(int offset) {
    return text.substring(offset);
  }

  /** Every listener gets this event after the whole text, and then no more. */
  void finish(TurnEvent event) {
    last = event;
    text.trimToSize();
  }

  /** Every listener gets this event now: the rest of the text is not ours to send any longer. */
  void cut(TurnEvent event) {
    last = event;
    cut = true;
  }

  /**
   * Replaces an earlier attachment of the same listener.
   *
   * @param after offset from which it wants the text
   * @param asidesAfter how many of the asides it has
   */
  void attach(Listener listener, int after, int asidesAfter, long now) {
    int from = Math.min(Math.max(after, 0), text.length());
    attachments.put(
        ListenerKey.of(listener),
        new Attachment(
            listener,
            Attachment.isInsidePair(text, from) ? from - 1 : from,
            Math.min(Math.max(asidesAfter, 0), asides.size()),
            now));
  }

  void detach(ListenerKey listener, long now) {
    if (attachments.remove(listener) != null) {
      desertedSince = now;
    }
  }

  /** From a listener that is not attached it is nothing. */
  void credit(ListenerKey listener, int upTo, int asidesUpTo, long now) {
    Attachment attachment = attachments.get(listener);
    if (attachment != null) {
      attachment.credit(upTo, asidesUpTo, now);
    }
  }

  /** As if every listener had just given a sign of life. */
  void hearAll(long now) {
    attachments.values().forEach(each -> each.hear(now));
  }

  void dropSilent(Duration limit, long now) {
    if (attachments.values().removeIf(each -> each.unheardFor(limit.toMillis(), now))) {
      desertedSince = now;
    }
  }

  List<Listener> listeners() {
    return attachments.values().stream().map(Attachment::listener).toList();
  }

  boolean isAttached(ListenerKey listener) {
    return attachments.containsKey(listener);
  }

  boolean isDeserted() {
    return attachments.isEmpty();
  }

  /** Whether nobody has listened for so long. */
  boolean isDesertedFor(Duration time, long now) {
    return isDeserted() && now - desertedSince >= time.toMillis();
  }

  /** Whether somebody listens, but nobody keeps up with the provider. */
  boolean isJammed() {
    for (Attachment each : attachments.values()) {
      if (!each.isBehind(text.length(), asides.size())) {
        return false;
      }
    }
    return !isDeserted();
  }

  /** All that can go out now; it counts as sent. */
  List<Parcel> outgoing(long now) {
    List<Parcel> parcels = new ArrayList<>(attachments.size());
    Iterator<Attachment> each = attachments.values().iterator();
    while (each.hasNext()) {
      Attachment attachment = each.next();
      serve(attachment, parcels, now);
      if (last != null && (cut || hasAll(attachment))) {
        parcels.add(new Parcel(attachment.listener(), last));
        each.remove();
        desertedSince = now;
      }
    }
    return parcels;
  }

  private boolean hasAll(Attachment attachment) {
    return attachment.sent() == text.length() && attachment.asidesSent() == asides.size();
  }

  private void serve(Attachment attachment, List<Parcel> parcels, long now) {
    serveAsides(attachment, parcels, now);
    int from = attachment.sent();
    int end = cut ? from : attachment.reach(text);
    if (end > from) {
      parcels.add(new Parcel(
          attachment.listener(), new Delta(turn, fence, from, text.substring(from, end))));
      attachment.sentUpTo(end, now);
    } else if (last == null || !hasAll(attachment)) {
      sayAlive(attachment, parcels, now);
    }
  }

  private void serveAsides(Attachment attachment, List<Parcel> parcels, long now) {
    int from = attachment.asidesSent();
    int end = cut ? from : attachment.asidesReach(asides.size());
    if (end > from) {
      parcels.add(new Parcel(
          attachment.listener(), new Asides(turn, fence, from, asides.subList(from, end))));
      attachment.asidesSentUpTo(end, now);
    }
  }

  private void sayAlive(Attachment attachment, List<Parcel> parcels, long now) {
    if (!cut && attachment.untoldFor(alive, now)) {
      parcels.add(new Parcel(attachment.listener(), new Alive(turn, fence)));
      attachment.told(now);
    }
  }
}
