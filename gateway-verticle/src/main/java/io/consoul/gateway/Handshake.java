package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * What a request must say to become a WebSocket, by RFC 6455. Vert.x checks less of it, answers in its own words, and would
 * wait for the body of a request that announces one.
 */
final class Handshake {

  private static final String VERSION = "Sec-WebSocket-Version";
  private static final String SUPPORTED = "13";
  private static final int KEY_BYTES = 16;

  private Handshake() {}

  /** @return whether the request may become a WebSocket; if not, it was answered */
  static boolean isOffered(Exchange exchange) {
    HttpServerRequest request = exchange.request();
    if (!asksForUpgrade(request)) {
      if (request.version() != HttpVersion.HTTP_2) {
        exchange.response().putHeader("Upgrade", "websocket").putHeader(VERSION, SUPPORTED);
      }
      refuse(
          exchange,
          426,
          "This path takes WebSocket connections only, of version 13 and over HTTP/1.1.");
    } else if (!hasKey(request.headers())) {
      refuse(exchange, 400, "The request needs one Sec-WebSocket-Key, of 16 bytes in Base64.");
    } else if (hasBody(request.headers())) {
      refuse(exchange, 400, "A request to become a WebSocket has no body.");
    } else {
      return true;
    }
    return false;
  }

  /** As {@link #isOffered}, without an answer. */
  static boolean isWhole(HttpServerRequest request) {
    return asksForUpgrade(request) && hasKey(request.headers()) && !hasBody(request.headers());
  }

  private static boolean asksForUpgrade(HttpServerRequest request) {
    return request.version() == HttpVersion.HTTP_1_1
        && request.method() == HttpMethod.GET
        && hasToken(request.headers(), HttpHeaders.UPGRADE, "websocket")
        && hasToken(request.headers(), HttpHeaders.CONNECTION, "upgrade")
        && request.headers().getAll(VERSION).equals(List.of(SUPPORTED));
  }

  private static boolean hasToken(MultiMap headers, CharSequence name, String token) {
    return headers.getAll(name).stream()
        .flatMap(value -> Arrays.stream(value.split(",")))
        .anyMatch(value -> value.strip().equalsIgnoreCase(token));
  }

  private static boolean hasKey(MultiMap headers) {
    List<String> keys = headers.getAll("Sec-WebSocket-Key");
    try {
      return keys.size() == 1 && Base64.getDecoder().decode(keys.get(0)).length == KEY_BYTES;
    } catch (IllegalArgumentException malformed) {
      return false;
    }
  }

  private static boolean hasBody(MultiMap headers) {
    return headers.contains(HttpHeaders.TRANSFER_ENCODING)
        || headers.getAll(HttpHeaders.CONTENT_LENGTH).stream()
            .anyMatch(length -> !length.equals("0"));
  }

  /** The connection ends with the answer: its peer may go on as if it had become a WebSocket. */
  private static void refuse(Exchange exchange, int status, String message) {
    exchange.closeAfterwards();
    exchange.fail(status, Fault.INVALID_REQUEST_BODY.because(message));
  }
}
