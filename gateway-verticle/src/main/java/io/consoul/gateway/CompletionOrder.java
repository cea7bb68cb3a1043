package io.consoul.gateway;

import io.consoul.message.ChatMessage;
import io.consoul.message.CompleteChat;
import io.consoul.message.CompletionOptions;
import io.consoul.message.Listener;
import io.consoul.message.Settings;
import io.consoul.message.Tenant;
import io.consoul.message.TurnId;
import java.util.List;

/**
 * What a caller wants of a model, before anybody is asked for it.
 *
 * @param model null for the default
 */
record CompletionOrder(
    Tenant tenant,
    String model,
    Settings settings,
    List<ChatMessage> messages,
    CompletionOptions options) {

  /** @param said of the answer already; empty for a new one */
  CompleteChat named(TurnId turn, Listener listener, String said) {
    return new CompleteChat(turn, tenant, model, settings, messages, options, listener, said);
  }
}
