package io.consoul.gateway;

import io.consoul.message.SessionId;

/**
 * What a caller of /chat and /chat/stream wants. Fields that are not known are ignored.
 *
 * @param model for a new session only, or null
 */
record ChatRequest(SessionId session, String message, String model) {

  /** @throws io.consoul.fault.FaultException that names the fields that are wrong */
  static ChatRequest parse(Fields fields) {
    Problems problems = new Problems();
    ChatRequest request = new ChatRequest(
        problems.in(fields::session),
        problems.in(() -> fields.message("message")),
        problems.in(fields::model));
    problems.check();
    return request;
  }
}
