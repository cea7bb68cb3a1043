package io.consoul.session;

import io.consoul.message.Owner;
import io.consoul.message.SessionId;
import io.consoul.message.SessionInfo;
import io.consoul.message.Settings;
import io.consoul.message.TurnId;
import io.consoul.message.Usage;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Response;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What the head of a session in Redis says. docs/sessions.md names the fields. */
final class RedisHead {

  /** What a list shows of a session. */
  static final List<String> SUMMARY = List.of(
      "model",
      "created",
      "updated",
      "expires",
      "turns",
      "input_tokens",
      "output_tokens",
      "cost",
      "estimated",
      "owner");

  private final Map<String, String> fields;

  private RedisHead(Map<String, String> fields) {
    this.fields = fields;
  }

  /** @param field as a script gives it back: null where the session is in the list of its tenant */
  static Owner owner(Response field) {
    return field == null ? null : new Owner(field.toString());
  }

  /** @param pairs fields and values in turn */
  static RedisHead ofPairs(Response pairs) {
    Map<String, String> fields = new HashMap<>();
    for (int i = 0; i + 1 < pairs.size(); i += 2) {
      fields.put(pairs.get(i).toString(), pairs.get(i + 1).toString());
    }
    return new RedisHead(fields);
  }

  /** @param values of the {@link #SUMMARY}; null where the session does not have it */
  static RedisHead ofSummary(Response values) {
    Map<String, String> fields = new HashMap<>();
    for (int i = 0; i < values.size(); i++) {
      if (values.get(i) != null) {
        fields.put(SUMMARY.get(i), values.get(i).toString());
      }
    }
    return new RedisHead(fields);
  }

  /** Whether there is such a session. */
  boolean isThere() {
    return fields.containsKey("created");
  }

  /** Whether this is the list that the session is in. */
  boolean isIn(ListName list) {
    String owner = list.owner() == null ? null : list.owner().name();
    return Objects.equals(owner, fields.get("owner"));
  }

  /** @param turn in progress, or null */
  SessionInfo info(SessionId session, TurnId turn) {
    String model = fields.getOrDefault("model", "");
    String settings = fields.get("settings");
    return new SessionInfo(
        session,
        model.isEmpty() ? null : model,
        instant("created"),
        instant("updated"),
        instant("expires"),
        (int) number("turns"),
        usage(),
        settings == null ? Settings.NONE : Settings.fromJson(new JsonObject(settings)),
        metadata(),
        turn);
  }

  private Usage usage() {
    return new Usage(
        number("input_tokens"),
        number("output_tokens"),
        Double.parseDouble(fields.getOrDefault("cost", "0")),
        "1".equals(fields.get("estimated")));
  }

  private Map<String, String> metadata() {
    Map<String, String> metadata = new HashMap<>();
    new JsonObject(fields.getOrDefault("metadata", "{}"))
        .forEach(entry -> metadata.put(entry.getKey(), (String) entry.getValue()));
    return metadata;
  }

  private Instant instant(String field) {
    return Instant.ofEpochMilli(number(field));
  }

  private long number(String field) {
    return Long.parseLong(fields.getOrDefault(field, "0"));
  }
}
