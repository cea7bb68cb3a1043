package io.consoul.session;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import io.consoul.fault.Fault;
import io.consoul.message.SessionChanged;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All that the cluster's store keeps of one session: a value of its map. Each step puts a {@link MemoryStore} around it for as
 * long as it takes, with the step's time, terms and bytes for a token, so that the owner of the key and its backup come to the
 * same. Confined to the thread of its partition, but for what {@link DueCells} reads.
 */
final class Cell implements IdentifiedDataSerializable {

  /**
   * A cell stays so long after the last fence that was given in it: one of a new session of the same name is higher, even if
   * the member that asks for it has a clock behind the others'.
   */
  static final long FENCE_KEPT_MILLIS = 10_000;

  /** Repeats come within seconds and before other steps of the same session. */
  private static final int REPEATS_KEPT = 2;

  private static final long NEVER = Long.MAX_VALUE;

  /** What a step that only reads leaves as it is, unless it settles or forgets something. */
  record Mark(
      MemorySession session,
      PendingTurn pending,
      Reservations.Reservation reservation,
      long fence,
      int graves) {}

  private String key;
  private volatile MemorySession session;
  private Reservations.Reservation reservation;
  private final Tombstones tombstones = new Tombstones(this::now);
  private long lastFence;

  private Stay stay = new Stay();

  /** Outcomes of the last steps that must not be taken twice, by the step's id; null where there are none. */
  private Map<String, String> repeats;

  private Instant now = Instant.EPOCH;
  private volatile long wake = NEVER;
  private volatile boolean idle;

  /** For deserialisation. */
  Cell() {}

  Cell(String key) {
    this.key = key;
  }

  /** Takes a step, whatever comes of it. */
  Outcome take(CellStep step) {
    now = step.time();
    MemorySession before = session;
    List<SessionChanged> changes = new ArrayList<>();
    Leases leases = new Leases(this::now, new GivenBytes(step.bytes()));
    leases.exceed(lastFence);
    MemoryStore store = new MemoryStore(
        step.terms(),
        this::now,
        leases,
        tombstones,
        changes::add,
        kept -> step.isInShelter() && kept.isUnmerged(),
        made -> step.isInShelter() && !stay.isDeleted());
    if (step.isCopy()) {
      store.asCopy();
    }
    if (session != null) {
      store.restore(session);
    }
    if (reservation != null) {
      store.reservations().restore(key, reservation);
    }
    Outcome repeated = repeated(step, store);
    if (repeated != null) {
      return repeated;
    }
    if (step.isForGuests() && !isGuest()) {
      return Outcome.failed(Fault.SESSION_NOT_FOUND.because("the session has left the shelter"));
    }
    Outcome outcome =
        step.kind().isOfShelter() ? stay.take(step, store, key) : step.run(store, before);
    session = store.stored(key);
    reservation = store.reservations().of(key);
    lastFence = leases.lastFence();
    plan();
    outcome.with(changes, before, session);
    remember(step, outcome);
    return outcome;
  }

  /** Whether nothing of it is left that anybody may need. */
  boolean isEmpty() {
    return session == null
        && reservation == null
        && tombstones.size() == 0
        && !stay.isDeleted()
        && fenceKept() <= now.toEpochMilli();
  }

  Mark mark() {
    PendingTurn pending = session == null ? null : session.pending();
    return new Mark(session, pending, reservation, lastFence, tombstones.size());
  }

  /** Whether a sweep has something to do here. Any thread may ask. */
  boolean isDue(long millis, boolean orphansOnly) {
    return wake <= millis && !(orphansOnly && idle);
  }

  /** Whether it is of a shelter that has something left of it. Any thread may ask. */
  boolean isGuest() {
    return session != null || stay.isDeleted();
  }

  /** @return null where there is none; not to be changed */
  MemorySession session() {
    return session;
  }

  /** Any thread may ask. */
  ListEntry entry() {
    return ListEntry.of(session);
  }

  private Instant now() {
    return now;
  }

  /** When the next sweep has something to do here, if nothing happens before. */
  private void plan() {
    MemorySession current = session;
    idle = current != null && current.pending() == null;
    if (current != null) {
      wake = (idle ? current.expires() : current.pending().expires()).toEpochMilli();
      return;
    }
    long next = fenceKept() > now.toEpochMilli() ? fenceKept() : NEVER;
    if (tombstones.firstEnd() != null) {
      next = Math.min(next, tombstones.firstEnd().toEpochMilli());
    }
    if (reservation != null && reservation.until() != null) {
      next = Math.min(next, reservation.until().toEpochMilli());
    }
    wake = next;
  }

  private long fenceKept() {
    return lastFence + FENCE_KEPT_MILLIS;
  }

  /**
   * A member that is lost may have taken the step on the backup, too, and not have told: then it is asked for once more.
   *
   * @return what came of it the first time, or null where this is that
   */
  private Outcome repeated(CellStep step, MemoryStore store) {
    if (step.kind() == CellStep.Kind.TAKE_OVER) {
      PendingTurn pending = session == null ? null : session.pending();
      return pending != null && pending.isHeldBy(step.id()) ? step.wonBefore(store, session) : null;
    }
    String known = repeats == null ? null : repeats.get(step.id());
    if (known == null) {
      return null;
    }
    Outcome outcome = Outcome.decoded(known);
    return step.kind() == CellStep.Kind.BEGIN
        ? outcome.with(step.historyOf(store)) // it is not kept a second time
        : outcome;
  }

  private void remember(CellStep step, Outcome outcome) {
    if (!step.kind().isOnce() || outcome.failure() != null) {
      return;
    }
    if (repeats == null) {
      repeats = new LinkedHashMap<>(4);
    }
    repeats.put(step.id(), outcome.encoded());
    if (repeats.size() > REPEATS_KEPT) {
      repeats.remove(repeats.keySet().iterator().next());
    }
  }

  /** What there is of the session after this one and that one went on apart from each other. */
  Cell mergedWith(Cell other) {
    Cell merged = new Cell(key);
    merged.now = now.isAfter(other.now) ? now : other.now;
    merged.lastFence = Math.max(lastFence, other.lastFence) + 1;
    merged.session = session == null || other.session == null
        ? (session == null ? other.session : session)
        : SessionUnion.of(session, other.session, merged.lastFence, merged.now);
    merged.reservation = reservation == null ? other.reservation : reservation;
    merged.stay = stay.with(other.stay);
    merged.tombstones.addAll(tombstones.toJson());
    merged.tombstones.addAll(other.tombstones.toJson());
    merged.plan();
    return merged;
  }

  JsonObject toJson() {
    JsonObject json = new JsonObject().put("key", key).put("fence", lastFence).put("now", now);
    if (session != null) {
      json.put("session", session.toJson());
    }
    if (reservation != null) {
      json.put("reservation", reservation.toJson());
    }
    if (tombstones.size() > 0) {
      json.put("tombstones", tombstones.toJson());
    }
    stay.writeTo(json);
    if (repeats != null) {
      JsonArray steps = new JsonArray();
      repeats.forEach((id, outcome) -> steps.add(new JsonArray().add(id).add(outcome)));
      json.put("repeats", steps);
    }
    return json;
  }

  private void read(JsonObject json) {
    key = json.getString("key");
    lastFence = json.getLong("fence");
    now = json.getInstant("now");
    JsonObject kept = json.getJsonObject("session");
    session = kept == null ? null : MemorySession.fromJson(kept);
    JsonObject reserved = json.getJsonObject("reservation");
    reservation = reserved == null ? null : Reservations.Reservation.fromJson(reserved);
    tombstones.addAll(json.getJsonArray("tombstones", new JsonArray()));
    stay.readFrom(json);
    for (Object each : json.getJsonArray("repeats", new JsonArray())) {
      JsonArray step = (JsonArray) each;
      repeats = repeats == null ? new LinkedHashMap<>(4) : repeats;
      repeats.put(step.getString(0), step.getString(1));
    }
    plan();
  }

  @Override
  public void writeData(ObjectDataOutput out) throws IOException {
    out.writeString(toJson().encode());
  }

  @Override
  public void readData(ObjectDataInput in) throws IOException {
    read(new JsonObject(in.readString()));
  }

  @Override
  public int getFactoryId() {
    return ClusterTypes.FACTORY;
  }

  @Override
  public int getClassId() {
    return ClusterTypes.CELL;
  }
}
