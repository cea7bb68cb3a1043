package io.consoul.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hazelcast.internal.serialization.InternalSerializationService;
import com.hazelcast.internal.serialization.impl.DefaultSerializationServiceBuilder;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.Owner;
import io.consoul.message.SessionId;
import io.consoul.message.Settings;
import io.consoul.message.Tenant;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The cluster's lists beside members of the version before, to which a list is that of a tenant. */
@DisplayName("The lists of owners in a cluster")
class ListBucketTest {

  private static final ListName ALL = new ListName(Tenant.DEFAULT, null);
  private static final ListName OWNED = new ListName(Tenant.DEFAULT, new Owner("key-1"));

  private final InternalSerializationService serialization =
      new DefaultSerializationServiceBuilder().build();

  @AfterEach
  void close() {
    serialization.dispose();
  }

  @Test
  @DisplayName("are read as they were written, and do not keep older members from the tenants'")
  void written() throws IOException {
    ListBucket bucket = new ListBucket();
    bucket.add(entry(OWNED, "owned"));
    bucket.add(entry(ALL, "of all"));
    ObjectDataOutput out = serialization.createObjectDataOutput();
    bucket.writeData(out);

    assertThat(readByOlder(in(out))).containsExactly("default of all");
    ListBucket read = new ListBucket();
    read.readData(in(out));
    assertThat(read.size()).isEqualTo(2);
    assertThat(ids(read, OWNED)).containsExactly("owned");
    assertThat(ids(read, ALL)).containsExactly("of all");
  }

  @Test
  @DisplayName("are none in what an older member wrote")
  void writtenByOlder() throws IOException {
    ObjectDataOutput out = serialization.createObjectDataOutput();
    out.writeInt(1);
    out.writeString("default");
    out.writeInt(1);
    out.writeLong(1);
    out.writeString("of all");

    ListBucket read = new ListBucket();
    read.readData(in(out));

    assertThat(ids(read, ALL)).containsExactly("of all");
    assertThat(read.size()).isEqualTo(1);
  }

  @Test
  @DisplayName("are no part of what an older member reads of a change")
  void changed() throws IOException {
    ObjectDataOutput out = serialization.createObjectDataOutput();
    ListStep.change(
            List.of(entry(OWNED, "a"), entry(ALL, "b")),
            List.of(entry(ALL, "c"), entry(OWNED, "d")))
        .writeData(out);
    JsonObject order = new JsonObject(in(out).readString());

    assertThat(order.getJsonArray("remove")).containsExactly(json("b"));
    assertThat(order.getJsonArray("add")).containsExactly(json("c"));

    Outcome outcome = new Outcome(null);
    MemorySession.Origin origin = new MemorySession.Origin(
        Tenant.DEFAULT, new SessionId("s"), OWNED.owner(), null, Settings.NONE, 0, Map.of());
    outcome.with(List.of(), null, new MemorySession(origin, Instant.EPOCH));
    JsonObject told = new JsonObject(outcome.encoded());
    assertThat(told.containsKey("listed")).isFalse();
    assertThat(Outcome.decoded(told.encode()).listed().list()).isEqualTo(OWNED);
  }

  @Test
  @DisplayName("are not asked of a member that knows none: the failure says to wait")
  void listed() throws IOException {
    ObjectDataOutput out = serialization.createObjectDataOutput();
    ListStep.page(OWNED, null, "", 10).writeData(out);

    assertThat(new JsonObject(in(out).readString()).containsKey("tenant")).isFalse();
    assertThatThrownBy(() -> ListStep.positions("5"))
        .isInstanceOfSatisfying(
            FaultException.class,
            refused -> assertThat(refused.fault()).isEqualTo(Fault.SESSION_STORAGE_UNAVAILABLE));
  }

  private ObjectDataInput in(ObjectDataOutput out) {
    return serialization.createObjectDataInput(out.toByteArray());
  }

  /** As the version before did. */
  private static List<String> readByOlder(ObjectDataInput in) throws IOException {
    List<String> read = new ArrayList<>();
    int known = in.readInt();
    for (int i = 0; i < known; i++) {
      Tenant tenant = new Tenant(in.readString());
      int positions = in.readInt();
      for (int j = 0; j < positions; j++) {
        in.readLong();
        read.add(tenant.name() + " " + in.readString());
      }
    }
    return read;
  }

  private static List<String> ids(ListBucket bucket, ListName list) {
    return bucket.page(list, null, "", 10).stream().map(ListPosition::id).toList();
  }

  private static ListEntry entry(ListName list, String id) {
    return new ListEntry(list, new ListPosition(1, id));
  }

  private static JsonArray json(String id) {
    return new JsonArray().add("default").add(1).add(id);
  }
}
