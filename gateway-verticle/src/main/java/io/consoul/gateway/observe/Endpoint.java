package io.consoul.gateway.observe;

/**
 * What a request is for, as metrics name it: the path's template as openapi.json has it. All paths that the gateway does not
 * serve are one.
 */
public enum Endpoint {
  HEALTH("/health"),
  READY("/ready"),
  OPENAPI("/openapi.json"),
  CHAT("/chat"),
  CHAT_STREAM("/chat/stream"),
  CHAT_ATTACH("/chat/stream/{turn_id}"),
  CHAT_CANCEL("/chat/{session_id}/cancel"),
  CHAT_BATCH("/chat/batch"),
  SESSIONS("/sessions"),
  SESSION("/sessions/{session_id}"),
  SESSION_MESSAGES("/sessions/{session_id}/messages"),
  SOCKET("/ws/chat/{session_id}"),
  V1_COMPLETIONS("/v1/chat/completions"),
  V1_MODELS("/v1/models"),
  V1_MODEL("/v1/models/{model}"),
  UNMATCHED("unmatched");

  private static final String ATTACH = "/chat/stream/";
  private static final String CANCEL = "/cancel";
  private static final String OF_CHAT = "/chat/";
  private static final String OF_SESSIONS = "/sessions/";
  private static final String MESSAGES = "/messages";
  private static final String OF_SOCKETS = "/ws/chat/";
  private static final String OF_MODELS = "/v1/models/";

  private final String template;

  Endpoint(String template) {
    this.template = template;
  }

  public String template() {
    return template;
  }

  /** @param path as it was sent, or null where the request has none */
  public static Endpoint of(String path) {
    return path == null
        ? UNMATCHED
        : switch (path) {
          case "/health" -> HEALTH;
          case "/ready" -> READY;
          case "/openapi.json" -> OPENAPI;
          case "/chat" -> CHAT;
          case "/chat/stream" -> CHAT_STREAM;
          case "/chat/batch" -> CHAT_BATCH;
          case "/sessions" -> SESSIONS;
          case "/v1/chat/completions" -> V1_COMPLETIONS;
          case "/v1/models" -> V1_MODELS;
          default -> withName(path);
        };
  }

  /** The router's patterns say the same, but are asked only once a request has been let in. */
  private static Endpoint withName(String path) {
    if (isName(path, ATTACH, "")) {
      return CHAT_ATTACH;
    } else if (isName(path, OF_CHAT, CANCEL)) {
      return CHAT_CANCEL;
    } else if (isName(path, OF_SESSIONS, "")) {
      return SESSION;
    } else if (isName(path, OF_SESSIONS, MESSAGES)) {
      return SESSION_MESSAGES;
    } else if (path.equals(OF_SOCKETS) || isName(path, OF_SOCKETS, "")) {
      return SOCKET;
    } else if (path.startsWith(OF_MODELS) && path.length() > OF_MODELS.length()) {
      return V1_MODEL; // its name may hold slashes
    }
    return UNMATCHED;
  }

  /** Whether there is one segment, that is not empty, between the two. */
  private static boolean isName(String path, String before, String after) {
    int end = path.length() - after.length();
    return end > before.length()
        && path.startsWith(before)
        && path.endsWith(after)
        && path.lastIndexOf('/', end - 1) < before.length();
  }
}
