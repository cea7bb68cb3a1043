package io.consoul.session;

import io.consoul.message.Tenant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** The sessions of each tenant in the order of its list, so that a page needs no sorting. Confined to one event loop. */
final class SessionIndex {

  /** No map in here is empty. */
  private final Map<Tenant, NavigableMap<ListPosition, MemorySession>> tenants = new HashMap<>();

  void add(MemorySession session) {
    tenants
        .computeIfAbsent(session.tenant(), tenant -> new TreeMap<>())
        .put(session.position(), session);
  }

  void remove(MemorySession session) {
    tenants.computeIfPresent(session.tenant(), (tenant, sessions) -> {
      sessions.remove(session.position());
      return sessions.isEmpty() ? null : sessions;
    });
  }

  /** @param position of the last one that is known, or null for all */
  Collection<MemorySession> after(Tenant tenant, ListPosition position) {
    NavigableMap<ListPosition, MemorySession> sessions = tenants.get(tenant);
    if (sessions == null) {
      return List.of();
    }
    return position == null
        ? sessions.values()
        : sessions.tailMap(position, false).values();
  }
}
