package io.consoul.gateway.key;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The API key that a request brings, wherever it stands. Nothing of it is ever part of a message. */
public final class Credentials {

  /** The subprotocol that a browser asks for beside the one that holds its key; the only one that it gets back. */
  public static final String SUBPROTOCOL = "consoul.v1";

  /** Browsers can set no header of a WebSocket, but name subprotocols. */
  private static final String KEY_PROTOCOL = "api-key.";

  /** The same for keys with characters that the name of a subprotocol cannot have. */
  private static final String ENCODED_KEY_PROTOCOL = "api-key-b64.";

  private static final CharSequence PROTOCOLS =
      HttpHeaders.createOptimized("Sec-WebSocket-Protocol");

  private static final Pattern BEARER = Pattern.compile("(?i:Bearer) +([!-~]+) *");

  private final HttpServerRequest request;
  private final KeyConfig places;

  private Credentials(HttpServerRequest request, KeyConfig places) {
    this.request = request;
    this.places = places;
  }

  /**
   * What is known of the key that a request brings; empty where it brings none.
   *
   * @throws FaultException E011 where it brings several, or something that cannot be a key
   */
  public static Optional<KeyHash> of(HttpServerRequest request, KeyConfig places) {
    return new Credentials(request, places).hash();
  }

  /** Whether it is an upgrade whose key is in its subprotocols, so that its sender is a browser, which sees no status. */
  public static boolean areInSubprotocols(HttpServerRequest request) {
    return protocols(request).stream().anyMatch(Credentials::holdsKey);
  }

  /** Takes keys out of the subprotocols, so that nobody who answers or logs them has them. */
  public static void forget(HttpServerRequest request) {
    List<String> protocols = protocols(request);
    if (protocols.stream().anyMatch(Credentials::holdsKey)) {
      request
          .headers()
          .set(
              PROTOCOLS,
              String.join(
                  ",",
                  protocols.stream().filter(protocol -> !holdsKey(protocol)).toList()));
    }
  }

  private Optional<KeyHash> hash() {
    Set<String> keys = new LinkedHashSet<>();
    request.headers().getAll(places.header()).stream().map(String::strip).forEach(keys::add);
    parameters().forEach(keys::add);
    protocols(request).stream().filter(Credentials::holdsKey).map(this::key).forEach(keys::add);
    keys.remove("");
    authorizations(!keys.isEmpty()).forEach(keys::add);
    if (keys.size() > 1) {
      throw Fault.INVALID_API_KEY.because("The request holds different API keys; send one.");
    }
    return keys.stream().findFirst().map(KeyHash::of);
  }

  /** @param beside another key: the header may be meant for somebody on the way then, and is passed over */
  private Stream<String> authorizations(boolean beside) {
    return request.headers().getAll(HttpHeaders.AUTHORIZATION).stream().flatMap(header -> {
      Matcher bearer = BEARER.matcher(header.strip());
      if (bearer.matches()) {
        return Stream.of(bearer.group(1));
      }
      if (beside) {
        return Stream.empty();
      }
      throw Fault.INVALID_API_KEY.because("This Authorization header holds no API key; send"
          + " \"Authorization: Bearer <key>\", or the key in the header " + places.header() + ".");
    });
  }

  private Stream<String> parameters() {
    if (request.query() == null) {
      return Stream.empty();
    }
    try {
      // No key holds a space: one is a plus sign that its sender did not encode.
      return request.params().getAll(places.query()).stream().map(value -> value.replace(' ', '+'));
    } catch (IllegalArgumentException malformed) {
      return Stream.empty();
    }
  }

  private String key(String protocol) {
    if (protocol.startsWith(KEY_PROTOCOL)) {
      return protocol.substring(KEY_PROTOCOL.length());
    }
    try {
      String encoded = protocol.substring(ENCODED_KEY_PROTOCOL.length());
      return new String(Base64.getUrlDecoder().decode(encoded), UTF_8);
    } catch (IllegalArgumentException malformed) {
      throw Fault.INVALID_API_KEY.because(
          "The subprotocol " + ENCODED_KEY_PROTOCOL + "… must hold the API key in base64url.");
    }
  }

  private static boolean holdsKey(String protocol) {
    return protocol.startsWith(KEY_PROTOCOL) || protocol.startsWith(ENCODED_KEY_PROTOCOL);
  }

  private static List<String> protocols(HttpServerRequest request) {
    if (!request.headers().contains(HttpHeaders.UPGRADE, HttpHeaders.WEBSOCKET, true)) {
      return List.of();
    }
    return request.headers().getAll(PROTOCOLS).stream()
        .flatMap(header -> Arrays.stream(header.split(",")))
        .map(String::strip)
        .filter(protocol -> !protocol.isEmpty())
        .toList();
  }
}
