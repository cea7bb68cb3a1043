package io.consoul.gateway.http;

import io.netty.util.NetUtil;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.util.List;

/**
 * Where a request comes from. A proxy that is trusted is believed about who called it, and if that is a trusted proxy
 * too, then so is that one; what stands before the first stranger anybody may have written.
 *
 * @param client numeric address, or null where it is not known
 * @param proxied whether a trusted proxy is in between
 */
public record ClientAddress(String client, boolean proxied) {

  private static final String FOR = "X-Forwarded-For";
  private static final String PROTO = "X-Forwarded-Proto";

  public static ClientAddress of(HttpServerRequest request, TrustedProxies trusted) {
    return of(peer(request), request.headers(), trusted);
  }

  /** @param peer numeric address of the other end of the connection, or null */
  static ClientAddress of(String peer, MultiMap headers, TrustedProxies trusted) {
    InetAddress address = trusted.isEmpty() || peer == null ? null : TrustedProxies.address(peer);
    if (address == null || !trusted.contains(address)) {
      return new ClientAddress(peer, false);
    }
    List<String> lines = headers.getAll(FOR);
    for (int line = lines.size() - 1; line >= 0; line--) {
      String rest = lines.get(line);
      while (rest != null) {
        int comma = rest.lastIndexOf(',');
        InetAddress hop = hop(rest.substring(comma + 1).strip());
        rest = comma < 0 ? null : rest.substring(0, comma);
        if (hop == null) {
          return new ClientAddress(NetUtil.toAddressString(address), true);
        }
        address = hop;
        if (!trusted.contains(hop)) {
          return new ClientAddress(NetUtil.toAddressString(hop), true);
        }
      }
    }
    return new ClientAddress(NetUtil.toAddressString(address), true);
  }

  /** The client's address where it called us itself, else null: a proxied request is never one of this machine's. */
  public String direct() {
    return proxied ? null : client;
  }

  /** Whether the client's own connection is encrypted, as far as we or a trusted proxy can tell. */
  static boolean isSecure(HttpServerRequest request, TrustedProxies trusted) {
    if (request.isSSL()) {
      return true;
    }
    if (trusted.isEmpty()) {
      return false;
    }
    List<String> protocols = request.headers().getAll(PROTO);
    return !protocols.isEmpty()
        && of(request, trusted).proxied()
        && last(protocols.get(protocols.size() - 1)).equalsIgnoreCase("https");
  }

  private static String last(String list) {
    return list.substring(list.lastIndexOf(',') + 1).strip();
  }

  /** An address with an optional port, IPv6 with one in brackets; null for anything else. */
  private static InetAddress hop(String text) {
    if (text.startsWith("[")) {
      int end = text.indexOf(']');
      boolean whole = end > 0 && isPort(text.substring(end + 1));
      return whole ? TrustedProxies.address(text.substring(1, end)) : null;
    }
    int colon = text.indexOf(':');
    boolean withPort = colon >= 0 && colon == text.lastIndexOf(':');
    if (!withPort) {
      return TrustedProxies.address(text);
    }
    return isPort(text.substring(colon)) ? TrustedProxies.address(text.substring(0, colon)) : null;
  }

  private static boolean isPort(String text) {
    return text.isEmpty() || text.matches(":\\d{1,5}");
  }

  private static String peer(HttpServerRequest request) {
    SocketAddress remote = request.remoteAddress();
    return remote == null ? null : remote.hostAddress();
  }
}
