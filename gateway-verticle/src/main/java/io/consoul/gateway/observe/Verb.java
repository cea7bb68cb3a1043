package io.consoul.gateway.observe;

import io.vertx.core.http.HttpMethod;
import java.util.Map;

/** The method of a request, as metrics name it. All methods that are not usual are one. */
public enum Verb {
  GET("GET"),
  HEAD("HEAD"),
  POST("POST"),
  PUT("PUT"),
  PATCH("PATCH"),
  DELETE("DELETE"),
  OPTIONS("OPTIONS"),
  /** Not HTTP's: a message on a WebSocket. */
  WS("WS"),
  OTHER("other");

  private static final Map<HttpMethod, Verb> OF_HTTP = Map.of(
      HttpMethod.GET, GET,
      HttpMethod.HEAD, HEAD,
      HttpMethod.POST, POST,
      HttpMethod.PUT, PUT,
      HttpMethod.PATCH, PATCH,
      HttpMethod.DELETE, DELETE,
      HttpMethod.OPTIONS, OPTIONS);

  private final String label;

  Verb(String label) {
    this.label = label;
  }

  public String label() {
    return label;
  }

  static Verb of(HttpMethod method) {
    return OF_HTTP.getOrDefault(method, OTHER);
  }
}
