package io.consoul.gateway;

import io.consoul.message.SessionId;
import java.util.ArrayList;
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

  /** @throws io.consoul.fault.FaultException that names the fields that are wrong */
  static BatchRequest parse(Fields fields) {
    Problems problems = new Problems();
    SessionId session = problems.in(fields::session);
    List<String> messages = problems.in(() -> messages(fields, problems));
    String model = problems.in(fields::model);
    Boolean sequential = problems.in(() -> fields.flag("sequential", true));
    problems.check();
    return new BatchRequest(session, messages, model, sequential);
  }

  private static List<String> messages(Fields fields, Problems problems) {
    List<String> messages = new ArrayList<>();
    for (Fields message : fields.objects("messages", 1, MAX_MESSAGES)) {
      messages.add(problems.in(() -> message(message)));
    }
    return messages;
  }

  private static String message(Fields message) {
    if (message.has("role") && !message.text("role").equals("user")) {
      throw message.wrong("role", "must be user");
    }
    return message.message("content");
  }
}
