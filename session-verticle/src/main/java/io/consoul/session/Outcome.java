package io.consoul.session;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import io.consoul.message.ChatMessage;
import io.consoul.message.Failed;
import io.consoul.message.SessionChanged;
import io.consoul.message.WireType;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What came of a step on a {@link Cell}, on its way back to the member that asked for it. */
final class Outcome implements IdentifiedDataSerializable {

  private static final ChatMessage.Role[] ROLES = ChatMessage.Role.values();

  private static final String OWNED = "_owned";

  private JsonObject value;
  private Failed failure;
  private List<SessionChanged> changes = List.of();
  private ListEntry listed;
  private ListEntry unlisted;
  private List<ChatMessage> history = List.of();

  /** For deserialisation. */
  Outcome() {}

  /** @param value null where the step has nothing to tell */
  Outcome(JsonObject value) {
    this.value = value;
  }

  static Outcome failed(Throwable cause) {
    Outcome outcome = new Outcome(null);
    outcome.failure = Failed.of(cause);
    return outcome;
  }

  /** Messages go apart from the JSON, as they are. */
  Outcome with(List<ChatMessage> messages) {
    history = messages;
    return this;
  }

  /**
   * Notes what has to be told to others.
   *
   * @param before what there was of the session, as {@code after} null where there was none
   */
  Outcome with(List<SessionChanged> told, MemorySession before, MemorySession after) {
    changes = told;
    if (before != after) {
      unlisted = ListEntry.of(before);
      listed = ListEntry.of(after);
    }
    return this;
  }

  JsonObject value() {
    return value;
  }

  /** @return null where the step did what it should */
  Failed failure() {
    return failure;
  }

  List<SessionChanged> changes() {
    return changes;
  }

  /** A session that there was not before, or null. */
  ListEntry listed() {
    return listed;
  }

  /** A session that there is no longer, or null. */
  ListEntry unlisted() {
    return unlisted;
  }

  List<ChatMessage> history() {
    return history;
  }

  /** Without the history. */
  String encoded() {
    JsonObject json = new JsonObject();
    if (value != null) {
      json.put("value", value);
    }
    if (failure != null) {
      json.put("failure", failure.toJson());
    }
    if (!changes.isEmpty()) {
      json.put(
          "changes", new JsonArray(changes.stream().map(SessionChanged::toJson).toList()));
    }
    put(json, "listed", listed);
    put(json, "unlisted", unlisted);
    return json.encode();
  }

  /** An entry of an owner's list by a name that members of a version without owners do not look for: they could not read it. */
  private static void put(JsonObject json, String name, ListEntry entry) {
    if (entry != null) {
      json.put(entry.list().owner() == null ? name : name + OWNED, entry.toJson());
    }
  }

  private static ListEntry entry(JsonObject json, String name) {
    return ListEntry.fromJson(json.getJsonArray(name, json.getJsonArray(name + OWNED)));
  }

  /** Reads what {@link #encoded} wrote. */
  static Outcome decoded(String encoded) {
    Outcome outcome = new Outcome();
    outcome.read(encoded);
    return outcome;
  }

  private void read(String encoded) {
    JsonObject json = new JsonObject(encoded);
    value = json.getJsonObject("value");
    JsonObject fault = json.getJsonObject("failure");
    failure = fault == null ? null : Failed.fromJson(fault);
    changes = json.getJsonArray("changes", new JsonArray()).stream()
        .map(change -> (SessionChanged) WireType.SESSION_CHANGED.read((JsonObject) change))
        .toList();
    listed = entry(json, "listed");
    unlisted = entry(json, "unlisted");
  }

  @Override
  public void writeData(ObjectDataOutput out) throws IOException {
    out.writeString(encoded());
    out.writeInt(history.size());
    for (ChatMessage message : history) {
      out.writeByte(message.role().ordinal());
      out.writeString(message.json());
    }
  }

  @Override
  public void readData(ObjectDataInput in) throws IOException {
    read(in.readString());
    int messages = in.readInt();
    history = new ArrayList<>(messages);
    for (int i = 0; i < messages; i++) {
      history.add(new ChatMessage(ROLES[in.readByte()], in.readString()));
    }
  }

  @Override
  public int getFactoryId() {
    return ClusterTypes.FACTORY;
  }

  @Override
  public int getClassId() {
    return ClusterTypes.OUTCOME;
  }
}
