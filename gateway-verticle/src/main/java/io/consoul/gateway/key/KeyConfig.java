package io.consoul.gateway.key;

import io.consoul.config.ConfigReader;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The section {@code auth} of conf/gateway.json: the API keys and where callers put them.
 *
 * @param tiers the tiers of the rate limits that keys or patterns name
 * @param header that holds a key, beside {@code Authorization: Bearer}
 * @param query the parameter that holds one
 * @param bypassPaths where nobody is asked for one
 */
public record KeyConfig(
    List<ApiKey> keys, Set<String> tiers, String header, String query, Set<String> bypassPaths) {

  private static final String HEADER = "X-API-Key";
  private static final String QUERY = "api_key";
  private static final List<String> BYPASS_PATHS = List.of("/health", "/ready", "/openapi.json");

  /** As RFC 9110 has the names of headers. */
  private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

  /** What stands in a query without being encoded. */
  private static final Pattern UNRESERVED = Pattern.compile("[._~0-9A-Za-z-]+");

  /** Headers that are read for something else, or told to others. */
  private static final Pattern TAKEN_HEADER = Pattern.compile(
      "(?i:Authorization|Connection|Content-.*|Cookie|Expect|Forwarded|Host|Idempotency-Key|Last-Event-ID"
          + "|Origin|Sec-.*|Transfer-Encoding|Upgrade|Via|X-Forwarded.*|X-Real-IP|X-Request-ID|X-Session-ID)");

  private static final Pattern TAKEN_PARAMETER = Pattern.compile("cursor|limit|namespace");

  /** @param auth the section; it is closed here */
  public static KeyConfig from(ConfigReader auth) {
    Map<String, String> patterns = auth.table("keyTiers", "CONSOUL_API_KEY_TIERS");
    List<ApiKey> keys = new KeyList(patterns).read(auth);
    Set<String> tiers = new LinkedHashSet<>(patterns.values());
    keys.stream().map(ApiKey::tier).filter(tier -> tier != null).forEach(tiers::add);
    KeyConfig config = new KeyConfig(
        keys,
        tiers,
        name(auth, "header", "CONSOUL_API_KEY_HEADER", HEADER, TOKEN, TAKEN_HEADER),
        name(auth, "query", "CONSOUL_API_KEY_QUERY", QUERY, UNRESERVED, TAKEN_PARAMETER),
        Set.copyOf(auth.texts("bypassPaths", "CONSOUL_BYPASS_PATHS", BYPASS_PATHS)));
    if (!config.bypassPaths.stream().allMatch(path -> path.startsWith("/"))) {
      auth.reject("bypassPaths", "must be paths that begin with a slash");
    }
    auth.closed();
    return config;
  }

  private static String name(
      ConfigReader auth,
      String key,
      String variable,
      String defaultValue,
      Pattern fitting,
      Pattern taken) {
    String name = auth.text(key, variable, defaultValue);
    if (!fitting.matcher(name).matches()) {
      auth.reject(key, "must be a name without spaces and signs that such a name cannot have");
      return defaultValue;
    }
    if (taken.matcher(name).matches()) {
      auth.reject(key, "must be another one than " + name + ", which has a meaning of its own");
    }
    return name;
  }
}
