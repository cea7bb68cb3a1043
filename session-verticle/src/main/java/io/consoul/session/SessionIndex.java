package io.consoul.session;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** The sessions of each list in its order, so that a page needs no sorting. Confined to one event loop. */
final class SessionIndex {

  /** No map in here is empty. */
  private final Map<ListName, NavigableMap<ListPosition, MemorySession>> lists = new HashMap<>();

  void add(MemorySession session) {
    lists.computeIfAbsent(session.list(), list -> new TreeMap<>()).put(session.position(), session);
  }

  void remove(MemorySession session) {
    lists.computeIfPresent(session.list(), (list, sessions) -> {
      sessions.remove(session.position());
      return sessions.isEmpty() ? null : sessions;
    });
  }

  /** @param position of the last one that is known, or null for all */
  Collection<MemorySession> after(ListName list, ListPosition position) {
    NavigableMap<ListPosition, MemorySession> sessions = lists.get(list);
    if (sessions == null) {
      return List.of();
    }
    return position == null
        ? sessions.values()
        : sessions.tailMap(position, false).values();
  }
}
