package io.consoul.provider;

import io.consoul.config.ConfigReader;
import io.consoul.config.Secret;
import io.consoul.provider.Upstream.Dialect;
import io.consoul.provider.Upstream.Header;
import io.consoul.provider.Upstream.Pool;
import io.consoul.provider.Upstream.Times;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads one provider: an entry of {@code providers} in provider.json, or the section of a {@link Shorthand}. Every key of it, its
 * default and its range stand here and in {@link ModelEntry}.
 */
final class ProviderEntry {

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_.-]{0,63}");
  private static final Pattern HEADER_NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");

  /** They say where a request ends and what becomes of its connection: another value breaks the next request on it, too. */
  private static final Set<String> FRAMING =
      Set.of("content-length", "transfer-encoding", "connection", "upgrade", "expect");

  /** How Anthropic's addresses end for us; its own SDKs add this to theirs. */
  private static final Pattern VERSION = Pattern.compile(".*/v\\d+");

  private final ConfigReader entry;
  private final String name;
  private final Dialect dialect;

  /** Whose variables count for it, or null. */
  private final Shorthand variables;

  private final Optional<String> address;

  private ProviderEntry(ConfigReader entry, String name, Dialect dialect, Shorthand variables) {
    this.entry = entry;
    this.name = name;
    this.dialect = dialect;
    this.variables = variables;
    this.address =
        entry.text("baseUrl", variables == null ? null : variables.addressVariable(entry));
  }

  /** One of the list; if it is called as a shorthand is, that one's variables count for it. */
  static Upstream read(ConfigReader entry) {
    String name = entry.text("name", null, "");
    if (!NAME.matcher(name).matches()) {
      entry.reject("name", "must be 1 to 64 of a-z, 0-9, ., _ and -");
    }
    Optional<Shorthand> shorthand = Shorthand.named(name);
    Dialect usual = shorthand.map(Shorthand::dialect).orElse(Dialect.OPENAI);
    Dialect dialect = entry.choice("kind", null, usual);
    if (shorthand.isPresent() && dialect != usual) {
      entry.reject("name", name + " belongs to the kind " + usual + "; take another one");
    }
    if (name.equals(Upstream.ECHO) && dialect != Dialect.ECHO) {
      entry.reject("name", "echo belongs to the built-in model; take another one");
    }
    Upstream upstream = dialect == Dialect.ECHO
        ? Upstream.echo(name)
        : new ProviderEntry(entry, name, dialect, shorthand.orElse(null)).upstream();
    entry.closed();
    return upstream;
  }

  /** The provider that a section or its variables add; empty where neither an address nor a key is set. */
  static Optional<Upstream> read(Shorthand shorthand, ConfigReader section) {
    return shorthand(shorthand, section, shorthand);
  }

  /** The same by the section alone, for the variables belong to an entry of the list. */
  static Optional<Upstream> readAlone(Shorthand shorthand, ConfigReader section) {
    return shorthand(shorthand, section, null);
  }

  private static Optional<Upstream> shorthand(
      Shorthand shorthand, ConfigReader section, Shorthand variables) {
    ProviderEntry reader =
        new ProviderEntry(section, shorthand.providerName(), shorthand.dialect(), variables);
    Upstream upstream = reader.upstream();
    section.closed();
    // A key for Ollama says nothing about where the server is.
    boolean isSet =
        reader.address.isPresent() || upstream.apiKey() != null && shorthand != Shorthand.OLLAMA;
    return isSet ? Optional.of(upstream) : Optional.empty();
  }

  private Upstream upstream() {
    BaseUrl baseUrl = baseUrl();
    Optional<Secret> apiKey = apiKey();
    if (apiKey.isPresent() && baseUrl.credentials() != null) {
      entry.reject("apiKey", "cannot go together with a user and password in baseUrl");
    }
    return new Upstream(
        name,
        dialect,
        baseUrl,
        apiKey.orElse(null),
        times(),
        pool(),
        entry.flag("prefill", null, dialect.prefill()),
        models(),
        entry.text("defaultModel", null).orElse(null),
        entry.sections("headers").stream().map(ProviderEntry::header).toList());
  }

  private BaseUrl baseUrl() {
    Optional<BaseUrl> read = address.flatMap(this::parse);
    if (address.isPresent() && read.isEmpty()) {
      // The value stays unquoted: it may hold a password.
      entry.reject(
          "baseUrl",
          "must be an http or https URL such as " + dialect.baseUrl()
              + (variables == null
                  ? ""
                  : " (it may come from " + variables.addressVariable(entry) + ")"));
    }
    // Also after a problem there is one, for reading goes on.
    return read.or(() -> parse(dialect.baseUrl())).orElseThrow();
  }

  private Optional<BaseUrl> parse(String text) {
    return switch (dialect) {
      case ANTHROPIC ->
        BaseUrl.parse(text, "/v1")
            .map(url -> VERSION.matcher(url.path()).matches()
                ? url
                : new BaseUrl(url.origin(), url.path() + "/v1", url.query(), url.credentials()));
      case GEMINI -> BaseUrl.parse(text, "/v1beta");
      case OLLAMA -> BaseUrl.parseOllama(text);
      default -> BaseUrl.parse(text, "/v1");
    };
  }

  private Optional<Secret> apiKey() {
    Optional<Secret> apiKey =
        entry.secret("apiKey", variables == null ? null : variables.keyVariable(entry));
    if (apiKey
        .filter(key -> !key.reveal().chars().allMatch(c -> c > ' ' && c < 127))
        .isPresent()) {
      entry.reject("apiKey", "must hold visible ASCII characters only");
    }
    return apiKey;
  }

  private Times times() {
    String other = "timeoutSeconds";
    Duration timeout = entry.seconds(
        other, variables == null ? null : variables.timeoutVariable(), 120, 0.1, 3_600);
    return new Times(
        entry.seconds("connectTimeoutSeconds", "CONSOUL_PROVIDER_CONNECT_TIMEOUT", 5, 0.1, 60),
        entry.seconds(
            "firstByteSeconds", "CONSOUL_PROVIDER_FIRST_BYTE_TIMEOUT", other, timeout, 0.1, 3_600),
        entry.seconds(
            "silenceSeconds", "CONSOUL_PROVIDER_SILENCE_TIMEOUT", other, timeout, 0.1, 3_600),
        entry.seconds("callSeconds", "CONSOUL_PROVIDER_CALL_TIMEOUT", 3_600, 0.1, 86_400));
  }

  private Pool pool() {
    return new Pool(
        entry.integer("maxConnections", "CONSOUL_PROVIDER_MAX_CONNECTIONS", 100, 1, 10_000),
        entry.integer("maxWaiting", "CONSOUL_PROVIDER_MAX_WAITING", 1_000, 0, 1_000_000),
        entry.integer("maxKeepalive", "CONSOUL_PROVIDER_MAX_KEEPALIVE", 20, 0, 10_000),
        entry.seconds("keepAliveSeconds", "CONSOUL_PROVIDER_KEEP_ALIVE_TIMEOUT", 60, 1, 3_600),
        entry.flag("http2", "CONSOUL_PROVIDER_HTTP2", false)
            ? Pool.Protocol.HTTP_2
            : Pool.Protocol.HTTP_1);
  }

  private List<Model> models() {
    Set<String> names = new HashSet<>();
    return entry.sections("models", "name").stream()
        .map(section -> {
          Model model = ModelEntry.read(section);
          if (!names.add(model.name())) {
            section.reject("name", "is used twice");
          }
          return model;
        })
        .toList();
  }

  private static Header header(ConfigReader section) {
    String name = section.text("name", null, "");
    if (!HEADER_NAME.matcher(name).matches()) {
      section.reject("name", "must be the name of an HTTP header");
    } else if (FRAMING.contains(name.toLowerCase(Locale.ROOT))) {
      section.reject("name", "must not be " + name + ", which Consoul sets itself");
    }
    Secret value = section.secret("value", null).orElse(new Secret(""));
    if (value.reveal().chars().anyMatch(c -> c < ' ' || c > 126)) {
      section.reject("value", "must hold printable ASCII characters only");
    }
    section.closed();
    return new Header(name, value);
  }
}
