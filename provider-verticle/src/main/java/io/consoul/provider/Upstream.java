package io.consoul.provider;

import io.consoul.config.ConfigReader;
import io.consoul.config.Secret;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One configured provider.
 *
 * @param baseUrl null for the echo model
 * @param apiKey or null
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
    List<Model> models,
    String defaultModel,
    List<Header> headers) {

  /** What a provider speaks: the {@code kind} of its entry in provider.json. */
  public enum Dialect {
    OPENAI,
    ECHO
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

  /** The provider that the environment alone can configure. */
  static final String OPENAI = "openai";

  /** What {@code openai} answers with when nobody names a model: cheap, quick and known to every account. */
  static final String DEFAULT_OPENAI_MODEL = "gpt-4.1-mini";

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_.-]{0,63}");
  private static final Pattern HEADER_NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");

  public Upstream {
    models = List.copyOf(models);
    headers = List.copyOf(headers);
  }

  /** The model that needs no network and no key. It is always there. */
  static Upstream echo(String name) {
    return new Upstream(name, Dialect.ECHO, null, null, null, null, List.of(), ECHO, List.of());
  }

  /** An entry of {@code providers}; the environment's OPENAI_* variables go to the one that is called so. */
  static Upstream from(ConfigReader entry) {
    String name = entry.text("name", null, "");
    if (!NAME.matcher(name).matches()) {
      entry.reject("name", "must be 1 to 64 of a-z, 0-9, ., _ and -");
    }
    Dialect dialect = entry.choice("kind", null, Dialect.OPENAI);
    if (name.equals(ECHO) && dialect != Dialect.ECHO) {
      entry.reject("name", "echo belongs to the built-in model; take another one");
    }
    Upstream upstream = dialect == Dialect.ECHO
        ? echo(name)
        : openAi(
            entry,
            name,
            entry.text("baseUrl", name.equals(OPENAI) ? "OPENAI_BASE_URL" : null),
            entry.secret("apiKey", name.equals(OPENAI) ? "OPENAI_API_KEY" : null));
    entry.closed();
    return upstream;
  }

  /**
   * The provider that setting OPENAI_API_KEY or OPENAI_BASE_URL adds.
   *
   * @param shorthand the section {@code openai}, which stands for these variables in the file
   */
  static Optional<Upstream> openAiShorthand(ConfigReader shorthand) {
    Optional<String> address = shorthand.text("baseUrl", "OPENAI_BASE_URL");
    Optional<Secret> apiKey = shorthand.secret("apiKey", "OPENAI_API_KEY");
    Upstream upstream = openAi(shorthand, OPENAI, address, apiKey);
    shorthand.closed();
    return address.isPresent() || apiKey.isPresent() ? Optional.of(upstream) : Optional.empty();
  }

  private static Upstream openAi(
      ConfigReader entry, String name, Optional<String> address, Optional<Secret> apiKey) {
    Optional<BaseUrl> baseUrl = BaseUrl.parse(address.orElse(BaseUrl.OPENAI));
    if (baseUrl.isEmpty()) {
      // The value stays unquoted: it may hold a password.
      entry.reject(
          "baseUrl",
          "must be an http or https URL such as " + BaseUrl.OPENAI
              + (name.equals(OPENAI) ? " (it may come from OPENAI_BASE_URL)" : ""));
    }
    if (apiKey.isPresent() && baseUrl.filter(url -> url.credentials() != null).isPresent()) {
      entry.reject("apiKey", "cannot go together with a user and password in baseUrl");
    }
    if (apiKey
        .filter(key -> !key.reveal().chars().allMatch(c -> c > ' ' && c < 127))
        .isPresent()) {
      entry.reject("apiKey", "must hold visible ASCII characters only");
    }
    return new Upstream(
        name,
        Dialect.OPENAI,
        baseUrl.orElse(null),
        apiKey.orElse(null),
        times(entry, name),
        pool(entry),
        entry.texts("models").stream().map(Model::named).toList(),
        entry.text("defaultModel", null).orElse(null),
        entry.sections("headers").stream().map(Upstream::header).toList());
  }

  private static Times times(ConfigReader entry, String name) {
    Duration timeout = entry.seconds(
        "timeoutSeconds", name.equals(OPENAI) ? "OPENAI_TIMEOUT" : null, 120, 0.1, 3_600);
    return new Times(
        entry.seconds("connectTimeoutSeconds", "CONSOUL_PROVIDER_CONNECT_TIMEOUT", 5, 0.1, 60),
        timeout,
        timeout,
        Duration.ofHours(1));
  }

  private static Pool pool(ConfigReader entry) {
    return new Pool(
        entry.integer("maxConnections", "CONSOUL_PROVIDER_MAX_CONNECTIONS", 100, 1, 10_000),
        entry.integer("maxWaiting", "CONSOUL_PROVIDER_MAX_WAITING", 1_000, 0, 1_000_000),
        20,
        Duration.ofSeconds(60),
        Pool.Protocol.HTTP_1);
  }

  private static Header header(ConfigReader section) {
    String name = section.text("name", null, "");
    if (!HEADER_NAME.matcher(name).matches()) {
      section.reject("name", "must be the name of an HTTP header");
    }
    Secret value = section.secret("value", null).orElse(new Secret(""));
    if (value.reveal().chars().anyMatch(c -> c < ' ' || c > 126)) {
      section.reject("value", "must hold printable ASCII characters only");
    }
    section.closed();
    return new Header(name, value);
  }

  /** Whether the configuration lists it. */
  boolean knows(String model) {
    return models.stream().anyMatch(each -> each.name().equals(model));
  }

  /** What is known of a model, which need not be listed. */
  Model model(String name) {
    return models.stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseGet(() -> Model.named(name));
  }

  /** What a turn gets that names no model. */
  public String modelByDefault() {
    if (defaultModel != null) {
      return defaultModel;
    }
    return models.isEmpty() ? DEFAULT_OPENAI_MODEL : models.get(0).name();
  }

  /** Whether a name that nobody else knows may be a model of this server. */
  boolean takesAnyModel() {
    return dialect == Dialect.OPENAI && !baseUrl.isOpenAi();
  }
}
