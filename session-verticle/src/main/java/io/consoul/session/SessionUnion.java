package io.consoul.session;

import io.consoul.message.FinishReason;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes one session of two that went on apart from each other under the same name. */
final class SessionUnion {

  /** A stored turn with its messages. */
  private record Turn(StoredMessage user, StoredMessage answer, SealedTurn sealed) {

    static Turn fromJson(JsonArray json) {
      return new Turn(
          StoredMessage.decoded(json.getString(0)),
          StoredMessage.decoded(json.getString(1)),
          SealedTurn.decoded(json.getString(2)));
    }

    void appendTo(Transcript transcript) {
      transcript.append(user, answer, sealed.at(transcript.nextAnswer()));
    }
  }

  private SessionUnion() {}

  /**
   * The turns of both in the order of their times, and one of their pending turns: the other one is kept as interrupted.
   *
   * @param fence higher than any of theirs
   */
  static MemorySession of(MemorySession ours, MemorySession theirs, long fence, Instant now) {
    boolean bothRun = ours.pending() != null && theirs.pending() != null;
    boolean isSame =
        bothRun && ours.pending().begin().turn().equals(theirs.pending().begin().turn());
    if (bothRun && !isSame && !theirs.pending().said().isEmpty()) {
      theirs.settle(FinishReason.INTERRUPTED, Settlement.PROVIDER_LOST, fence, now);
    }
    if (ours.transcript().skippedTurns() != theirs.transcript().skippedTurns()) {
      return ours.transcript().turns() >= theirs.transcript().turns() ? ours : theirs;
    }
    JsonObject union = ours.toJson();
    JsonObject other = theirs.toJson();
    Transcript transcript = union(union, other);
    PendingTurn pending = later(ours.pending(), theirs.pending(), isSame);
    if (pending != null && transcript.sealed(pending.begin().turn()) != null) {
      pending = null; // it ended on the other side
    }
    union
        .put("keys", other.getJsonObject("keys").mergeIn(union.getJsonObject("keys")))
        .put("model", ours.model() == null ? theirs.model() : ours.model())
        .put("updated", later(union, other, "updated"))
        .put("expires", later(union, other, "expires"))
        .put("kept", ours.isKept() || theirs.isKept())
        .put("transcript", transcript.toJson())
        .put("pending", pending == null ? null : pending.toJson());
    return MemorySession.fromJson(union);
  }

  /** Of the attempts at one turn the last one goes on: the other side may have taken it over. */
  private static PendingTurn later(PendingTurn ours, PendingTurn theirs, boolean isSame) {
    return ours == null || isSame && theirs.fence() > ours.fence() ? theirs : ours;
  }

  private static Transcript union(JsonObject ours, JsonObject theirs) {
    JsonObject transcript = ours.getJsonObject("transcript").copy().put("turns", new JsonArray());
    Transcript union = Transcript.fromJson(transcript);
    Map<Object, Turn> turns = new LinkedHashMap<>();
    for (JsonObject session : List.of(ours, theirs)) {
      for (Object each : session.getJsonObject("transcript").getJsonArray("turns")) {
        Turn turn = Turn.fromJson((JsonArray) each);
        turns.putIfAbsent(turn.answer().turn(), turn);
      }
    }
    turns.values().stream()
        .sorted(Comparator.comparing(turn -> turn.sealed().timestamp()))
        .forEach(turn -> turn.appendTo(union));
    return union;
  }

  private static Instant later(JsonObject one, JsonObject other, String name) {
    Instant first = one.getInstant(name);
    Instant second = other.getInstant(name);
    return first.isAfter(second) ? first : second;
  }
}
