package io.consoul.gateway.http;

import io.consoul.config.ConfigReader;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which web pages may call us from a browser: the section {@code cors} of conf/gateway.json.
 *
 * @param origins as browsers write them, or one {@code *} for all
 * @param methods that a page may use, or one {@code *} for those that the path takes
 * @param headers that a page may send, or one {@code *} for all
 * @param credentials whether a page may have the browser add cookies and client certificates
 * @param maxAge how long a browser may remember the answer to a preflight
 */
public record CorsPolicy(
    Set<String> origins,
    List<String> methods,
    List<String> headers,
    boolean credentials,
    Duration maxAge) {

  private static final String ANY = "*";
  private static final List<String> ALL = List.of(ANY);

  /** Also of an app that is no web page of a server, such as tauri://localhost. */
  private static final Pattern ORIGIN =
      Pattern.compile("([a-z][a-z0-9+.-]*)://(\\[[0-9a-f:.]+]|[^\\s/?#@:\\[\\]*]+)(:\\d{1,5})?");

  private static final String TOKEN = "[A-Za-z0-9!#$%&'+.^_`|~-]+";
  private static final Pattern TOKENS =
      Pattern.compile(TOKEN + "(\\s*,\\s*" + TOKEN + ")*", Pattern.CASE_INSENSITIVE);
  private static final int MAX_REQUESTED = 2_048;

  private static final CharSequence ALLOW_ORIGIN =
      HttpHeaders.createOptimized("access-control-allow-origin");
  private static final CharSequence ALLOW_CREDENTIALS =
      HttpHeaders.createOptimized("access-control-allow-credentials");
  private static final CharSequence EXPOSE =
      HttpHeaders.createOptimized("access-control-expose-headers");
  private static final CharSequence EXPOSED = HttpHeaders.createOptimized(
      "X-Request-ID, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After");
  private static final CharSequence VARY = HttpHeaders.createOptimized("vary");
  private static final CharSequence TRUE = HttpHeaders.createOptimized("true");
  private static final CharSequence STAR = HttpHeaders.createOptimized(ANY);
  private static final CharSequence ORIGIN_HEADER = HttpHeaders.createOptimized("origin");
  private static final CharSequence REQUEST_METHOD =
      HttpHeaders.createOptimized("access-control-request-method");
  private static final CharSequence REQUEST_HEADERS =
      HttpHeaders.createOptimized("access-control-request-headers");

  static CorsPolicy from(ConfigReader cors) {
    List<String> origins = cors.texts(
        "origins", cors.either("CONSOUL_CORS_ORIGINS", "CONSOUL_CORS_ALLOWED_ORIGINS"), ALL);
    Set<String> known = new LinkedHashSet<>();
    origins.forEach(origin -> known.add(normal(cors, origin)));
    List<String> methods = cors.texts("allowMethods", "CONSOUL_CORS_ALLOW_METHODS", ALL);
    List<String> headers = cors.texts("allowHeaders", "CONSOUL_CORS_ALLOW_HEADERS", ALL);
    requireTokens(cors, "allowMethods", methods);
    requireTokens(cors, "allowHeaders", headers);
    CorsPolicy policy = new CorsPolicy(
        known,
        methods,
        headers,
        cors.flag("allowCredentials", "CONSOUL_CORS_ALLOW_CREDENTIALS", false),
        cors.seconds("maxAgeSeconds", "CONSOUL_CORS_MAX_AGE", 600, 0, 86_400));
    if (policy.allowsAll() && policy.credentials) {
      cors.reject(
          "allowCredentials",
          "must not be true while origins is *: every web page could act as your users; list the origins");
    }
    cors.closed();
    return policy;
  }

  /** Whether a browser asks, on behalf of a page, what it may send. */
  public static boolean isPreflight(HttpServerRequest request) {
    return request.method() == HttpMethod.OPTIONS
        && request.headers().contains(REQUEST_METHOD)
        && request.headers().contains(ORIGIN_HEADER);
  }

  /** Whether no page makes this request, or one that may. */
  public boolean admits(HttpServerRequest request) {
    List<String> origins = request.headers().getAll(ORIGIN_HEADER);
    return origins.isEmpty() || (origins.size() == 1 && allows(origins.get(0)));
  }

  /** Lets the page that made the request read the answer, if it may. */
  public void tell(HttpServerRequest request, HttpServerResponse response) {
    if (!allowsAll()) {
      response.putHeader(VARY, "Origin");
    }
    String origin = request.headers().get(ORIGIN_HEADER);
    if (origin == null || !admits(request)) {
      return;
    }
    response.putHeader(ALLOW_ORIGIN, allowsAll() ? STAR : origin).putHeader(EXPOSE, EXPOSED);
    if (credentials) {
      response.putHeader(ALLOW_CREDENTIALS, TRUE);
    }
  }

  /**
   * As {@link #tell}, and what the page may send.
   *
   * @param taken methods that the path takes
   */
  public void answerPreflight(
      HttpServerRequest request, HttpServerResponse response, List<String> taken) {
    if (!admits(request)) {
      return;
    }
    response
        .putHeader(
            "Access-Control-Allow-Methods",
            String.join(", ", methods.equals(ALL) ? taken : methods))
        .putHeader("Access-Control-Max-Age", Long.toString(maxAge.toSeconds()));
    if (!headers.equals(ALL)) {
      response.putHeader("Access-Control-Allow-Headers", String.join(", ", headers));
      return;
    }
    // a star in the answer would not stand for Authorization, so that what was asked for is named
    response.putHeader(
        VARY,
        allowsAll() ? "Access-Control-Request-Headers" : "Origin, Access-Control-Request-Headers");
    String requested = request.headers().get(REQUEST_HEADERS);
    if (requested != null
        && requested.length() <= MAX_REQUESTED
        && TOKENS.matcher(requested).matches()) {
      response.putHeader("Access-Control-Allow-Headers", requested);
    }
  }

  private boolean allows(String origin) {
    return allowsAll() || origins.contains(origin);
  }

  private boolean allowsAll() {
    return origins.contains(ANY);
  }

  /** As a browser writes it, which leaves the usual port out. */
  private static String normal(ConfigReader cors, String origin) {
    String lower = origin.toLowerCase(Locale.ROOT);
    if (lower.equals(ANY) || lower.equals("null")) {
      return lower;
    }
    Matcher parts = ORIGIN.matcher(lower);
    if (!parts.matches()) {
      cors.reject(
          "origins",
          "must be * or origins such as https://app.example.org, without a path or a pattern, got "
              + origin);
      return lower;
    }
    String port = parts.group(3);
    boolean usual = (":443".equals(port) && parts.group(1).equals("https"))
        || (":80".equals(port) && parts.group(1).equals("http"));
    return usual ? lower.substring(0, lower.length() - port.length()) : lower;
  }

  private static void requireTokens(ConfigReader cors, String key, List<String> values) {
    if (!values.equals(ALL) && !values.stream().allMatch(value -> value.matches(TOKEN))) {
      cors.reject(key, "must be * or a list of names, got " + String.join(", ", values));
    }
  }
}
