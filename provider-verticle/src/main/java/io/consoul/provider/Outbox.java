package io.consoul.provider;

import io.consoul.message.Alive;
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

  private final TurnId turn;
  private final long fence;
  private final int limit;
  private final long alive;
  private final StringBuilder text = new StringBuilder();
  private final Map<ListenerKey, Attachment> attachments = new LinkedHashMap<>();
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

  /** @param after offset from which it wants the text; replaces an earlier attachment of the same listener */
  void attach(Listener listener, int after, long now) {
    int from = Math.min(Math.max(after, 0), text.length());
    attachments.put(
        ListenerKey.of(listener),
        new Attachment(listener, Attachment.isInsidePair(text, from) ? from - 1 : from, now));
  }

  void detach(ListenerKey listener, long now) {
    if (attachments.remove(listener) != null) {
      desertedSince = now;
    }
  }

  /** From a listener that is not attached it is nothing. */
  void credit(ListenerKey listener, int upTo, long now) {
    Attachment attachment = attachments.get(listener);
    if (attachment != null) {
      attachment.credit(upTo, now);
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
    return !isDeserted()
        && attachments.values().stream().allMatch(each -> each.isBehind(text.length()));
  }

  /** All that can go out now; it counts as sent. */
  List<Parcel> outgoing(long now) {
    List<Parcel> parcels = new ArrayList<>(attachments.size());
    Iterator<Attachment> each = attachments.values().iterator();
    while (each.hasNext()) {
      Attachment attachment = each.next();
      serve(attachment, parcels, now);
      if (last != null && (cut || attachment.sent() == text.length())) {
        parcels.add(new Parcel(attachment.listener(), last));
        each.remove();
        desertedSince = now;
      }
    }
    return parcels;
  }

  private void serve(Attachment attachment, List<Parcel> parcels, long now) {
    int from = attachment.sent();
    int end = cut ? from : attachment.reach(text);
    if (end > from) {
      parcels.add(new Parcel(
          attachment.listener(), new Delta(turn, fence, from, text.substring(from, end))));
      attachment.sentUpTo(end, now);
    } else if (last == null || from < text.length()) {
      sayAlive(attachment, parcels, now);
    }
  }

  private void sayAlive(Attachment attachment, List<Parcel> parcels, long now) {
    if (!cut && attachment.untoldFor(alive, now)) {
      parcels.add(new Parcel(attachment.listener(), new Alive(turn, fence)));
      attachment.told(now);
    }
  }
}
