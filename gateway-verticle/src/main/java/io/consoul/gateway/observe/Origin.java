package io.consoul.gateway.observe;

import io.consoul.gateway.http.ClientAddress;
import io.consoul.gateway.http.TrustedProxies;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

/** What the access log says of where a request came from and what it was for; fit to be logged. */
record Origin(String method, String path, String client, String userAgent, String requestId) {

  private static final int MAX_METHOD = 20;
  private static final int MAX_PATH = 256;
  private static final int MAX_USER_AGENT = 120;

  /**
   * Without the query, which may hold a key.
   *
   * @param requestId well-formed; it stays as it is, for other lines have it, too
   */
  static Origin of(HttpServerRequest request, String requestId, TrustedProxies trusted) {
    String agent = request.getHeader(HttpHeaders.USER_AGENT);
    return new Origin(
        LogText.word(request.method().name(), MAX_METHOD),
        LogText.word(request.path(), MAX_PATH),
        ClientAddress.of(request, trusted).client(),
        agent == null ? null : LogText.of(agent, MAX_USER_AGENT),
        requestId);
  }

  /** The same for a message on the socket that it became: its id tells both. */
  Origin ofMessage(int number) {
    return new Origin(method, path, client, userAgent, requestId + "-" + number);
  }
}
