package io.consoul.gateway;

import io.consoul.fault.FaultException;
import io.consoul.message.ChatMessage;
import io.consoul.message.CompletionOptions;
import io.consoul.message.SessionId;
import io.consoul.message.Settings;
import io.consoul.message.Tenant;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Set;

/**
 * What a caller of /v1/chat/completions wants. Fields that are not known here go to the provider as they came.
 *
 * @param model null for the default
 * @param choices how many answers
 * @param streamed whether the answer is wanted as it comes
 * @param usageStreamed whether a stream is to tell at its end what it cost
 * @param session that is to go on, or null
 */
record V1Request(
    String model,
    Settings settings,
    List<ChatMessage> messages,
    CompletionOptions options,
    int choices,
    boolean streamed,
    boolean usageStreamed,
    SessionId session) {

  static final String SESSION_HEADER = "X-Session-ID";

  private static final String SESSION_FIELD = "session_id";
  private static final int MAX_CHOICES = 8;

  /** What is read here, and is no option of the provider's. */
  private static final Set<String> READ_HERE = Set.of(
      "model",
      "messages",
      "stream",
      "stream_options",
      "n",
      "temperature",
      "max_tokens",
      "max_completion_tokens",
      "logprobs",
      "top_logprobs",
      "modalities",
      "audio",
      SESSION_FIELD);

  /**
   * What goes with a session although it changes nothing: how its model samples is decided when the session is made, and the rest
   * is bookkeeping.
   */
  private static final Set<String> PASSED_OVER_IN_SESSIONS = Set.of(
      "top_p",
      "frequency_penalty",
      "presence_penalty",
      "seed",
      "user",
      "metadata",
      "store",
      "safety_identifier",
      "prompt_cache_key",
      "service_tier");

  /**
   * @param header the session's id in the header, or null
   * @throws FaultException that names the first field that is wrong
   */
  static V1Request parse(Fields fields, String header) {
    JsonObject json = fields.json();
    String model = fields.model();
    List<ChatMessage> messages = V1Messages.read(fields, json);
    refuseWhatNobodyTells(fields, json);
    Integer limit = fields.maxTokens("max_tokens");
    Integer newer = fields.maxTokens("max_completion_tokens");
    Integer choices = fields.optionalInteger("n", 1, MAX_CHOICES);
    V1Request request = new V1Request(
        model,
        new Settings(null, fields.temperature(), newer == null ? limit : newer),
        messages,
        options(fields, json),
        choices == null ? 1 : choices,
        fields.flag("stream", false),
        fields.object("stream_options").flag("include_usage", false),
        session(fields, header));
    if (request.session != null) {
      request.refuseWhatNoSessionDoes(fields);
    }
    return request;
  }

  CompletionOrder order(Tenant tenant) {
    return new CompletionOrder(tenant, model, settings, messages, options);
  }

  /** What is new to the session: the last message. What was said before, the session knows itself. */
  String userText() {
    return V1Messages.userText(messages);
  }

  private static CompletionOptions options(Fields fields, JsonObject json) {
    JsonObject options = new JsonObject();
    json.fieldNames().stream()
        .filter(name -> !READ_HERE.contains(name) && fields.has(name))
        .forEach(name -> options.put(name, json.getValue(name)));
    return CompletionOptions.of(options);
  }

  /** Better a clear word than an answer that lacks what was asked for. */
  private static void refuseWhatNobodyTells(Fields fields, JsonObject json) {
    if (fields.flag("logprobs", false) || fields.has("top_logprobs")) {
      throw fields.wrong(
          fields.has("top_logprobs") ? "top_logprobs" : "logprobs",
          "is not supported: leave it out");
    }
    boolean onlyText =
        !fields.has("modalities") || json.getValue("modalities").equals(JsonArray.of("text"));
    if (!onlyText || fields.has("audio")) {
      throw fields.wrong(
          onlyText ? "audio" : "modalities", "is not supported: answers are text; leave it out");
    }
  }

  private static SessionId session(Fields fields, String header) {
    SessionId inBody = fields.has(SESSION_FIELD) ? fields.session() : null;
    if (header == null) {
      return inBody;
    }
    SessionId inHeader = new SessionId(header);
    if (inBody != null && !inBody.equals(inHeader)) {
      throw fields.wrong(SESSION_FIELD, "is another one than in the header " + SESSION_HEADER);
    }
    return inHeader;
  }

  private void refuseWhatNoSessionDoes(Fields fields) {
    if (choices > 1) {
      throw fields.wrong("n", "must be 1 with a session");
    }
    options.toJson().forEach(option -> {
      boolean plainText = option.getKey().equals("response_format")
          && option.getValue() instanceof JsonObject format
          && "text".equals(format.getValue("type"));
      if (!plainText && !PASSED_OVER_IN_SESSIONS.contains(option.getKey())) {
        throw fields.wrong(
            option.getKey(), "cannot be used with a session: leave it out, or the session's id");
      }
    });
    fields.requireShort("messages[" + (messages.size() - 1) + "].content", userText());
  }
}
