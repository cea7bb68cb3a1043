package io.consoul.provider;

import io.consoul.config.Secret;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One configured provider.
 *
 * @param baseUrl null for the echo model
 * @param apiKey or null
 * @param prefill whether its models go on with an assistant's message at the end of the prompt, where a model does not say
 *     otherwise
 * @param models that are known to be here; others may be too
 * @param defaultModel when a turn names none, or null
 */
public record Upstream(
    String name,
    Dialect dialect,
    BaseUrl baseUrl,
    Secret apiKey,
    Times times,
    Pool pool,
    boolean prefill,
    List<Model> models,
    String defaultModel,
    List<Header> headers) {

  /** What a provider speaks: the {@code kind} of its entry in provider.json. */
  public enum Dialect {
    OPENAI(BaseUrl.OPENAI, false, "gpt-4.1-mini", "gpt-", "chatgpt-", "o1", "o3", "o4"),
    ANTHROPIC(BaseUrl.ANTHROPIC, true, "claude-haiku-4-5", "claude-"),
    // Google takes numbered models away within a year or two; this name stays.
    GEMINI(BaseUrl.GEMINI, false, "gemini-flash-lite-latest", "gemini-", "gemma-"),
    OLLAMA(BaseUrl.OLLAMA, true, null),
    ECHO(null, false, Upstream.ECHO);

    private final String baseUrl;
    private final boolean prefill;
    private final String defaultModel;
    private final List<String> prefixes;

    Dialect(String baseUrl, boolean prefill, String defaultModel, String... prefixes) {
      this.baseUrl = baseUrl;
      this.prefill = prefill;
      this.defaultModel = defaultModel;
      this.prefixes = List.of(prefixes);
    }

    /** Where it is spoken if nothing is configured; null for echo. */
    String baseUrl() {
      return baseUrl;
    }

    /** Whether most models that speak it go on with an assistant's message at the end of the prompt. */
    boolean prefill() {
      return prefill;
    }

    /** Cheap, quick and known to every account; null where each server has models of its own. */
    String defaultModel() {
      return defaultModel;
    }

    /** Whether a model belongs to a family of whoever made the dialect: such a name need not be listed. */
    boolean isFamily(String model) {
      return prefixes.stream().anyMatch(model::startsWith);
    }
  }

  /**
   * How long a call may take in its parts.
   *
   * @param firstByte until the response's head
   * @param silence between two bytes of the response
   * @param call for the whole of it
   */
  public record Times(Duration connect, Duration firstByte, Duration silence, Duration call) {}

  /**
   * Its connections, of one JVM.
   *
   * @param maxConnections over HTTP/1.1; over HTTP/2 calls at once
   * @param maxWaiting calls for one of these; above, a call fails at once
   * @param maxIdle connections that are kept for the next call
   * @param keepAlive how long these are kept
   */
  public record Pool(
      int maxConnections, int maxWaiting, int maxIdle, Duration keepAlive, Protocol protocol) {

    /** Which HTTP is spoken to the provider. */
    public enum Protocol {
      HTTP_1,
      HTTP_2
    }
  }

  /** Sent with every request, next to our own headers. */
  public record Header(String name, Secret value) {}

  /** The name of the built-in model and of its provider. */
  public static final String ECHO = "echo";

  public Upstream {
    models = List.copyOf(models);
    headers = List.copyOf(headers);
  }

  /** The model that needs no network and no key. It is always there. */
  static Upstream echo(String name) {
    return new Upstream(
        name, Dialect.ECHO, null, null, null, null, false, List.of(), ECHO, List.of());
  }

  /** Whether the configuration lists it. */
  boolean knows(String model) {
    return models.stream().anyMatch(each -> each.name().equals(model));
  }

  /** The models that are known by name: what is asked for by default, and those that are listed. */
  public Set<String> namedModels() {
    return Stream.concat(modelByDefault().stream(), models.stream().map(Model::name))
        .collect(Collectors.toSet());
  }

  /** Whether what is known of how this one fares says something about the other. */
  boolean isSameServer(Upstream other) {
    return dialect == other.dialect
        && Objects.equals(baseUrl, other.baseUrl)
        && Objects.equals(apiKey, other.apiKey)
        && headers.equals(other.headers);
  }

  /** What is known of a model, which need not be listed. */
  Model model(String name) {
    return models.stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseGet(() -> Model.named(name));
  }

  /** What a turn gets that names no model; empty where nobody has said which. */
  public Optional<String> modelByDefault() {
    if (defaultModel != null) {
      return Optional.of(defaultModel);
    }
    return models.isEmpty()
        ? Optional.ofNullable(dialect.defaultModel())
        : Optional.of(models.get(0).name());
  }

  /** Whether a model belongs here by its name alone. Servers that only speak as OpenAI does have other models than OpenAI. */
  boolean isHomeOf(String model) {
    return dialect.isFamily(model)
        && (dialect != Dialect.OPENAI
            || name.equals(Shorthand.OPENAI.providerName())
            || baseUrl.isOpenAi());
  }

  /** Whether a name that nobody else knows may be a model of this server. */
  boolean takesAnyModel() {
    return dialect == Dialect.OLLAMA || dialect == Dialect.OPENAI && !baseUrl.isOpenAi();
  }
}
