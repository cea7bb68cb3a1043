package io.consoul.testkit;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;

/** Which API a path belongs to and what it is for. */
record Endpoint(ProviderKind kind, Use use, String model) {

  enum Use {
    CHAT,
    MODELS,
    MODEL,
    NONE
  }

  private static final String LISTED = "/v1/models";
  private static final String GEMINI = "/v1beta/models";

  static Endpoint of(HttpServerRequest http) {
    String path = http.path();
    return http.method() == HttpMethod.POST ? post(path) : get(path, http);
  }

  private static Endpoint post(String path) {
    if (path.startsWith(GEMINI + "/")) {
      boolean generates =
          path.endsWith(":generateContent") || path.endsWith(":streamGenerateContent");
      return new Endpoint(ProviderKind.GEMINI, generates ? Use.CHAT : Use.NONE, null);
    }
    return switch (path) {
      case "/v1/chat/completions" -> new Endpoint(ProviderKind.OPENAI, Use.CHAT, null);
      case "/v1/messages" -> new Endpoint(ProviderKind.ANTHROPIC, Use.CHAT, null);
      case "/api/chat" -> new Endpoint(ProviderKind.OLLAMA, Use.CHAT, null);
      default -> none(path);
    };
  }

  private static Endpoint get(String path, HttpServerRequest http) {
    // OpenAI and Anthropic have the same path for their lists.
    ProviderKind either =
        http.getHeader("anthropic-version") == null ? ProviderKind.OPENAI : ProviderKind.ANTHROPIC;
    if (http.method() != HttpMethod.GET) {
      return none(path);
    }
    if (path.startsWith(LISTED)) {
      return listed(either, path.substring(LISTED.length()));
    }
    if (path.startsWith(GEMINI)) {
      return listed(ProviderKind.GEMINI, path.substring(GEMINI.length()));
    }
    return path.equals("/api/tags")
        ? new Endpoint(ProviderKind.OLLAMA, Use.MODELS, null)
        : none(path);
  }

  private static Endpoint listed(ProviderKind kind, String rest) {
    if (rest.isEmpty()) {
      return new Endpoint(kind, Use.MODELS, null);
    }
    return rest.startsWith("/")
        ? new Endpoint(kind, Use.MODEL, rest.substring(1))
        : new Endpoint(kind, Use.NONE, null);
  }

  private static Endpoint none(String path) {
    ProviderKind kind = path.startsWith("/v1beta/")
        ? ProviderKind.GEMINI
        : path.startsWith("/api/") ? ProviderKind.OLLAMA : ProviderKind.OPENAI;
    return new Endpoint(kind, Use.NONE, null);
  }
}
