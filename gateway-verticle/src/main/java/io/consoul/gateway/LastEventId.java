package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.TurnId;

/**
 * Where a client of server-sent events got to: the id of the last event that it has seen.
 *
 * @param cuts how many of the answer's cuts it has seen; most answers have none, and their ids do not tell it
 * @param offset length of the answer up to and including that event, in UTF-16 code units
 */
record LastEventId(TurnId turn, int cuts, int offset) {

  /** The header that EventSource sends when it comes back. */
  static final String HEADER = "Last-Event-ID";

  /** No turn id holds it. */
  private static final char CUTS = '~';

  /** How events name it. */
  String text() {
    return cuts == 0
        ? turn.value() + ":" + offset
        : turn.value() + CUTS + cuts + ":" + offset;
  }

  /** @throws FaultException E003 when it is no id of ours */
  static LastEventId parse(String text) {
    int colon = text.lastIndexOf(':');
    try {
      int offset = Integer.parseInt(text.substring(colon + 1));
      if (colon > 0 && offset >= 0) {
        return place(text.substring(0, colon), offset);
      }
    } catch (NumberFormatException | FaultException malformed) {
      // falls through to the one answer for every malformed id
    }
    throw Fault.FIELD_VALIDATION_FAILED.inField(
        HEADER, "is not the id of an event of this server: a turn id, a colon and an offset");
  }

  private static LastEventId place(String turn, int offset) {
    int mark = turn.indexOf(CUTS);
    if (mark < 0) {
      return new LastEventId(TurnId.parse(turn), 0, offset);
    }
    int cuts = Integer.parseInt(turn.substring(mark + 1));
    if (cuts < 1) {
      throw new NumberFormatException(); // one that has seen none is not marked
    }
    return new LastEventId(TurnId.parse(turn.substring(0, mark)), cuts, offset);
  }
}
