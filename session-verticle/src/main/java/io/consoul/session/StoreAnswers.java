package io.consoul.session;

import io.consoul.message.BeginTurn;
import io.consoul.message.BusMessage;
import io.consoul.message.Cuts;
import io.consoul.message.Heard;
import io.consoul.message.Listener;
import io.consoul.message.Replayed;
import io.consoul.message.Settings;
import io.consoul.message.Tenant;
import io.consoul.message.TurnId;
import io.consoul.message.WireType;
import io.consoul.session.SessionStore.Begun;
import io.consoul.session.SessionStore.Known;
import io.consoul.session.SessionStore.Lease;
import io.consoul.session.SessionStore.Standing;
import io.consoul.session.Takeovers.TakeOver;
import io.consoul.session.Takeovers.Takeover;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Optional;

/** What a store answers, in the form in which it goes from one member of a cluster to another. */
final class StoreAnswers {

  private static final String ATTEMPT = "attempt";

  private StoreAnswers() {}

  static Outcome of(Begun begun) {
    if (begun instanceof Begun.Granted granted) {
      return of(granted);
    }
    if (begun instanceof Begun.Busy busy) {
      Long millis = busy.freeIn() == null ? null : busy.freeIn().toMillis();
      return answer("busy", new JsonObject().put("free_in", millis));
    }
    return of((Known) begun);
  }

  static Outcome of(Begun.Granted granted) {
    JsonObject json = json(granted.lease())
        .put("model", granted.model())
        .put("settings", granted.settings().toJson())
        .put("prompt_tokens", granted.promptTokens())
        .put("history_unavailable", granted.historyUnavailable());
    return answer("granted", json).with(granted.history());
  }

  static Outcome of(Standing standing) {
    return standing instanceof Known known
        ? of(known)
        : answer("standing", new JsonObject().put("next", standing instanceof Standing.Next));
  }

  static Outcome of(Known known) {
    return known instanceof Known.Ended ended
        ? answer("ended", ended.replayed().toJson())
        : of(Optional.of((Known.Pending) known));
  }

  static Outcome of(Optional<Known.Pending> pending) {
    return pending
        .map(turn -> answer(
            "pending",
            new JsonObject()
                .put("turn", turn.turn().value())
                .put("fence", turn.fence())
                .put("provider", turn.providerInbox())
                .put("listener", turn.listener().toJson())))
        .orElseGet(() -> new Outcome(null));
  }

  static Outcome of(Takeover takeover) {
    if (!(takeover instanceof Takeover.Won won)) {
      return of((Known) takeover);
    }
    Outcome outcome = of(won.granted());
    outcome
        .value()
        .put("begin", won.begin().toJson())
        .put("said", won.said())
        .put("cuts", won.cuts().toJson());
    return outcome;
  }

  static Outcome of(Lease lease) {
    return new Outcome(json(lease));
  }

  static Begun begun(Outcome outcome) {
    if (outcome.value().containsKey("granted")) {
      return granted(outcome);
    }
    JsonObject busy = outcome.value().getJsonObject("busy");
    if (busy != null) {
      Long millis = busy.getLong("free_in");
      return new Begun.Busy(millis == null ? null : Duration.ofMillis(millis));
    }
    return known(outcome);
  }

  static Begun.Granted granted(Outcome outcome) {
    JsonObject json = outcome.value().getJsonObject("granted");
    return new Begun.Granted(
        lease(json),
        json.getString("model"),
        Settings.fromJson(json.getJsonObject("settings")),
        outcome.history(),
        json.getLong("prompt_tokens"),
        json.getBoolean("history_unavailable"));
  }

  static Takeover takeover(Outcome outcome) {
    JsonObject json = outcome.value();
    return json.containsKey("granted")
        ? new Takeover.Won(
            BeginTurn.fromJson(json.getJsonObject("begin")),
            granted(outcome),
            json.getString("said"),
            Cuts.fromJson(json.getJsonArray("cuts")))
        : known(outcome);
  }

  static Standing standing(Outcome outcome) {
    JsonObject standing = outcome.value().getJsonObject("standing");
    if (standing == null) {
      return known(outcome);
    }
    return standing.getBoolean("next") ? new Standing.Next() : new Standing.InOrder();
  }

  static Known known(Outcome outcome) {
    JsonObject ended = outcome.value().getJsonObject("ended");
    return ended == null
        ? pending(outcome).orElseThrow()
        : new Known.Ended((Replayed) WireType.TURN_REPLAYED.read(ended));
  }

  static Optional<Known.Pending> pending(Outcome outcome) {
    if (outcome.value() == null) {
      return Optional.empty();
    }
    JsonObject json = outcome.value().getJsonObject("pending");
    return Optional.of(new Known.Pending(
        TurnId.parse(json.getString("turn")),
        json.getLong("fence"),
        json.getString("provider"),
        Listener.fromJson(json.getJsonObject("listener"))));
  }

  /** An order to take a turn over, beside which there is room for a lease. */
  static JsonObject json(TakeOver order) {
    return new JsonObject()
        .put("tenant", order.turn().tenant().name())
        .put("turn", order.turn().turn().value())
        .put(ATTEMPT, order.fence())
        .put("given", order.token())
        .put("unrenewed", order.unrenewed() == null ? null : order.unrenewed().toMillis())
        .put("heard", order.heard() == null ? null : order.heard().toJson())
        .put("provider", order.providerInbox());
  }

  static TakeOver takeOver(JsonObject json) {
    Long unrenewed = json.getLong("unrenewed");
    return new TakeOver(
        new TurnKey(new Tenant(json.getString("tenant")), TurnId.parse(json.getString("turn"))),
        json.getLong(ATTEMPT),
        json.getString("given"),
        unrenewed == null ? null : Duration.ofMillis(unrenewed),
        Heard.fromJson(json.getJsonObject("heard")),
        json.getString("provider"));
  }

  static boolean isTakeOver(JsonObject json) {
    return json != null && json.containsKey(ATTEMPT);
  }

  static JsonObject json(Lease lease) {
    return new JsonObject().put("fence", lease.fence()).put("token", lease.token());
  }

  static Lease lease(JsonObject json) {
    return new Lease(json.getLong("fence"), json.getString("token"));
  }

  /** A message that is the whole answer. */
  static <M extends BusMessage> M message(WireType type, Class<M> as, Outcome outcome) {
    return as.cast(type.read(outcome.value()));
  }

  private static Outcome answer(String name, JsonObject value) {
    return new Outcome(new JsonObject().put(name, value));
  }
}
