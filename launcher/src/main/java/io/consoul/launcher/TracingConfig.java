package io.consoul.launcher;

import io.consoul.config.ConfigReader;
import io.consoul.config.Form;
import io.consoul.config.Secret;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Section {@code tracing} of conf/node.json: traces, for a collector that takes OTLP over HTTP.
 *
 * @param endpoint of the collector, to which {@code /v1/traces} is added
 * @param headers sent to the collector with every request: {@code name=value}, parted by commas, values URL-encoded
 * @param sampleRatio which part of the traces that begin here is recorded
 */
public record TracingConfig(
    boolean enabled,
    URI endpoint,
    String serviceName,
    Optional<Secret> headers,
    double sampleRatio) {

  private static final URI DEFAULT_ENDPOINT = URI.create("http://localhost:4318");

  private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

  /** Java's client says these itself and takes them from nobody. */
  private static final Set<String> OF_THE_CONNECTION =
      Set.of("connection", "content-length", "expect", "host", "upgrade");

  /** Where collectors take gRPC. */
  private static final int GRPC = 4_317;

  /** Reads the section and closes it. */
  static TracingConfig from(ConfigReader section) {
    TracingConfig config = new TracingConfig(
        section.flag("enabled", "CONSOUL_OBSERVABILITY_OTEL_ENABLED", false),
        section.value(
            "endpoint",
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            DEFAULT_ENDPOINT,
            new Form(
                "an http or https URL",
                new JsonObject().put("type", new JsonArray().add("string").add("null"))),
            TracingConfig::endpoint),
        section.text("serviceName", "OTEL_SERVICE_NAME", "consoul"),
        section.secret("headers", "OTEL_EXPORTER_OTLP_HEADERS"),
        section.optionalDecimal("sampleRatio", "OTEL_TRACES_SAMPLER_ARG", 0, 1).orElse(1.0));
    if (config.enabled() && config.endpoint().getPort() == GRPC) {
      section.warn(
          "endpoint",
          "has port 4317, where collectors take gRPC; traces are sent over HTTP, for which 4318 is usual");
    }
    if (config.headers().isPresent() && config.headerTable().isEmpty()) {
      section.reject(
          "headers",
          "must be name=value, or several of these parted by commas, with values that are URL-encoded");
    }
    section.closed();
    return config;
  }

  /** Where spans are sent to. */
  String tracesUrl() {
    String base = endpoint.toString();
    return (base.endsWith("/") ? base : base + "/") + "v1/traces";
  }

  /** Empty where there are none, or where they cannot be read. */
  Map<String, String> headerTable() {
    Map<String, String> table = new TreeMap<>();
    if (headers.isEmpty()) {
      return table;
    }
    for (String header : headers.get().reveal().split(",")) {
      if (header.isBlank()) {
        continue;
      }
      int equals = header.indexOf('=');
      String name = header.substring(0, Math.max(0, equals)).strip();
      String value = decoded(header.substring(equals + 1).strip());
      if (!TOKEN.matcher(name).matches()
          || OF_THE_CONNECTION.contains(name.toLowerCase(Locale.ROOT))
          || value.isEmpty()
          || !value.chars().allMatch(c -> c >= ' ' && c <= '~')) {
        return Map.of();
      }
      table.put(name, value);
    }
    return table;
  }

  /** Empty where it cannot be. A plus stays one: it is common in keys, which are in Base64. */
  private static String decoded(String value) {
    try {
      return URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException malformed) {
      return "";
    }
  }

  private static URI endpoint(Object value) {
    try {
      URI uri = URI.create(String.valueOf(value).strip());
      boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (http && uri.getHost() != null && uri.getUserInfo() == null && uri.getQuery() == null) {
        return uri;
      }
    } catch (IllegalArgumentException noUri) {
      // told as any other
    }
    throw new IllegalArgumentException(
        "must be an http or https URL without user and query, such as http://localhost:4318");
  }
}
