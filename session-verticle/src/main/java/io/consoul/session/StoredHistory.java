package io.consoul.session;

import io.consoul.message.Owner;
import io.consoul.message.Settings;
import io.consoul.message.Usage;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Response;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the function {@code history} of session.lua returns: a session as it is in Redis, or what is new of it.
 *
 * @param completes whether what was at hand needs only this
 * @param before turns before the first one here
 * @param token by which Redis tells the session from others of its name
 * @param owner in whose list it is, or null for the tenant's
 * @param usage of all its turns
 * @param settings null where it completes what was at hand, as is the metadata
 */
record StoredHistory(
    boolean completes,
    int before,
    String token,
    Owner owner,
    String model,
    int promptTokens,
    Instant created,
    Instant updated,
    Instant expires,
    Usage usage,
    boolean kept,
    Settings settings,
    Map<String, String> metadata,
    List<Turn> turns) {

  /** A stored turn. */
  record Turn(StoredMessage user, StoredMessage answer, SealedTurn sealed) {}

  /** @param at where in the reply it begins */
  static StoredHistory of(Response reply, int at) {
    Response head = reply.get(at + 2);
    return new StoredHistory(
        reply.get(at).toInteger() == 1,
        reply.get(at + 1).toInteger(),
        text(head, 0),
        RedisHead.owner(head.get(14)),
        text(head, 1),
        (int) number(head, 2),
        Instant.ofEpochMilli(number(head, 3)),
        Instant.ofEpochMilli(number(head, 4)),
        Instant.ofEpochMilli(number(head, 5)),
        new Usage(
            number(head, 7),
            number(head, 8),
            head.get(9) == null ? 0 : head.get(9).toDouble(),
            head.get(10) != null),
        head.get(11) != null,
        head.get(12) == null ? Settings.NONE : Settings.fromJson(new JsonObject(text(head, 12))),
        metadata(text(head, 13)),
        turns(reply.get(at + 3), reply.get(at + 4)));
  }

  /** The session, with its newest turns at hand. */
  MemorySession session(SessionName name) {
    MemorySession.Origin origin = new MemorySession.Origin(
        name.tenant(), name.session(), owner, model, settings, promptTokens, metadata);
    Usage skipped = usage;
    for (Turn turn : turns) {
      skipped = skipped.minus(turn.answer().usage());
    }
    MemorySession session = new MemorySession(
        origin, created, new Transcript(before, before == 0 ? Usage.NONE : skipped));
    addTo(session);
    return session;
  }

  /** What the session does not have yet is added to it. */
  void addTo(MemorySession session) {
    Transcript transcript = session.transcript();
    for (Turn turn :
        turns.subList(Math.min(turns.size(), transcript.turns() - before), turns.size())) {
      if (session.pending() != null) {
        session.abort(); // it has ended meanwhile, or there were no turns after it
      }
      session.add(turn);
    }
    session.follow(model, updated, expires);
    if (kept) {
      session.keep();
    }
  }

  private static List<Turn> turns(Response messages, Response records) {
    List<Turn> turns = new ArrayList<>(records.size());
    for (int i = 0; i < records.size(); i++) {
      turns.add(new Turn(
          StoredMessage.decoded(messages.get(2 * i).toString()),
          StoredMessage.decoded(messages.get(2 * i + 1).toString()),
          SealedTurn.decoded(records.get(i).toString())));
    }
    return turns;
  }

  private static Map<String, String> metadata(String json) {
    Map<String, String> metadata = new HashMap<>();
    if (json != null) {
      new JsonObject(json).forEach(each -> metadata.put(each.getKey(), (String) each.getValue()));
    }
    return Map.copyOf(metadata);
  }

  private static String text(Response head, int field) {
    return head.get(field) == null ? null : head.get(field).toString();
  }

  private static long number(Response head, int field) {
    return head.get(field) == null ? 0 : Long.parseLong(head.get(field).toString());
  }
}
