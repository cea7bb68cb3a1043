package io.consoul.provider;

import io.consoul.config.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where a provider's API begins, as the provider's own SDKs take it: OpenAI's with {@code /v1}, Gemini's with {@code /v1beta},
 * Ollama's without a path.
 *
 * @param origin scheme, host and port
 * @param path without a slash at its end
 * @param query to be sent with every request, or null; never printed, since some servers take their key there
 * @param credentials {@code user:password} of the URL, or null
 */
public record BaseUrl(String origin, String path, String query, Secret credentials) {

  public static final String OPENAI = "https://api.openai.com/v1";
  public static final String ANTHROPIC = "https://api.anthropic.com/v1";
  public static final String GEMINI = "https://generativelanguage.googleapis.com/v1beta";
  public static final String OLLAMA = "http://127.0.0.1:11434";

  private static final String OLLAMA_PORT = ":11434";

  /** A server listens there; nobody can rely on being able to call it so. */
  private static final Pattern EVERY_ADDRESS = Pattern.compile("//(0\\.0\\.0\\.0|\\[::])(?=:|$)");

  private static final Pattern OPENAI_ORIGIN =
      Pattern.compile("https?://api\\.openai\\.com(:\\d+)?");

  /** Empty when the text is no http or https URL with a host. An empty path means {@code /v1}. */
  public static Optional<BaseUrl> parse(String text) {
    return parse(text, "/v1");
  }

  /**
   * Empty when the text is no http or https URL with a host.
   *
   * @param defaultPath what an empty path means: begins with a slash, or is empty itself
   */
  public static Optional<BaseUrl> parse(String text, String defaultPath) {
    URI uri;
    try {
      uri = new URI(text.strip());
    } catch (URISyntaxException malformed) {
      return Optional.empty();
    }
    if (uri.getScheme() == null || uri.getHost() == null || uri.getRawFragment() != null) {
      return Optional.empty();
    }
    String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https") || uri.getPort() > 65_535) {
      return Optional.empty();
    }
    String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
    String path = uri.getRawPath().replaceAll("/+$", "");
    return Optional.of(new BaseUrl(
        scheme + "://" + uri.getHost().toLowerCase(Locale.ROOT) + port,
        path.isEmpty() ? defaultPath : path,
        uri.getRawQuery() == null || uri.getRawQuery().isEmpty() ? null : uri.getRawQuery(),
        uri.getUserInfo() == null ? null : new Secret(uri.getUserInfo())));
  }

  /**
   * Reads an address of Ollama as Ollama reads its OLLAMA_HOST: a URL, or {@code host}, {@code host:port} and {@code :port}, where
   * port 11434 and this machine are meant by default. The address to listen on everywhere means this machine, too. A password or a
   * query needs a whole URL, which is what is masked where the setting is printed.
   */
  public static Optional<BaseUrl> parseOllama(String text) {
    String address = text.strip();
    if (!address.contains("://") && (address.contains("@") || address.contains("?"))) {
      return Optional.empty();
    }
    return parse(address.contains("://") ? address : ollamaUrl(address), "")
        .map(url -> new BaseUrl(
            EVERY_ADDRESS.matcher(url.origin).replaceFirst("//127.0.0.1"),
            url.path,
            url.query,
            url.credentials));
  }

  private static String ollamaUrl(String address) {
    if (address.equals("ollama.com")) {
      return "https://" + address;
    }
    int slash = address.indexOf('/');
    String path = slash < 0 ? "" : address.substring(slash);
    String host = slash < 0 ? address : address.substring(0, slash);
    if (!host.startsWith("[") && host.indexOf(':') != host.lastIndexOf(':')) {
      host = "[" + host + "]";
    }
    String port = host.lastIndexOf(':') > host.lastIndexOf(']') ? "" : OLLAMA_PORT;
    String named = host.isEmpty() || host.startsWith(":") ? "127.0.0.1" + host : host;
    return "http://" + named + port + path;
  }

  /** Whether OpenAI itself answers here: compatible servers differ from it in some fields. */
  public boolean isOpenAi() {
    return OPENAI_ORIGIN.matcher(origin).matches();
  }

  /** The address of an endpoint, for the request line; it holds no credentials. */
  public String of(String endpoint) {
    if (query == null) {
      return origin + path + endpoint;
    }
    return origin + path + endpoint + (endpoint.indexOf('?') < 0 ? '?' : '&') + query;
  }

  /** Without credentials and query: safe to print. */
  @Override
  public String toString() {
    return origin + path;
  }
}
