package io.consoul.session;

import static io.consoul.session.RedisSteps.says;

import io.consoul.message.BeginTurn;
import io.consoul.message.TurnId;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Response;
import java.lang.ref.SoftReference;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Reads what session.lua's function {@code known} returns of a turn. A replay asks for piece after piece of an answer: the
 * last ones are remembered, so that Redis need not send the whole of it each time. Confined to one event loop.
 */
final class KnownReplies {

  private static final int REMEMBERED = 16;

  /** Never parsed by the turn: where the request's text was, which the message of the user has. */
  private static final String NO_TEXT = "-";

  /** An answer that was read whole, of a session that Redis knows by this token. */
  private record Answer(String session, SealedTurn sealed, StoredMessage message, String text) {}

  private final Map<TurnKey, SoftReference<Answer>> answers = new LinkedHashMap<>(16, 0.75f, true) {
    @Override
    protected boolean removeEldestEntry(Map.Entry<TurnKey, SoftReference<Answer>> eldest) {
      return size() > REMEMBERED;
    }
  };

  /** Token of the session whose answer to the turn is remembered; empty where none is. */
  String remembered(TurnKey turn) {
    return answer(turn).map(Answer::session).orElse("");
  }

  /**
   * @param name of the session
   * @param after what the asker has of the answer
   * @param seen how many of its cuts the asker has seen
   * @param window the longest piece it takes
   * @return empty where the reply tells of no turn
   */
  Optional<SessionStore.Known> read(
      SessionName name, Response reply, int after, int seen, int window) {
    if (says(reply, "pending")) {
      return Optional.of(pending(reply));
    }
    if (!says(reply, "ended")) {
      return Optional.empty();
    }
    TurnKey turn = new TurnKey(name.tenant(), TurnId.parse(reply.get(1).toString()));
    StoredMessage message = StoredMessage.decoded(reply.get(3).toString());
    Answer answer = new Answer(
        reply.get(4).toString(),
        SealedTurn.decoded(reply.get(2).toString()),
        message,
        message.message().content());
    if (answer.text().length() > window) {
      answers.put(turn, new SoftReference<>(answer));
    }
    return Optional.of(replay(turn.turn(), answer, after, seen, window));
  }

  /** A piece of the answer that is remembered, when Redis says that it is still the one; empty where it was collected. */
  Optional<SessionStore.Known> again(TurnKey turn, int after, int seen, int window) {
    return answer(turn).map(answer -> replay(turn.turn(), answer, after, seen, window));
  }

  private Optional<Answer> answer(TurnKey turn) {
    return Optional.ofNullable(answers.get(turn)).map(SoftReference::get);
  }

  private static SessionStore.Known replay(
      TurnId turn, Answer answer, int after, int seen, int window) {
    int kept = answer.sealed().cuts().kept(after, seen);
    return new SessionStore.Known.Ended(answer
        .sealed()
        .replay(turn, answer.message(), AnswerPiece.of(answer.text(), kept, window)));
  }

  static SessionStore.Known.Pending pending(Response reply) {
    JsonObject request = new JsonObject(reply.get(4).toString()).put("text", NO_TEXT);
    return new SessionStore.Known.Pending(
        TurnId.parse(reply.get(1).toString()),
        Long.parseLong(reply.get(2).toString()),
        reply.get(3).toString(),
        BeginTurn.fromJson(request).listener());
  }
}
