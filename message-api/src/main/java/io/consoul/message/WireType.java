package io.consoul.message;

import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The list of messages on the bus, by the names that never change. */
public enum WireType {
  TURN_BEGIN("turn.begin", BeginTurn::fromJson),
  TURN_ATTACH("turn.attach", AttachTurn::fromJson),
  TURN_REPLAYED("turn.replayed", Replayed::fromJson),
  BATCH_END("batch.end", EndBatch::fromJson),
  TURN_CANCEL("turn.cancel", CancelTurn::fromJson),
  TURN_CANCELLED("turn.cancelled", Cancelled::fromJson),
  TURN_QUEUED("turn.queued", Queued::fromJson),
  TURN_ACCEPTED("turn.accepted", Accepted::fromJson),
  TURN_ANSWER("turn.answer", AnswerTurn::fromJson),
  TURN_ANSWERING("turn.answering", Answering::fromJson),
  TURN_STOP("turn.stop", StopAnswer::fromJson),
  TURN_STOPPED("turn.stopped", Stopped::fromJson),
  TURN_DELTA("turn.delta", Delta::fromJson),
  TURN_ASIDES("turn.asides", Asides::fromJson),
  TURN_ALIVE("turn.alive", Alive::fromJson),
  TURN_COMPLETED("turn.completed", Completed::fromJson),
  TURN_FAILED("turn.failed", TurnFailed::fromJson),
  TURN_CREDIT("turn.credit", Credit::fromJson),
  TURN_DETACH("turn.detach", Detach::fromJson),
  TURN_FOLLOW("turn.follow", FollowTurn::fromJson),
  TURN_FOLLOWING("turn.following", Following::fromJson),
  TURN_PROGRESS("turn.progress", Progress::fromJson),
  TURN_RENEWED("turn.renewed", Renewed::fromJson),
  TURN_SEAL("turn.seal", SealTurn::fromJson),
  TURN_SEALED("turn.sealed", Sealed::fromJson),
  TURN_HAND_ON("turn.hand_on", HandOn::fromJson),
  TURN_HANDED_ON("turn.handed_on", HandedOn::fromJson),
  TURN_ABORT("turn.abort", AbortTurn::fromJson),
  TURN_ABORTED("turn.aborted", Aborted::fromJson),
  SESSION_CREATE("session.create", CreateSession::fromJson),
  SESSION_GET("session.get", ReadSession::fromJson),
  SESSION_INFO("session.info", SessionInfo::fromJson),
  SESSION_MESSAGES("session.messages", ReadMessages::fromJson),
  SESSION_MESSAGE_PAGE("session.message_page", MessagePage::fromJson),
  SESSION_LIST("session.list", ListSessions::fromJson),
  SESSION_PAGE("session.page", SessionPage::fromJson),
  SESSION_DELETE("session.delete", DeleteSession::fromJson),
  SESSION_DELETED("session.deleted", Deleted::fromJson),
  SESSION_CHANGED("session.changed", SessionChanged::fromJson),
  SESSION_FREE("session.free", SessionFree::fromJson),
  SESSION_MOVED("session.moved", SessionMoved::fromJson),
  SESSION_RECALL("session.recall", RecallSession::fromJson),
  SESSION_RECALLED("session.recalled", Recalled::fromJson),
  STORE_CHANGED("store.changed", StoreChanged::fromJson),
  PROVIDER_COMPLETE("provider.complete", CompleteChat::fromJson),
  PROVIDER_MODELS("provider.models", ListModels::fromJson),
  PROVIDER_MODEL_LIST("provider.model_list", ModelList::fromJson),
  BREAKER_CHANGED("breaker.changed", BreakerChanged::fromJson),
  PROVIDER_HELD("provider.held", ProviderHeld::fromJson),
  GC_RUN("gc.run", RunGc::fromJson),
  GC_DONE("gc.done", GcRun::fromJson),
  GC_STATUS_GET("gc.status_get", ReadGcStatus::fromJson),
  GC_STATUS("gc.status", GcStatus::fromJson),
  SWEEP("gc.sweep", Sweep::fromJson),
  SWEPT("gc.swept", Swept::fromJson),
  NODE_DRAIN("node.drain", DrainNode::fromJson),
  NODE_CHANGED("node.changed", NodeChanged::fromJson),
  HELLO("hello", Hello::fromJson),
  FAILED("failed", Failed::fromJson),
  UNKNOWN("unknown", Unknown::fromJson);

  /** Where a plain JsonObject tells its type; on a request address, which implies one, it may be left out. */
  public static final String TYPE_KEY = "type";

  private static final Map<String, WireType> BY_NAME = Arrays.stream(values())
      .collect(Collectors.toUnmodifiableMap(WireType::wireName, Function.identity()));

  private final String wireName;
  private final Function<JsonObject, BusMessage> reader;

  WireType(String wireName, Function<JsonObject, BusMessage> reader) {
    this.wireName = wireName;
    this.reader = reader;
  }

  /** {@link #UNKNOWN} where this node does not know the name. */
  public static WireType named(String wireName) {
    return BY_NAME.getOrDefault(wireName, UNKNOWN);
  }

  public String wireName() {
    return wireName;
  }

  /**
   * @throws RuntimeException a {@link io.consoul.fault.FaultException} where a value breaks a rule, another one where a
   *     key is missing or of another type
   */
  public BusMessage read(JsonObject json) {
    return reader.apply(json);
  }
}
