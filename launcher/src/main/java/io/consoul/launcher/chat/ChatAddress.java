package io.consoul.launcher.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.util.Locale;
import java.util.Map;

/** Where a session is: the server as the user has named it, and its WebSocket. */
record ChatAddress(String server, URI socket) {

  private static final Map<String, String> SCHEMES =
      Map.of("http", "ws", "https", "wss", "ws", "ws", "wss", "wss");

  /** @throws IllegalArgumentException with a text for the user */
  static ChatAddress of(String url, String session) {
    URI uri = parsed(url);
    String scheme =
        uri.getScheme() == null ? null : SCHEMES.get(uri.getScheme().toLowerCase(Locale.ROOT));
    if (scheme == null
        || uri.getHost() == null
        || uri.getRawUserInfo() != null
        || uri.getRawQuery() != null
        || uri.getRawFragment() != null) {
      throw unusable();
    }
    String path = uri.getRawPath() == null ? "" : uri.getRawPath().replaceAll("/+$", "");
    String place = "://" + uri.getRawAuthority() + path;
    // A form's encoding, but for the space, which stands as a plus there.
    String segment = URLEncoder.encode(session, UTF_8).replace("+", "%20").replace("*", "%2A");
    return new ChatAddress(
        uri.getScheme() + place, URI.create(scheme + place + "/ws/chat/" + segment));
  }

  private static URI parsed(String url) {
    try {
      return new URI(url.strip());
    } catch (URISyntaxException malformed) {
      throw unusable();
    }
  }

  /** Does not quote it: somebody may have put a password or a key into it. */
  private static IllegalArgumentException unusable() {
    return new IllegalArgumentException(
        "The URL must be http, https, ws or wss with a host, and without user, query and fragment,"
            + " such as http://127.0.0.1:8000");
  }
}
