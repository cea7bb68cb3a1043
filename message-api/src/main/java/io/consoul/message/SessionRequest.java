package io.consoul.message;

/** A request about one session: it goes to the session instance that owns it. */
public sealed interface SessionRequest extends BusMessage
    permits BeginTurn,
        AttachTurn,
        CancelTurn,
        EndBatch,
        CreateSession,
        ReadSession,
        ReadMessages,
        DeleteSession,
        SessionFree,
        SessionMoved,
        RecallSession {

  SessionId session();

  Tenant tenant();

  /** What decides which session instance of a JVM owns the session: tenant and session id. */
  default String sessionKey() {
    return sessionKey(tenant(), session());
  }

  static String sessionKey(Tenant tenant, SessionId session) {
    return tenant.name() + ":" + session.value();
  }
}
