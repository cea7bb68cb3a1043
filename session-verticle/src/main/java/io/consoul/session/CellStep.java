package io.consoul.session;

import com.hazelcast.map.EntryProcessor;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import io.consoul.fault.Fault;
import io.consoul.message.AbortTurn;
import io.consoul.message.AttachTurn;
import io.consoul.message.BeginTurn;
import io.consoul.message.BusMessage;
import io.consoul.message.ChatMessage;
import io.consoul.message.CreateSession;
import io.consoul.message.DeleteSession;
import io.consoul.message.EndBatch;
import io.consoul.message.Progress;
import io.consoul.message.ReadMessages;
import io.consoul.message.ReadSession;
import io.consoul.message.SealTurn;
import io.consoul.message.SessionRequest;
import io.consoul.message.Tenant;
import io.consoul.message.TurnId;
import io.consoul.message.WireType;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * A step of a store, taken where its session is, and once more at each backup. It brings all that decides its result: no clock
 * and no source of randomness is asked there.
 */
final class CellStep implements EntryProcessor<String, Cell, Outcome>, IdentifiedDataSerializable {

  /** What to do. */
  private interface Action {
    Future<Outcome> take(MemoryStore store, CellStep step);
  }

  /** Which step; the name goes over the wire. */
  enum Kind {
    BEGIN((store, step) -> store
        .begin(step.request(BeginTurn.class), step.integer("tokens"), step.text("provider"))
        .map(StoreAnswers::of)),
    STANDING((store, step) -> store.standing(step.request(BeginTurn.class)).map(StoreAnswers::of)),
    SNAPSHOT((store, step) -> store
        .snapshot(step.request(BeginTurn.class), step.integer("tokens"))
        .map(StoreAnswers::of)),
    REASSIGN((store, step) -> store
        .reassign(
            step.request(BeginTurn.class), StoreAnswers.lease(step.more), step.text("provider"))
        .map(StoreAnswers::of)),
    PROGRESS((store, step) ->
        store.progress(step.request(Progress.class)).map(done -> new Outcome(null))),
    SEAL((store, step) ->
        store.seal(step.request(SealTurn.class)).map(done -> new Outcome(done.toJson()))),
    ABORT((store, step) -> store
        .abort(step.request(AbortTurn.class))
        .map(turn -> new Outcome(new JsonObject().put("turn", turn.value())))),
    /** What it decides by is in {@code more}; a backup is asked for a {@link #REASSIGN}, see there. */
    TAKE_OVER(
        (store, step) -> store.takeOver(StoreAnswers.takeOver(step.more)).map(StoreAnswers::of)),
    FIND((store, step) -> store.find(step.request(AttachTurn.class)).map(StoreAnswers::of)),
    RUNNING(
        (store, step) -> store.running(step.request(SessionRequest.class)).map(StoreAnswers::of)),
    CANCEL((store, step) -> store
        .cancel(new TurnKey(new Tenant(step.text("tenant")), TurnId.parse(step.text("turn"))))
        .map(was -> new Outcome(new JsonObject().put("was", was)))),
    END_BATCH((store, step) ->
        store.endBatch(step.request(EndBatch.class)).map(done -> new Outcome(null))),
    SWEEP((store, step) -> store
        .sweep(1, step.more.getBoolean("orphans_only"))
        .map(swept -> new Outcome(swept.toJson()))),
    CREATE((store, step) -> store
        .catalog()
        .create(step.request(CreateSession.class), step.integer("tokens"))
        .map(info -> new Outcome(info.toJson()))),
    READ((store, step) -> store
        .catalog()
        .read(step.request(ReadSession.class))
        .map(info -> new Outcome(info.toJson()))),
    MESSAGES((store, step) -> store
        .catalog()
        .messages(step.request(ReadMessages.class))
        .map(page -> new Outcome(page.toJson()))),
    /** For a list: it settles nothing and never fails. */
    SUMMARY(null),
    /** Those of a {@link Shelter}, besides the others. */
    HOLDS(null),
    ADOPT(null),
    NOTE_DELETE(null),
    CLAIM(null),
    EXPORT(null),
    MERGED(null),
    RELEASE(null),
    DELETE((store, step) ->
        store.catalog().delete(step.request(DeleteSession.class)).map(StoreAnswers::of));

    private final Action action;

    Kind(Action action) {
      this.action = action;
    }

    /** Whether it changes nothing, unless it finds something to settle or to forget. */
    boolean isRead() {
      return switch (this) {
        case STANDING, SNAPSHOT, FIND, RUNNING, READ, MESSAGES, SUMMARY, HOLDS, EXPORT -> true;
        default -> false;
      };
    }

    /** Whether taking it a second time would come to something else. */
    boolean isOnce() {
      return switch (this) {
        case BEGIN, REASSIGN, ABORT, CANCEL, CREATE, DELETE -> true;
        default -> false;
      };
    }

    boolean isOfShelter() {
      return switch (this) {
        case HOLDS, ADOPT, NOTE_DELETE, CLAIM, EXPORT, MERGED, RELEASE -> true;
        default -> false;
      };
    }

    /** Whether it may make a session. */
    boolean makes() {
      return this == BEGIN || this == CREATE;
    }
  }

  private Kind kind;
  private BusMessage request;
  private JsonObject more;
  private String terms;
  private long millis;
  private byte[] bytes;
  private boolean copy;
  private boolean shelter;
  private boolean forGuests;

  /** Not written by steps that only read: those may run for many sessions at a time. */
  private boolean changed;

  /** The turn that changes hands, and the lease that it had before. */
  private PendingTurn overtaken;

  private SessionStore.Lease overtakenFrom;

  /** For deserialisation. */
  CellStep() {}

  /**
   * @param request may be null, as {@code more} that goes with it
   * @param bytes drawn at random, for this step alone
   */
  CellStep(
      Kind kind, BusMessage request, JsonObject more, String terms, Instant time, byte[] bytes) {
    this.kind = kind;
    this.request = request;
    this.more = more;
    this.terms = terms;
    this.millis = time.toEpochMilli();
    this.bytes = bytes;
  }

  @Override
  public Outcome process(Map.Entry<String, Cell> entry) {
    Cell known = entry.getValue();
    Cell cell = known == null ? new Cell(entry.getKey()) : known;
    Cell.Mark before = cell.mark();
    Outcome outcome = cell.take(this);
    if ((kind.isRead() || kind == Kind.TAKE_OVER) && before.equals(cell.mark())) {
      return outcome;
    }
    boolean empty = cell.isEmpty();
    changed = known != null || !empty;
    if (changed) {
      entry.setValue(empty ? null : cell);
    }
    return outcome;
  }

  /** Asked for when the step has been taken. */
  @Override
  public EntryProcessor<String, Cell, Outcome> getBackupProcessor() {
    return changed ? copied() : null;
  }

  private CellStep copied() {
    CellStep step = overtaken == null
        ? new CellStep(kind, request, more, terms, time(), bytes)
        : new CellStep(
            kind,
            overtaken.begin(),
            more.copy().mergeIn(StoreAnswers.json(overtakenFrom)),
            terms,
            time(),
            bytes);
    step.copy = true;
    step.shelter = shelter;
    step.forGuests = forGuests;
    return step;
  }

  /** Whether it is taken once more, at a backup. */
  boolean isCopy() {
    return copy;
  }

  /**
   * Never fails: what went wrong is the outcome.
   *
   * @param session what the store holds before the step, or null
   */
  Outcome run(MemoryStore store, MemorySession session) {
    if (kind == Kind.SUMMARY) {
      return new Outcome(summary(session));
    }
    if (kind.makes() && isFull() && session == null) {
      return Outcome.failed(Fault.SESSION_STORAGE_UNAVAILABLE.retryAfter(
          10, "the cluster holds as many sessions as it may; try again later, or delete some"));
    }
    if (kind == Kind.TAKE_OVER && session != null && session.pending() != null) {
      overtaken = session.pending();
      overtakenFrom = overtaken.lease();
    }
    Future<Outcome> done;
    try {
      done = kind.action.take(store, this);
    } catch (RuntimeException refused) {
      return Outcome.failed(refused);
    }
    return done.succeeded() ? done.result() : Outcome.failed(done.cause());
  }

  /** What came of it before: it has given the turn's lease the token that is its own. */
  Outcome wonBefore(MemoryStore store, MemorySession session) {
    return StoreAnswers.of(store.won(session));
  }

  /** What goes to the model with the turn of this step, which has begun. */
  List<ChatMessage> historyOf(MemoryStore store) {
    return store.snapshot(request(BeginTurn.class), integer("tokens")).result().history();
  }

  Kind kind() {
    return kind;
  }

  /** One of its own; the token of the lease that it gives, if it gives one. */
  String id() {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  byte[] bytes() {
    return bytes;
  }

  Instant time() {
    return Instant.ofEpochMilli(millis);
  }

  /** Whether the session is there while Redis is away, and may be merged into it. */
  boolean isInShelter() {
    return shelter;
  }

  /** Whether it fails with E100 where nothing of the session is in the shelter. */
  boolean isForGuests() {
    return forGuests;
  }

  JsonObject more() {
    return more;
  }

  /** @param guestsOnly whether there has to be something of the session already */
  CellStep inShelter(boolean guestsOnly) {
    shelter = true;
    forGuests = guestsOnly;
    return this;
  }

  /** The part of the configuration that it goes by. */
  SessionConfig terms() {
    return Terms.decoded(terms);
  }

  private boolean isFull() {
    return more != null && more.getBoolean("full", false);
  }

  private <M extends BusMessage> M request(Class<M> type) {
    return type.cast(request);
  }

  private String text(String name) {
    return more.getString(name);
  }

  private int integer(String name) {
    return more.getInteger(name);
  }

  private JsonObject summary(MemorySession session) {
    if (session == null) {
      return null;
    }
    return new JsonObject()
        .put("expired", session.isExpired(time()))
        .put("list", session.list().toString())
        .put("info", session.summary().toJson());
  }

  /**
   * A backup of a version before takeovers could not read one, and would miss it: for that it is the change of the lease that
   * it is, too, and what such a version does with that leaves the lease to whom it was given.
   */
  private String nameOnTheWire() {
    return (kind == Kind.TAKE_OVER && copy ? Kind.REASSIGN : kind).name();
  }

  private boolean isTakeOver(String name) {
    return name.equals(Kind.REASSIGN.name()) && StoreAnswers.isTakeOver(more);
  }

  @Override
  public void writeData(ObjectDataOutput out) throws IOException {
    out.writeString(nameOnTheWire());
    out.writeString(request == null ? null : request.wireType().wireName());
    out.writeString(request == null ? null : request.toJson().encode());
    out.writeString(more == null ? null : more.encode());
    out.writeString(terms);
    out.writeLong(millis);
    out.writeByteArray(bytes);
    out.writeBoolean(copy);
    out.writeBoolean(shelter);
    out.writeBoolean(forGuests);
  }

  @Override
  public void readData(ObjectDataInput in) throws IOException {
    String name = in.readString();
    String type = in.readString();
    String json = in.readString();
    request = type == null ? null : WireType.named(type).read(new JsonObject(json));
    String extra = in.readString();
    more = extra == null ? null : new JsonObject(extra);
    kind = isTakeOver(name) ? Kind.TAKE_OVER : Kind.valueOf(name);
    terms = in.readString();
    millis = in.readLong();
    bytes = in.readByteArray();
    copy = in.readBoolean();
    shelter = in.readBoolean();
    forGuests = in.readBoolean();
  }

  @Override
  public int getFactoryId() {
    return ClusterTypes.FACTORY;
  }

  @Override
  public int getClassId() {
    return ClusterTypes.STEP;
  }
}
