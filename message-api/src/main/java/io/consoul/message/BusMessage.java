package io.consoul.message;

import io.vertx.core.json.JsonObject;

/**
 * Everything that may cross the event bus. Messages are immutable: inside one JVM they pass by reference. A new message
 * starts here, and {@link WireType} is the other place.
 *
 * <p>Growth: readers ignore keys they do not know and default those that are missing; a change that older nodes cannot
 * read gets a new {@link WireType}.
 */
public sealed interface BusMessage
    permits SessionRequest,
        StreamMessage,
        Replayed,
        Cancelled,
        SessionInfo,
        MessagePage,
        Deleted,
        ListSessions,
        SessionPage,
        SessionChanged,
        Recalled,
        StoreChanged,
        AnswerTurn,
        Answering,
        StopAnswer,
        Stopped,
        CompleteChat,
        ListModels,
        ModelList,
        BreakerChanged,
        ProviderHeld,
        Credit,
        Detach,
        FollowTurn,
        Following,
        Progress,
        Renewed,
        SealTurn,
        Sealed,
        HandOn,
        HandedOn,
        AbortTurn,
        Aborted,
        Sweep,
        Swept,
        RunGc,
        GcRun,
        ReadGcStatus,
        GcStatus,
        DrainNode,
        NodeChanged,
        Hello,
        Failed,
        Unknown {

  WireType wireType();

  /** The message as JSON, without its type. */
  JsonObject toJson();

  /** The form for callers that speak plain JsonObject: with {@code type}. */
  default JsonObject toTypedJson() {
    return toJson().put(WireType.TYPE_KEY, wireType().wireName());
  }
}
