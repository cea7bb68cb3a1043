package io.consoul.gateway;

import io.consoul.message.SessionId;
import io.vertx.core.buffer.Buffer;
import java.util.List;

/**
 * What a caller of /chat/batch wants.
 *
 * @param messages 1 to 10
 * @param model for a new session only, or null
 * @param sequential whether each message sees the ones before it; else each sees the session as it is
 */
record BatchRequest(SessionId session, List<String> messages, String model, boolean sequential) {

  static final int MAX_MESSAGES = 10;

  /** @throws io.consoul.fault.FaultException that names the first field that is wrong */
  static BatchRequest parse(Buffer body) {
    Fields fields = Fields.of(JsonText.object(body));
    return new BatchRequest(
        fields.session(),
        fields.objects("messages", 1, MAX_MESSAGES).stream()
            .map(BatchRequest::message)
            .toList(),
        fields.model(),
        fields.flag("sequential", true));
  }

  private static String message(Fields message) {
    if (message.has("role") && !message.text("role").equals("user")) {
      throw message.wrong("role", "must be user");
    }
    return message.message("content");
  }
}
