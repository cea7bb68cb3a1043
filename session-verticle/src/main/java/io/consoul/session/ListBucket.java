package io.consoul.session;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import io.consoul.message.Tenant;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * A part of the lists of sessions of all tenants, in the order of the lists: a value of the cluster's map of lists. Confined
 * to the thread of its partition.
 */
final class ListBucket implements IdentifiedDataSerializable {

  /** No set in here is empty. */
  private final Map<Tenant, NavigableSet<ListPosition>> tenants = new HashMap<>();

  private int size;

  /** @return whether it was not there */
  boolean add(ListEntry entry) {
    boolean added =
        tenants.computeIfAbsent(entry.tenant(), tenant -> new TreeSet<>()).add(entry.position());
    size += added ? 1 : 0;
    return added;
  }

  /** @return whether it was there */
  boolean remove(ListEntry entry) {
    NavigableSet<ListPosition> positions = tenants.get(entry.tenant());
    if (positions == null || !positions.remove(entry.position())) {
      return false;
    }
    size--;
    if (positions.isEmpty()) {
      tenants.remove(entry.tenant());
    }
    return true;
  }

  /**
   * The first ones of a tenant's list.
   *
   * @param after of the last one that is known, or null for all
   * @param prefix of the ids
   */
  List<ListPosition> page(Tenant tenant, ListPosition after, String prefix, int limit) {
    NavigableSet<ListPosition> positions = tenants.get(tenant);
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
    other.tenants.forEach(
        (tenant, positions) -> positions.forEach(position -> add(new ListEntry(tenant, position))));
  }

  @Override
  public void writeData(ObjectDataOutput out) throws IOException {
    out.writeInt(tenants.size());
    for (Map.Entry<Tenant, NavigableSet<ListPosition>> tenant : tenants.entrySet()) {
      out.writeString(tenant.getKey().name());
      out.writeInt(tenant.getValue().size());
      for (ListPosition position : tenant.getValue()) {
        out.writeLong(position.created());
        out.writeString(position.id());
      }
    }
  }

  @Override
  public void readData(ObjectDataInput in) throws IOException {
    int known = in.readInt();
    for (int i = 0; i < known; i++) {
      Tenant tenant = new Tenant(in.readString());
      int positions = in.readInt();
      for (int j = 0; j < positions; j++) {
        add(new ListEntry(tenant, new ListPosition(in.readLong(), in.readString())));
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
