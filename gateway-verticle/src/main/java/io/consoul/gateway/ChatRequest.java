package io.consoul.gateway;

import io.consoul.message.SessionId;
import io.vertx.core.buffer.Buffer;

/**
 * What a caller of /chat and /chat/stream wants. Fields that are not known are ignored.
 *
 * @param model for a new session only, or null
 */
record ChatRequest(SessionId session, String message, String model) {

  /** @throws io.consoul.fault.FaultException that names the first field that is wrong */
  static ChatRequest parse(Buffer body) {
    Fields fields = Fields.of(JsonText.object(body));
    return new ChatRequest(fields.session(), fields.message("message"), fields.model());
  }
}
