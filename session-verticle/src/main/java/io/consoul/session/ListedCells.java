package io.consoul.session;

import com.hazelcast.query.Predicate;
import java.util.Collection;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Passes over the cells of this member and notes which sessions are in them. It never leaves its process. */
final class ListedCells implements Predicate<String, Cell> {

  private final transient Queue<ListEntry> entries = new ConcurrentLinkedQueue<>();

  @Override
  public boolean apply(Map.Entry<String, Cell> entry) {
    ListEntry session = entry.getValue().entry();
    if (session != null) {
      entries.add(session);
    }
    return false;
  }

  Collection<ListEntry> entries() {
    return entries;
  }
}
