package io.consoul.session;

import io.consoul.message.SessionInfo;
import java.util.Comparator;

/**
 * Where a session stands in its list: the newest first, of those of one millisecond in the order of ids.
 *
 * @param created in milliseconds
 */
record ListPosition(long created, String id) implements Comparable<ListPosition> {

  private static final Comparator<ListPosition> ORDER =
      Comparator.comparingLong(ListPosition::created).reversed().thenComparing(ListPosition::id);

  static ListPosition of(SessionInfo session) {
    return new ListPosition(session.created().toEpochMilli(), session.session().value());
  }

  @Override
  public int compareTo(ListPosition other) {
    return ORDER.compare(this, other);
  }
}
