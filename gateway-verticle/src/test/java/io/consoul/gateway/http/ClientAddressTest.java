package io.consoul.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("The address of a client")
class ClientAddressTest {

  private static final List<String> PROXIES =
      List.of("10.0.0.0/8", "192.168.7.1", "fd00::/8", "::ffff:172.16.0.0/108");

  private final TrustedProxies proxies = trusted(PROXIES);

  private static TrustedProxies trusted(List<String> cidrs) {
    List<String> wrong = new ArrayList<>();
    TrustedProxies proxies = TrustedProxies.of(cidrs, wrong::add);
    assertThat(wrong).isEmpty();
    return proxies;
  }

  private ClientAddress of(String peer, String... forwarded) {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    List.of(forwarded).forEach(line -> headers.add("x-forwarded-for", line));
    return ClientAddress.of(peer, headers, proxies);
  }

  @ParameterizedTest(name = "{0} says {1}: {2}")
  @DisplayName("is the nearest that no trusted proxy has")
  @CsvSource(
      delimiter = '|',
      value = {
        "10.1.2.3          | 203.0.113.7                     | 203.0.113.7",
        "10.1.2.3          | 127.0.0.1, 203.0.113.7          | 203.0.113.7",
        "10.1.2.3          | 203.0.113.7, 10.9.9.9           | 203.0.113.7",
        "10.1.2.3          | 203.0.113.7,fd12::1 , 10.9.9.9  | 203.0.113.7",
        "10.1.2.3          | 10.8.8.8, 10.9.9.9              | 10.8.8.8",
        "10.1.2.3          | 203.0.113.7:4711                | 203.0.113.7",
        "10.1.2.3          | [2001:db8::7]:4711              | 2001:db8::7",
        "10.1.2.3          | [2001:db8::7]                   | 2001:db8::7",
        "10.1.2.3          | 2001:DB8:0:0::7                 | 2001:db8::7",
        "fd12::1           | 203.0.113.7                     | 203.0.113.7",
        "fd12::1%eth0      | 203.0.113.7                     | 203.0.113.7",
        "::ffff:10.1.2.3   | ::ffff:203.0.113.7              | 203.0.113.7",
        "172.31.255.255    | 203.0.113.7                     | 203.0.113.7",
        "192.168.7.1       | 203.0.113.7                     | 203.0.113.7",
      })
  void behindProxies(String peer, String forwarded, String client) {
    assertThat(of(peer, forwarded)).isEqualTo(new ClientAddress(client, true));
  }

  @ParameterizedTest(name = "{0}")
  @DisplayName("is the last trusted proxy where what stands before it is no address")
  @CsvSource({
    "unknown",
    "203.0.113",
    "''",
    "'203.0.113.7, '",
    "203.0.113.7:http",
    "[203.0.113.7",
    "example.org",
    "'203.0.113.7, unknown'"
  })
  void garbage(String forwarded) {
    assertThat(of("10.1.2.3", forwarded)).isEqualTo(new ClientAddress("10.1.2.3", true));
    assertThat(of("10.1.2.3", forwarded + ", 10.4.4.4"))
        .isEqualTo(new ClientAddress("10.4.4.4", true));
  }

  @Test
  @DisplayName("is read over several headers as if they were one")
  void severalHeaders() {
    assertThat(
            of("10.1.2.3", "198.51.100.1", "203.0.113.7, 10.9.9.9", "10.8.8.8").client())
        .isEqualTo("203.0.113.7");
  }

  @ParameterizedTest(name = "{0}")
  @DisplayName("is the peer's own where the peer is not trusted, whatever it says")
  @CsvSource({
    "203.0.113.9",
    "11.0.0.1",
    "9.255.255.255",
    "192.168.7.2",
    "172.32.0.0",
    "fe80::1",
    "127.0.0.1"
  })
  void strangers(String peer) {
    assertThat(of(peer, "127.0.0.1")).isEqualTo(new ClientAddress(peer, false));
  }

  @Test
  @DisplayName("is never one of this machine's where a proxy is in between")
  void neverDirect() {
    assertThat(of("10.1.2.3", "127.0.0.1").direct()).isNull();
    assertThat(of("10.1.2.3").direct()).isNull();
    assertThat(of("127.0.0.1").direct()).isEqualTo("127.0.0.1");
  }

  @ParameterizedTest(name = "{0}")
  @DisplayName("has proxies that are addresses or networks, and nothing else")
  @CsvSource({
    "10.0.0.0/33",
    "fd00::/129",
    "example.org",
    "10.0.0.0/",
    "10.0.0/8",
    "/8",
    "10.0.0.0/-1",
    "10.0.0.0/8/8",
    "::ffff:10.0.0.0/8"
  })
  void malformedProxies(String cidr) {
    List<String> wrong = new ArrayList<>();
    TrustedProxies.of(List.of(cidr), wrong::add);
    assertThat(wrong).containsExactly(cidr);
  }

  @Test
  @DisplayName("can be believed from everywhere")
  void everywhere() {
    TrustedProxies all = trusted(List.of("0.0.0.0/0", "::/0"));
    MultiMap headers = MultiMap.caseInsensitiveMultiMap().add("X-Forwarded-For", "2001:db8::7");
    assertThat(ClientAddress.of("203.0.113.9", headers, all).client()).isEqualTo("2001:db8::7");
  }
}
