package io.consoul.gateway.http;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The networks whose word about the real client is taken: {@code X-Forwarded-For} and {@code X-Forwarded-Proto}. */
public record TrustedProxies(List<Network> networks) {

  public TrustedProxies {
    networks = List.copyOf(networks);
  }

  /**
   * @param cidrs addresses, each with an optional prefix length, such as {@code 10.0.0.0/8} or {@code ::1}
   * @param wrong told what is not one
   */
  static TrustedProxies of(List<String> cidrs, Consumer<String> wrong) {
    List<Network> networks = new ArrayList<>();
    for (String cidr : cidrs) {
      Network network = Network.parse(cidr.strip());
      if (network == null) {
        wrong.accept(cidr);
      } else {
        networks.add(network);
      }
    }
    return new TrustedProxies(networks);
  }

  boolean isEmpty() {
    return networks.isEmpty();
  }

  boolean contains(InetAddress address) {
    for (Network network : networks) {
      if (network.contains(address)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Of a numeric address, without its zone; an IPv4 address that is written as IPv6 is an IPv4 address. No name is looked
   * up.
   *
   * @return null for what is not an address
   */
  static InetAddress address(String text) {
    int zone = text.indexOf('%');
    byte[] bytes =
        NetUtil.createByteArrayFromIpAddressString(zone < 0 ? text : text.substring(0, zone));
    try {
      // Java makes an IPv4 address of a mapped one
      return bytes == null ? null : InetAddress.getByAddress(bytes);
    } catch (UnknownHostException wrongLength) {
      return null;
    }
  }

  /** All addresses that begin with the same bits as this one. */
  public record Network(InetAddress first, int bits) {

    static Network parse(String cidr) {
      int slash = cidr.indexOf('/');
      InetAddress address = TrustedProxies.address(slash < 0 ? cidr : cidr.substring(0, slash));
      if (address == null) {
        return null;
      }
      int all = address.getAddress().length * 8;
      boolean mapped = all == 32 && cidr.indexOf(':') >= 0;
      int bits = slash < 0 ? all : number(cidr.substring(slash + 1)) - (mapped ? 96 : 0);
      return bits < 0 || bits > all ? null : new Network(address, bits);
    }

    boolean contains(InetAddress address) {
      byte[] own = first.getAddress();
      byte[] other = address.getAddress();
      if (other.length != own.length) {
        return false;
      }
      int whole = bits / 8;
      for (int i = 0; i < whole; i++) {
        if (other[i] != own[i]) {
          return false;
        }
      }
      int rest = bits % 8;
      return rest == 0 || ((other[whole] ^ own[whole]) & (0xFF << (8 - rest))) == 0;
    }

    private static int number(String digits) {
      return digits.matches("\\d{1,3}") ? Integer.parseInt(digits) : -1;
    }
  }
}
