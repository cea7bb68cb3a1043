package io.consoul.provider;

import io.consoul.message.Alive;
import io.consoul.message.Aside;
import io.consoul.message.Asides;
import io.consoul.message.Cuts;
import io.consoul.message.Delta;
import io.consoul.message.Follower;
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
  private final Cuts cuts;
  private final int limit;
  private final long alive;
  private final StringBuilder text = new StringBuilder();
  private final Map<ListenerKey, Attachment> attachments = new LinkedHashMap<>();
  private final List<Aside> asides = new ArrayList<>();
  private long asidesSize;
  private TurnEvent last;
  private boolean cut;
  private boolean held;
  private long desertedSince;

  /** Of an answer that begins here. */
  Outbox(TurnId turn, long fence, int limit, Duration alive) {
    this(turn, fence, "", Cuts.NONE, limit, alive, 0);
  }

  /**
   * @param said of the answer before; all of it is kept, be it more than the limit
   * @param cuts of the answer up to here
   * @param limit most UTF-16 code units that it holds
   * @param alive longest silence towards a listener
   * @param now since when nobody listens, in milliseconds
   */
  Outbox(TurnId turn, long fence, String said, Cuts cuts, int limit, Duration alive, long now) {
    this.turn = turn;
    this.fence = fence;
    this.cuts = cuts;
    this.desertedSince = now;
    text.append(said);
    this.limit = limit;
    this.alive = alive.toMillis();
  }

  /**
   * @param piece well-formed text
   * @return false when it did not fit whole, and was cut
   */
  boolean append(String piece) {
    int room = Math.max(0, limit - text.length());
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

  /** Whether there is no room for any more text. */
  boolean isFull() {
    return text.length() >= limit;
  }

  /** Where the attempts at this answer part. */
  Cuts cuts() {
    return cuts;
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

  /** No more text goes out, though there may be some, until {@link #release}: another one may be going to send it. */
  void hold() {
    held = true;
  }

  void release() {
    held = false;
  }

  /** Nobody is told anything any more. */
  void abandon(long now) {
    attachments.clear();
    desertedSince = now;
  }

  /** As below a listener that has seen all cuts. */
  void attach(Listener listener, int after, int asidesAfter, long now) {
    attach(new Follower(listener, after, cuts.count()), asidesAfter, now);
  }

  /**
   * Replaces an earlier attachment of the same listener.
   *
   * @param follower how much of the answer it has; what of that does not hold any longer is sent anew
   * @param asidesAfter how many of the asides it has
   */
  void attach(Follower follower, int asidesAfter, long now) {
    int kept = cuts.kept(follower.after(), follower.cuts());
    int from = Math.min(Math.max(kept, 0), text.length());
    attachments.put(
        ListenerKey.of(follower.listener()),
        new Attachment(
            follower.listener(),
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

  /** Who is attached, and how much has gone out to each. They have been told of all cuts. */
  List<Follower> followers() {
    return attachments.values().stream()
        .map(each -> new Follower(each.listener(), each.sent(), cuts.count()))
        .toList();
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
    int end = cut || held ? from : attachment.reach(text);
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
    int end = cut || held ? from : attachment.asidesReach(asides.size());
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
