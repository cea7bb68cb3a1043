package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.TurnId;

/**
 * Where a client of server-sent events got to: the id of the last event that it has seen.
 *
 * @param offset length of the answer up to and including that event, in UTF-16 code units
 */
record LastEventId(TurnId turn, int offset) {

  /** The header that EventSource sends when it comes back. */
  static final String HEADER = "Last-Event-ID";

  /** How events name it. */
  String text() {
    return turn.value() + ":" + offset;
  }

  /** @throws FaultException E003 when it is no id of ours */
  static LastEventId parse(String text) {
    int colon = text.lastIndexOf(':');
    try {
      int offset = Integer.parseInt(text.substring(colon + 1));
      if (colon > 0 && offset >= 0) {
        return new LastEventId(TurnId.parse(text.substring(0, colon)), offset);
      }
    } catch (NumberFormatException | FaultException malformed) {
      // falls through to the one answer for every malformed id
    }
    throw Fault.FIELD_VALIDATION_FAILED.inField(
        HEADER, "is not the id of an event of this server: a turn id, a colon and an offset");
  }
}
