package io.consoul.session;

import io.consoul.message.BeginTurn;
import io.consoul.message.Cuts;
import io.consoul.message.TurnId;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;

/**
 * A turn in progress, as the function {@code orphan} of session.lua returns it.
 *
 * @param model of the session, or null
 * @param stored tokens of all messages before it and of the system prompt
 * @param user its message as it is stored
 * @param pieces in the journal
 * @param request without text and key
 */
record Unfinished(
    TurnId turn,
    String token,
    long fence,
    String model,
    long stored,
    String user,
    String said,
    int pieces,
    Cuts cuts,
    String request) {

  static Unfinished of(Response reply) {
    Response journal = reply.get(7);
    StringBuilder said = new StringBuilder();
    for (Response piece : journal) {
      JournalPiece.decoded(piece.toString()).addTo(said);
    }
    return new Unfinished(
        TurnId.parse(reply.get(1).toString()),
        reply.get(2).toString(),
        reply.get(8).toLong(),
        reply.get(4) == null ? null : reply.get(4).toString(),
        Long.parseLong(reply.get(5).toString()) + Long.parseLong(reply.get(6).toString()),
        reply.get(3).toString(),
        said.toString(),
        journal.size(),
        cuts(reply.get(9).toString()),
        reply.get(10).toString());
  }

  /** About what went to the model: nobody can tell any more. */
  long promptTokens(int window) {
    long tokens = Long.parseLong(user, 0, user.indexOf(' '), 10);
    return Math.max(tokens, Math.min(window, stored + tokens));
  }

  /** What began it, but for its key. */
  BeginTurn begin(StoredMessage message) {
    return BeginTurn.fromJson(
        new JsonObject(request).put("text", message.message().content()));
  }

  /** As a lease in Redis has them: offsets with commas between. */
  static String encoded(Cuts cuts) {
    return String.join(",", cuts.offsets().stream().map(String::valueOf).toList());
  }

  private static Cuts cuts(String encoded) {
    List<Integer> offsets = new ArrayList<>();
    if (!encoded.isEmpty()) {
      for (String offset : encoded.split(",")) {
        offsets.add(Integer.valueOf(offset));
      }
    }
    return new Cuts(offsets);
  }
}
