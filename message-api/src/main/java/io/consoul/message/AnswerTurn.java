package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;

/**
 * Session to provider: answer this conversation. The last message of the history is the user's new one.
 *
 * @param token secret of the lease; whatever the provider writes about this turn carries it. Null for a turn beside its
 *     session: it has no lease, and nothing is written about it
 * @param model null for the provider's default
 * @param promptTokens of system prompt and history together, or 0 where nobody has counted them
 * @param options beyond the settings; {@link CompletionOptions#NONE} for an ordinary turn
 * @param sessionInbox where progress and the seal go; null without a lease
 * @param deadline when the turn is ended whatever it does
 * @param resumption of an answer that another provider has begun; it tells who listens, too. Null for a new one
 */
public record AnswerTurn(
    TurnId turn,
    Tenant tenant,
    long fence,
    String token,
    String model,
    Settings settings,
    List<ChatMessage> history,
    long promptTokens,
    CompletionOptions options,
    Listener listener,
    String sessionInbox,
    Instant deadline,
    Resumption resumption)
    implements BusMessage {

  public AnswerTurn {
    requireNonNull(turn, "turn");
    requireNonNull(tenant, "tenant");
    requireNonNull(settings, "settings");
    requireNonNull(options, "options");
    requireNonNull(listener, "listener");
    if (token != null) {
      requireNonNull(sessionInbox, "sessionInbox");
    }
    requireNonNull(deadline, "deadline");
    history = List.copyOf(history);
  }

  /** An ordinary turn, without options. */
  public AnswerTurn(
      TurnId turn,
      Tenant tenant,
      long fence,
      String token,
      String model,
      Settings settings,
      List<ChatMessage> history,
      long promptTokens,
      Listener listener,
      String sessionInbox,
      Instant deadline) {
    this(
        turn,
        tenant,
        fence,
        token,
        model,
        settings,
        history,
        promptTokens,
        CompletionOptions.NONE,
        listener,
        sessionInbox,
        deadline,
        null);
  }

  /** Where nobody has counted the tokens of the prompt. */
  public AnswerTurn(
      TurnId turn,
      Tenant tenant,
      long fence,
      String token,
      String model,
      Settings settings,
      List<ChatMessage> history,
      Listener listener,
      String sessionInbox,
      Instant deadline) {
    this(turn, tenant, fence, token, model, settings, history, 0, listener, sessionInbox, deadline);
  }

  /** Whether the answer is one of a session, which stores it. */
  public boolean hasLease() {
    return token != null;
  }

  @Override
  public WireType wireType() {
    return WireType.TURN_ANSWER;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject()
        .put("turn", turn.value())
        .put("tenant", tenant.name())
        .put("fence", fence)
        .put("token", token)
        .put("model", model)
        .put("settings", settings.toJson())
        .put("history", new JsonArray(history.stream().map(ChatMessage::json).toList()))
        .put("prompt_tokens", promptTokens)
        .put("options", options.toJson())
        .put("listener", listener.toJson())
        .put("session_inbox", sessionInbox)
        .put("deadline", deadline)
        .put("resumption", resumption == null ? null : resumption.toJson());
  }

  static AnswerTurn fromJson(JsonObject json) {
    return new AnswerTurn(
        TurnId.parse(json.getString("turn")),
        new Tenant(json.getString("tenant")),
        json.getLong("fence"),
        json.getString("token"),
        json.getString("model"),
        Settings.fromJson(json.getJsonObject("settings")),
        json.getJsonArray("history").stream()
            .map(text -> ChatMessage.parse((String) text))
            .toList(),
        json.getLong("prompt_tokens", 0L),
        CompletionOptions.fromJson(json.getJsonObject("options")),
        Listener.fromJson(json.getJsonObject("listener")),
        json.getString("session_inbox"),
        json.getInstant("deadline"),
        Resumption.fromJson(json.getJsonObject("resumption")));
  }
}
