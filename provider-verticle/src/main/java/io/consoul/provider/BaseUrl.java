package io.consoul.provider;

import io.consoul.config.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where a provider's API begins, as OpenAI's SDKs take it: with {@code /v1}. An empty path means that too.
 *
 * @param origin scheme, host and port
 * @param path without a slash at its end
 * @param query to be sent with every request, or null; never printed, since some servers take their key there
 * @param credentials {@code user:password} of the URL, or null
 */
public record BaseUrl(String origin, String path, String query, Secret credentials) {

  public static final String OPENAI = "https://api.openai.com/v1";

  private static final Pattern OPENAI_ORIGIN =
      Pattern.compile("https?://api\\.openai\\.com(:\\d+)?");

  /** Empty when the text is no http or https URL with a host. */
  public static Optional<BaseUrl> parse(String text) {
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
        path.isEmpty() ? "/v1" : path,
        uri.getRawQuery(),
        uri.getUserInfo() == null ? null : new Secret(uri.getUserInfo())));
  }

  /** Whether OpenAI itself answers here: compatible servers differ from it in some fields. */
  public boolean isOpenAi() {
    return OPENAI_ORIGIN.matcher(origin).matches();
  }

  /** The address of an endpoint, for the request line; it holds no credentials. */
  public String of(String endpoint) {
    return origin + path + endpoint + (query == null ? "" : "?" + query);
  }

  /** Without credentials and query: safe to print. */
  @Override
  public String toString() {
    return origin + path;
  }
}
