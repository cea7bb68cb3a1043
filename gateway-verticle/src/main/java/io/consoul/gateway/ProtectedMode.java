package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.netty.util.NetUtil;
import io.vertx.core.MultiMap;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * While there are no keys, only callers on this machine are served: not those behind a proxy that runs here, and no web
 * page that makes a browser here call us, by its own name (Origin) or by a name that it points at this machine (Host).
 */
final class ProtectedMode {

  private static final List<String> FORWARDING =
      List.of("Forwarded", "X-Real-IP", "Via", "X-Forwarded");

  /** A name or address with an optional port. */
  private static final Pattern AUTHORITY = Pattern.compile("(\\[[^\\]]*\\]|[^:]*)(?::\\d{0,5})?");

  private static final Pattern ORIGIN = Pattern.compile("https?://([^/?#@]+)");

  private static final String WHAT_TO_DO = " Callers without an API key are served on this machine"
      + " only, directly and under a name of this machine such as localhost."
      + " To serve others, set API keys (CONSOUL_API_KEYS), or CONSOUL_ALLOW_ANONYMOUS=true.";

  private final boolean lifted;

  ProtectedMode(boolean lifted) {
    this.lifted = lifted;
  }

  /**
   * @param remoteAddress numeric address of the peer, or null
   * @return why the caller is refused, or empty
   */
  Optional<FaultException> refusal(String remoteAddress, MultiMap headers) {
    return lifted ? Optional.empty() : foreign(remoteAddress, headers);
  }

  /** As above, whether callers of other machines are served or not. */
  static Optional<FaultException> foreign(String remoteAddress, MultiMap headers) {
    if (!isLoopbackAddress(remoteAddress)) {
      return refuse("This request comes from another machine.");
    }
    if (headers.getAll("Host").stream().anyMatch(host -> !isLoopbackAuthority(host))) {
      return refuse("This request's Host header names another machine.");
    }
    if (isForeignPage(headers)) {
      return refuse("This request was made by a web page of another origin.");
    }
    if (headers.names().stream().anyMatch(ProtectedMode::isForwarding)) {
      return refuse("This request was forwarded by a proxy.");
    }
    return Optional.empty();
  }

  /** Whether a web page of another machine makes the request. */
  static boolean isForeignPage(MultiMap headers) {
    return headers.contains("Origin")
        && headers.getAll("Origin").stream().anyMatch(origin -> !isLoopbackOrigin(origin));
  }

  private static Optional<FaultException> refuse(String reason) {
    return Optional.of(Fault.FORBIDDEN.because(reason + WHAT_TO_DO));
  }

  private static boolean isForwarding(String header) {
    return header.regionMatches(true, 0, "X-Forwarded-", 0, "X-Forwarded-".length())
        || FORWARDING.stream().anyMatch(header::equalsIgnoreCase);
  }

  private static boolean isLoopbackOrigin(String origin) {
    Matcher parts = ORIGIN.matcher(origin.toLowerCase(Locale.ROOT));
    return parts.matches() && isLoopbackAuthority(parts.group(1));
  }

  private static boolean isLoopbackAuthority(String authority) {
    Matcher parts = AUTHORITY.matcher(authority.toLowerCase(Locale.ROOT));
    if (!parts.matches()) {
      return false;
    }
    String name = parts.group(1);
    if (name.startsWith("[")) {
      return isLoopbackAddress(name.substring(1, name.length() - 1));
    }
    return name.equals("localhost")
        || name.endsWith(".localhost")
        || (NetUtil.isValidIpV4Address(name) && isLoopbackAddress(name));
  }

  /** Of a numeric address; no name is looked up. */
  private static boolean isLoopbackAddress(String address) {
    if (address == null) {
      return false;
    }
    byte[] bytes = NetUtil.createByteArrayFromIpAddressString(address.replaceFirst("%.*", ""));
    try {
      return bytes != null && InetAddress.getByAddress(bytes).isLoopbackAddress();
    } catch (UnknownHostException wrongLength) {
      return false;
    }
  }
}
