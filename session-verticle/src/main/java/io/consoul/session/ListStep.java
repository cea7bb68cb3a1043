package io.consoul.session;

import com.hazelcast.map.EntryProcessor;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** A step on a {@link ListBucket}; it tells its result as JSON. */
final class ListStep
    implements EntryProcessor<Integer, ListBucket, String>, IdentifiedDataSerializable {

  /** Whose list it is; by a name that members know which have no other lists than tenants'. */
  private static final String LIST = "tenant";

  private JsonObject order;
  private boolean changed;

  /** For deserialisation. */
  ListStep() {}

  private ListStep(JsonObject order) {
    this.order = order;
  }

  /** The result is how many entries there are then. */
  static ListStep change(List<ListEntry> removed, List<ListEntry> added) {
    return new ListStep(new JsonObject().put("remove", json(removed)).put("add", json(added)));
  }

  /** The result is how many entries there are. */
  static ListStep count() {
    return new ListStep(new JsonObject());
  }

  /** The result is read by {@link #positions}. */
  static ListStep page(ListName list, ListPosition after, String prefix, int limit) {
    return new ListStep(new JsonObject()
        .put(LIST, list.toString())
        .put("after", after == null ? null : new ListEntry(list, after).toJson())
        .put("prefix", prefix)
        .put("limit", limit));
  }

  static List<ListPosition> positions(String result) {
    return entries(new JsonArray(result)).stream().map(ListEntry::position).toList();
  }

  @Override
  public String process(Map.Entry<Integer, ListBucket> entry) {
    ListBucket bucket = entry.getValue() == null ? new ListBucket() : entry.getValue();
    if (order.containsKey(LIST)) {
      return page(bucket).encode();
    }
    for (ListEntry removed : entries(order.getJsonArray("remove"))) {
      changed |= bucket.remove(removed);
    }
    for (ListEntry added : entries(order.getJsonArray("add"))) {
      changed |= bucket.add(added);
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

  private JsonArray page(ListBucket bucket) {
    ListName list = ListName.parse(order.getString(LIST));
    ListEntry after = ListEntry.fromJson(order.getJsonArray("after"));
    List<ListPosition> page = bucket.page(
        list,
        after == null ? null : after.position(),
        order.getString("prefix"),
        order.getInteger("limit"));
    return json(page.stream().map(position -> new ListEntry(list, position)).toList());
  }

  private static JsonArray json(List<ListEntry> entries) {
    return new JsonArray(entries.stream().map(ListEntry::toJson).toList());
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
