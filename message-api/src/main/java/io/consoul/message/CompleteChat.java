package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.consoul.fault.Fault;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.security.SecureRandom;
import java.util.List;

/**
 * To provider: stream one completion of these messages. It belongs to no session: nothing is stored, and it ends when its
 * listener leaves. The reply is {@link Answering}.
 *
 * @param turn names the stream, and nothing else
 * @param model null for the default
 * @param messages in the form of OpenAI's chat completions: content in parts, tool calls and their results too
 * @param said what another provider has said of the answer before it was lost: go on from there, and send only what comes after
 *     it. Null for a new answer
 */
public record CompleteChat(
    TurnId turn,
    Tenant tenant,
    String model,
    Settings settings,
    List<ChatMessage> messages,
    CompletionOptions options,
    Listener listener,
    String said)
    implements BusMessage {

  /** What the names of such streams are minted with. */
  public static final SessionId NO_SESSION = new SessionId("-");

  public CompleteChat {
    requireNonNull(turn, "turn");
    requireNonNull(tenant, "tenant");
    requireNonNull(settings, "settings");
    requireNonNull(options, "options");
    messages = List.copyOf(messages);
    if (messages.isEmpty()) {
      throw Fault.FIELD_VALIDATION_FAILED.inField("messages", "must not be empty");
    }
    if (listener == null) {
      throw Fault.MISSING_REQUIRED_FIELD.inField("listener", "is required");
    }
    said = said == null || said.isEmpty() ? null : said;
  }

  public CompleteChat(
      TurnId turn,
      Tenant tenant,
      String model,
      Settings settings,
      List<ChatMessage> messages,
      Listener listener) {
    this(turn, tenant, model, settings, messages, CompletionOptions.NONE, listener, null);
  }

  @Override
  public WireType wireType() {
    return WireType.PROVIDER_COMPLETE;
  }

  @Override
  public JsonObject toJson() {
    JsonObject json = new JsonObject()
        .put("turn", turn.value())
        .put("tenant", tenant.name())
        .put("model", model)
        .put("settings", settings.toJson())
        .put(
            "messages",
            new JsonArray(
                messages.stream().map(message -> new JsonObject(message.json())).toList()))
        .put("options", options.toJson())
        .put("listener", listener.toJson());
    return said == null ? json : json.put("said", said);
  }

  /** A caller may leave {@code turn} out; the reply tells it. */
  static CompleteChat fromJson(JsonObject json) {
    String turn = json.getString("turn");
    JsonArray messages = json.getJsonArray("messages");
    JsonObject listener = json.getJsonObject("listener");
    if (messages == null) {
      throw Fault.MISSING_REQUIRED_FIELD.inField("messages", "is required");
    }
    return new CompleteChat(
        turn == null ? TurnId.mint(NO_SESSION, new SecureRandom()) : TurnId.parse(turn),
        Tenant.of(json),
        json.getString("model"),
        Settings.fromJson(json.getJsonObject("settings")),
        messages.stream()
            .map(message -> ChatMessage.parse(((JsonObject) message).encode()))
            .toList(),
        CompletionOptions.fromJson(json.getJsonObject("options")),
        listener == null ? null : Listener.fromJson(listener),
        json.getString("said"));
  }
}
