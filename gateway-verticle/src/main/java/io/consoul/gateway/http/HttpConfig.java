package io.consoul.gateway.http;

import io.consoul.config.ConfigReader;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The sections {@code cors}, {@code tls} and {@code http} of conf/gateway.json and its {@code trustedProxies}: how
 * browsers, proxies and connections are met.
 *
 * @param tls empty where the server speaks plain HTTP
 * @param tlsReload how often it is looked whether the certificate was renewed
 * @param maxHeaderBytes of all headers of a request together
 * @param headerTimeout how long the head of a request may take to arrive
 * @param maxConnections of the whole node, WebSockets among them
 * @param http2MaxStreams requests at once on one HTTP/2 connection
 * @param hstsMaxAge for how long a browser that came over TLS is to come over nothing else; zero for not at all
 */
public record HttpConfig(
    CorsPolicy cors,
    TrustedProxies trustedProxies,
    Optional<TlsFiles> tls,
    Duration tlsReload,
    int maxRequestLineBytes,
    int maxHeaderBytes,
    Duration headerTimeout,
    int maxConnections,
    int http2MaxStreams,
    Duration hstsMaxAge) {

  /** Collects problems in the reader and does not throw. */
  public static HttpConfig from(ConfigReader root) {
    ConfigReader tls = root.section("tls");
    ConfigReader http = root.section("http");
    HttpConfig config = new HttpConfig(
        CorsPolicy.from(root.section("cors")),
        TrustedProxies.of(
            root.texts("trustedProxies", "CONSOUL_TRUSTED_PROXIES", List.of()),
            wrong -> root.reject(
                "trustedProxies",
                "must be addresses or networks such as 10.0.0.0/8 or fd00::/8, got " + wrong)),
        tls(tls),
        tls.seconds("reloadSeconds", "CONSOUL_TLS_RELOAD_INTERVAL", 60, 0.1, 86_400),
        http.integer("maxRequestLineBytes", "CONSOUL_MAX_REQUEST_LINE_SIZE", 4_096, 1_024, 65_536),
        http.integer("maxHeaderBytes", "CONSOUL_MAX_HEADER_SIZE", 8_192, 1_024, 65_536),
        http.seconds("headerTimeoutSeconds", "CONSOUL_HEADER_TIMEOUT", 10, 0.1, 300),
        http.integer("maxConnections", "CONSOUL_MAX_CONNECTIONS", 25_000, 1, 1_000_000),
        http.integer("http2MaxStreams", "CONSOUL_HTTP2_MAX_STREAMS", 100, 1, 1_000),
        http.seconds("hstsMaxAgeSeconds", "CONSOUL_HSTS_MAX_AGE", 31_536_000, 0, 63_072_000));
    tls.closed();
    http.closed();
    return config;
  }

  private static Optional<TlsFiles> tls(ConfigReader tls) {
    Optional<String> cert = tls.text("cert", "CONSOUL_TLS_CERT").filter(file -> !file.isBlank());
    Optional<String> key = tls.text("key", "CONSOUL_TLS_KEY").filter(file -> !file.isBlank());
    if (cert.isEmpty() && key.isEmpty()) {
      return Optional.empty();
    }
    if (cert.isEmpty() || key.isEmpty()) {
      tls.reject(
          cert.isEmpty() ? "cert" : "key",
          "is missing: a certificate (CONSOUL_TLS_CERT) and its private key (CONSOUL_TLS_KEY) go together");
      return Optional.empty();
    }
    TlsFiles files = new TlsFiles(cert.get(), key.get());
    Optional<String> problem = files.problem();
    problem.ifPresent(why -> tls.reject("cert", "and tls.key cannot be used: " + why));
    return problem.isPresent() ? Optional.empty() : Optional.of(files);
  }
}
