package io.consoul.testkit;

import java.util.Locale;

/** The wire formats that {@link FakeProvider} speaks, named as Consoul's configuration names a provider's {@code kind}. */
public enum ProviderKind {
  OPENAI("OpenAI", "/v1", "OPENAI_BASE_URL"),
  ANTHROPIC("Anthropic", "", "ANTHROPIC_BASE_URL"),
  GEMINI("Gemini", "", "GOOGLE_BASE_URL"),
  OLLAMA("Ollama", "", "OLLAMA_HOST");

  private final String title;
  private final String basePath;
  private final String variable;

  ProviderKind(String title, String basePath, String variable) {
    this.title = title;
    this.basePath = basePath;
    this.variable = variable;
  }

  public String title() {
    return title;
  }

  /** The environment variable that points Consoul, and mostly the provider's own SDKs, at another server. */
  public String variable() {
    return variable;
  }

  /** What Consoul calls the provider that this variable gives it. */
  String provider() {
    return variable.substring(0, variable.indexOf('_')).toLowerCase(Locale.ROOT);
  }

  /** Where the API begins, as the provider's own SDKs take it. */
  String baseUrl(int port) {
    return "http://127.0.0.1:" + port + basePath;
  }

  Dialect dialect() {
    return switch (this) {
      case OPENAI -> new OpenAiDialect();
      case ANTHROPIC -> new AnthropicDialect();
      case GEMINI -> new GeminiDialect();
      case OLLAMA -> new OllamaDialect();
    };
  }
}
