package io.consoul.session;

import com.hazelcast.map.EntryProcessor;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import io.consoul.fault.Fault;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * A step on a {@link ListBucket}; it tells its result as JSON. What is about owners' lists has names that members of a version
 * without owners do not look for: they refuse such a list's name, and with it all that the step is about.
 */
final class ListStep
    implements EntryProcessor<Integer, ListBucket, String>, IdentifiedDataSerializable {

  /** Which list to read. */
  private static final String TENANTS = "tenant";

  private static final String OWNERS = "list";

  private JsonObject order;
  private boolean changed;

  /** For deserialisation. */
  ListStep() {}

  private ListStep(JsonObject order) {
    this.order = order;
  }

  /** The result is how many entries there are then. */
  static ListStep change(List<ListEntry> removed, List<ListEntry> added) {
    return new ListStep(new JsonObject()
        .put("remove", json(removed, false))
        .put("remove_owned", json(removed, true))
        .put("add", json(added, false))
        .put("add_owned", json(added, true)));
  }

  /** The result is how many entries there are. */
  static ListStep count() {
    return new ListStep(new JsonObject());
  }

  /** The result is read by {@link #positions}. */
  static ListStep page(ListName list, ListPosition after, String prefix, int limit) {
    return new ListStep(new JsonObject()
        .put(list.owner() == null ? TENANTS : OWNERS, list.toString())
        .put("after", after == null ? null : new ListEntry(list, after).toJson())
        .put("prefix", prefix)
        .put("limit", limit));
  }

  static List<ListPosition> positions(String result) {
    if (!result.startsWith("[")) { // of a member that has seen no page to be read
      throw Fault.SESSION_STORAGE_UNAVAILABLE.retryAfter(
          10, "a node of the version before has no such lists; try again when all are new");
    }
    return entries(new JsonArray(result)).stream().map(ListEntry::position).toList();
  }

  @Override
  public String process(Map.Entry<Integer, ListBucket> entry) {
    ListBucket bucket = entry.getValue() == null ? new ListBucket() : entry.getValue();
    String list = order.getString(TENANTS, order.getString(OWNERS));
    if (list != null) {
      return page(bucket, ListName.parse(list)).encode();
    }
    for (String removed : List.of("remove", "remove_owned")) {
      entries(order.getJsonArray(removed)).forEach(gone -> changed |= bucket.remove(gone));
    }
    for (String added : List.of("add", "add_owned")) {
      entries(order.getJsonArray(added)).forEach(come -> changed |= bucket.add(come));
    }
    if (changed) {
      entry.setValue(bucket);
    }
    return String.valueOf(bucket.size());
  }

  /** Asked for when the step has been taken. */
  @Override
  public EntryProcessor<Integer, ListBucket, String> getBackupProcessor() {
    return changed ? this : null;
  }

  private JsonArray page(ListBucket bucket, ListName list) {
    ListEntry after = ListEntry.fromJson(order.getJsonArray("after"));
    List<ListPosition> page = bucket.page(
        list,
        after == null ? null : after.position(),
        order.getString("prefix"),
        order.getInteger("limit"));
    return new JsonArray(
        page.stream().map(position -> new ListEntry(list, position).toJson()).toList());
  }

  private static JsonArray json(List<ListEntry> entries, boolean owned) {
    return new JsonArray(entries.stream()
        .filter(entry -> (entry.list().owner() != null) == owned)
        .map(ListEntry::toJson)
        .toList());
  }

  private static List<ListEntry> entries(JsonArray json) {
    return json == null
        ? List.of()
        : json.stream().map(entry -> ListEntry.fromJson((JsonArray) entry)).toList();
  }

  @Override
  public void writeData(ObjectDataOutput out) throws IOException {
    out.writeString(order.encode());
  }

  @Override
  public void readData(ObjectDataInput in) throws IOException {
    order = new JsonObject(in.readString());
  }

  @Override
  public int getFactoryId() {
    return ClusterTypes.FACTORY;
  }

  @Override
  public int getClassId() {
    return ClusterTypes.LIST_STEP;
  }
}
