package io.consoul.launcher;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;

/** What the verticles of the version before do with the messages that they get, each as little of it as a turn needs. */
final class OldVerticles {

  static final String WHOLE = "Old words";
  static final String HALF = "Half of what";

  private final OldPeer old;

  OldVerticles(OldPeer old) {
    this.old = old;
  }

  /** What a session instance of then does about a turn: it hands it to a provider, and keeps nothing. */
  OldMessage session(OldMessage message) {
    JsonObject body = message.body();
    JsonObject turn = new JsonObject().put("turn", message.text("turn"));
    return switch (message.type()) {
      case "turn.begin" -> {
        String provider = old.inboxOf("provider").orElseThrow();
        old.tell(
            provider,
            new OldMessage(
                "turn.answer",
                new JsonObject()
                    .put("turn", message.text("turn"))
                    .put("tenant", "default")
                    .put("fence", 7)
                    .put("token", "secret")
                    .put("model", "echo")
                    .put("settings", new JsonObject())
                    .put(
                        "history",
                        new JsonArray()
                            .add(new JsonObject()
                                .put("role", "user")
                                .put("content", body.getString("text"))
                                .encode()))
                    .put("prompt_tokens", 0)
                    .put("options", new JsonObject())
                    .put("listener", body.getJsonObject("listener"))
                    .put("session_inbox", old.inboxServed("session"))
                    .put("deadline", Instant.now().plusSeconds(60))));
        yield new OldMessage("turn.accepted", turn.put("fence", 7).put("provider_inbox", provider));
      }
      case "turn.progress" -> new OldMessage("turn.renewed", turn);
      case "turn.seal" -> new OldMessage("turn.sealed", turn.put("timestamp", Instant.now()));
      case "turn.abort" -> new OldMessage("turn.aborted", turn);
      default -> refused(message);
    };
  }

  /** One that says half of its words, has them journalled, and is heard of no more. */
  OldMessage providerThatStops(OldMessage message) {
    if (!message.is("turn.answer")) {
      return null;
    }
    JsonObject order = message.body();
    JsonObject common =
        new JsonObject().put("turn", order.getString("turn")).put("fence", order.getLong("fence"));
    old.ask(
        order.getString("session_inbox"),
        new OldMessage(
            "turn.progress",
            common
                .copy()
                .put("tenant", "default")
                .put("token", order.getString("token"))
                .put("offset", 0)
                .put("text", HALF)),
        answer -> old.received().add(answer));
    return new OldMessage(
        "turn.answering",
        common.copy().put("model", "old").put("provider_inbox", old.inboxServed("provider")));
  }

  /** What a provider of then does: it says its words, has them sealed, and tells that it has ended. */
  OldMessage provider(OldMessage message) {
    if (!message.is("turn.answer")) {
      return message.is("turn.credit") || message.is("turn.detach") ? null : refused(message);
    }
    JsonObject order = message.body();
    JsonObject common =
        new JsonObject().put("turn", order.getString("turn")).put("fence", order.getLong("fence"));
    JsonObject listener = order.getJsonObject("listener");
    JsonObject event = common.copy().put("listener_id", listener.getLong("id", 0L));
    JsonObject usage = new JsonObject()
        .put("input_tokens", 1)
        .put("output_tokens", 2)
        .put("total_tokens", 3)
        .put("estimated_cost", 0);
    JsonObject end = new JsonObject()
        .put("finish_reason", "stop")
        .put("usage", usage)
        .put("model", "old")
        .put("provider", "old");
    String inbox = listener.getString("inbox");
    old.tell(inbox, new OldMessage("turn.delta", event.copy().put("offset", 0).put("text", WHOLE)));
    old.ask(
        order.getString("session_inbox"),
        new OldMessage(
            "turn.seal",
            common
                .copy()
                .put("tenant", "default")
                .put("token", order.getString("token"))
                .put("text", WHOLE)
                .mergeIn(end)),
        stored -> old.tell(
            inbox,
            new OldMessage(
                "turn.completed",
                event
                    .copy()
                    .put("length", WHOLE.length())
                    .put("timestamp", Instant.now())
                    .put("duration_ms", 1)
                    .mergeIn(end))));
    return new OldMessage(
        "turn.answering",
        common.copy().put("model", "old").put("provider_inbox", old.inboxServed("provider")));
  }

  private static OldMessage refused(OldMessage message) {
    return new OldMessage(
        "failed",
        new JsonObject().put("code", "E001").put("message", "no " + message.type() + " here"));
  }
}
