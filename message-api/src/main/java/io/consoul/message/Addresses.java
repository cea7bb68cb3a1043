package io.consoul.message;

/**
 * The public addresses of the event bus. Verticle instances talk to each other's inboxes, which {@link Hello} tells;
 * these here are for everybody else in the cluster, and any node answers them.
 */
public final class Addresses {

  /**
   * Takes {@link BeginTurn}; replies {@link Accepted}, or {@link Queued} and later {@link Accepted} to the listener's
   * inbox, or {@link Replayed} where the turn is stored already, or {@link Failed}. The stream follows to the listener's inbox from the provider's.
   */
  public static final String SESSION_TURN = "consoul.session.turn";

  /** Takes {@link AttachTurn}; replies {@link Accepted}, {@link Queued} or {@link Replayed}. */
  public static final String SESSION_ATTACH = "consoul.session.attach";

  /** Takes {@link CancelTurn}; replies {@link Cancelled}. */
  public static final String SESSION_CANCEL = "consoul.session.cancel";

  /** Takes {@link CreateSession}; replies {@link SessionInfo}. */
  public static final String SESSION_CREATE = "consoul.session.create";

  /** Takes {@link ReadSession}; replies {@link SessionInfo}. */
  public static final String SESSION_GET = "consoul.session.get";

  /** Takes {@link ReadMessages}; replies {@link MessagePage}. */
  public static final String SESSION_MESSAGES = "consoul.session.messages";

  /** Takes {@link ListSessions}; replies {@link SessionPage}. */
  public static final String SESSION_LIST = "consoul.session.list";

  /** Takes {@link DeleteSession}; replies {@link Deleted}. */
  public static final String SESSION_DELETE = "consoul.session.delete";

  /** Takes {@link CompleteChat}; replies {@link Answering}. The stream follows to the listener's inbox. */
  public static final String PROVIDER_COMPLETE = "consoul.provider.complete";

  /** Takes {@link ListModels}; replies {@link ModelList}. */
  public static final String PROVIDER_MODELS = "consoul.provider.models";

  /** Takes {@link RunGc}; replies {@link GcRun}, or {@link GcStatus} when it takes longer than 2 s. */
  public static final String GC_RUN = "consoul.gc.run";

  /** Takes {@link ReadGcStatus}; replies {@link GcStatus}. */
  public static final String GC_STATUS = "consoul.gc.status";

  /** Published here: {@link SessionChanged}. */
  public static final String EVENTS_SESSION = "consoul.events.session";

  /** Published here: {@link StoreChanged}. */
  public static final String EVENTS_STORE = "consoul.events.store";

  /** Published here: {@link BreakerChanged}. */
  public static final String EVENTS_BREAKER = "consoul.events.breaker";

  /** Published here once a second by every verticle instance, and at every change: {@link Hello}. */
  public static final String EVENTS_NODE = "consoul.events.node";

  /**
   * Takes {@link DrainNode}; replies with the node's {@link NodeChanged}, when it has begun to drain. Every node answers for all.
   */
  public static final String NODE_DRAIN = "consoul.node.drain";

  /** Published here: {@link NodeChanged}. */
  public static final String EVENTS_CLUSTER = "consoul.events.cluster";

  private Addresses() {}
}
