package io.consoul.session;

import io.consoul.message.Completed;
import io.consoul.message.Cuts;
import io.consoul.message.Failed;
import io.consoul.message.Listener;
import io.consoul.message.Replayed;
import io.consoul.message.TurnEvent;
import io.consoul.message.TurnFailed;
import io.consoul.message.TurnId;
import io.vertx.core.json.JsonObject;
import java.time.Instant;

/**
 * What is known of a turn that is stored, besides its messages.
 *
 * @param answer where its answer stands among the messages of the session
 * @param length of the answer, in UTF-16 code units
 * @param provider that answered, or null
 * @param rescues as {@link Completed} tells them
 * @param cuts of the answer
 * @param durationMillis from when the turn began
 * @param failure why the answer is not whole, or null
 * @param token of the lease under which it was sealed; null when its holder was gone and others settled it
 */
record SealedTurn(
    int answer,
    long fence,
    int length,
    String provider,
    int rescues,
    Cuts cuts,
    Instant timestamp,
    long durationMillis,
    Failed failure,
    String token) {

  /** Whether this is the same seal again; a holder that was passed over has other text than what is stored. */
  boolean isSealedBy(String holder) {
    return holder.equals(token);
  }

  /** The same turn where its answer stands elsewhere. */
  SealedTurn at(int position) {
    return new SealedTurn(
        position,
        fence,
        length,
        provider,
        rescues,
        cuts,
        timestamp,
        durationMillis,
        failure,
        token);
  }

  /** As stores outside this process keep it: its place first, where scripts find it. */
  String encoded() {
    String cutsOf = cuts.isEmpty() ? "" : "\"cuts\":" + cuts.toJson().encode() + ",";
    return "{\"answer\":" + answer + ",\"fence\":" + fence + ",\"took\":" + durationMillis + ","
        + cutsOf + about().substring(1);
  }

  /** The same without place, fence, duration and cuts, which a script puts before it. */
  String about() {
    JsonObject about = new JsonObject().put("length", length).put("provider", provider);
    if (rescues > 0) {
      about.put("rescues", rescues);
    }
    return about
        .put("at", timestamp)
        .put("failure", failure == null ? null : failure.toJson())
        .put("token", token)
        .encode();
  }

  /** Reads what {@link #encoded} wrote. */
  static SealedTurn decoded(String encoded) {
    JsonObject json = new JsonObject(encoded);
    JsonObject failure = json.getJsonObject("failure");
    return new SealedTurn(
        json.getInteger("answer"),
        json.getLong("fence"),
        json.getInteger("length"),
        json.getString("provider"),
        json.getInteger("rescues", 0),
        Cuts.fromJson(json.getJsonArray("cuts")),
        json.getInstant("at"),
        json.getLong("took"),
        failure == null ? null : Failed.fromJson(failure),
        json.getString("token"));
  }

  /** A piece of the answer with all that goes with it. */
  Replayed replay(TurnId turn, StoredMessage stored, AnswerPiece piece) {
    return new Replayed(turn, piece.offset(), piece.text(), end(turn, stored), cuts.count());
  }

  /** What those got who followed the turn to its end. */
  TurnEvent end(TurnId turn, StoredMessage stored) {
    return failure == null
        ? new Completed(
            turn,
            Listener.ONLY,
            fence,
            length,
            stored.finishReason(),
            stored.usage(),
            stored.model(),
            provider,
            0,
            rescues,
            timestamp,
            durationMillis)
        : new TurnFailed(turn, fence, length, failure);
  }
}
