package io.consoul.session;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * A part of all lists of sessions, in their order: a value of the cluster's map of lists. Confined
 * to the thread of its partition.
 */
final class ListBucket implements IdentifiedDataSerializable {

  /** No set in here is empty. */
  private final Map<ListName, NavigableSet<ListPosition>> lists = new HashMap<>();

  private int size;

  /** @return whether it was not there */
  boolean add(ListEntry entry) {
    boolean added =
        lists.computeIfAbsent(entry.list(), list -> new TreeSet<>()).add(entry.position());
    size += added ? 1 : 0;
    return added;
  }

  /** @return whether it was there */
  boolean remove(ListEntry entry) {
    NavigableSet<ListPosition> positions = lists.get(entry.list());
    if (positions == null || !positions.remove(entry.position())) {
      return false;
    }
    size--;
    if (positions.isEmpty()) {
      lists.remove(entry.list());
    }
    return true;
  }

  /**
   * The first ones of a list.
   *
   * @param after of the last one that is known, or null for all
   * @param prefix of the ids
   */
  List<ListPosition> page(ListName list, ListPosition after, String prefix, int limit) {
    NavigableSet<ListPosition> positions = lists.get(list);
    List<ListPosition> page = new ArrayList<>();
    if (positions == null) {
      return page;
    }
    for (ListPosition position : after == null ? positions : positions.tailSet(after, false)) {
      if (page.size() == limit) {
        break;
      }
      if (position.id().startsWith(prefix)) {
        page.add(position);
      }
    }
    return page;
  }

  int size() {
    return size;
  }

  void addAll(ListBucket other) {
    other.lists.forEach(
        (list, positions) -> positions.forEach(position -> add(new ListEntry(list, position))));
  }

  /** Members of a version without owners read the lists of the tenants and nothing that comes after. */
  @Override
  public void writeData(ObjectDataOutput out) throws IOException {
    write(out, list -> list.owner() == null);
    write(out, list -> list.owner() != null);
  }

  private void write(ObjectDataOutput out, Predicate<ListName> which) throws IOException {
    List<Map.Entry<ListName, NavigableSet<ListPosition>>> some =
        lists.entrySet().stream().filter(list -> which.test(list.getKey())).toList();
    out.writeInt(some.size());
    for (Map.Entry<ListName, NavigableSet<ListPosition>> list : some) {
      out.writeString(list.getKey().toString());
      out.writeInt(list.getValue().size());
      for (ListPosition position : list.getValue()) {
        out.writeLong(position.created());
        out.writeString(position.id());
      }
    }
  }

  @Override
  public void readData(ObjectDataInput in) throws IOException {
    read(in);
    try {
      read(in);
    } catch (EOFException older) {
      // Written by a member of a version without owners.
    }
  }

  private void read(ObjectDataInput in) throws IOException {
    int known = in.readInt();
    for (int i = 0; i < known; i++) {
      ListName list = ListName.parse(in.readString());
      int positions = in.readInt();
      for (int j = 0; j < positions; j++) {
        add(new ListEntry(list, new ListPosition(in.readLong(), in.readString())));
      }
    }
  }

  @Override
  public int getFactoryId() {
    return ClusterTypes.FACTORY;
  }

  @Override
  public int getClassId() {
    return ClusterTypes.LIST_BUCKET;
  }
}
