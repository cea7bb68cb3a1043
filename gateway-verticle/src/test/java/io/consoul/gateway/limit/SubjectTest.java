package io.consoul.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.gateway.key.Caller;
import io.consoul.message.Tenant;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Who is limited")
class SubjectTest {

  private static String address(String address) {
    return Subject.of(Caller.anonymous(address));
  }

  private static String key(String id, String address) {
    return Subject.of(new Caller(id, Tenant.DEFAULT, null, null, address));
  }

  @Test
  @DisplayName("is a key, wherever it calls from, and else an address")
  void keyOrAddress() {
    assertThat(key("shop", "192.0.2.1"))
        .isEqualTo(key("shop", "2001:db8::1"))
        .isNotEqualTo(key("other", "192.0.2.1"))
        .isNotEqualTo(address("192.0.2.1"));
    assertThat(address("192.0.2.1")).isNotEqualTo(address("192.0.2.2"));
    assertThat(key("192.0.2.1", "192.0.2.1")).isNotEqualTo(address("192.0.2.1"));
  }

  @Test
  @DisplayName("is the whole /64 of an IPv6 address, however it is written")
  void networks() {
    assertThat(address("2001:db8:1:2:3:4:5:6"))
        .isEqualTo(address("2001:db8:1:2::1"))
        .isEqualTo(address("2001:0db8:0001:0002:ffff::"))
        .isNotEqualTo(address("2001:db8:1:3::1"));
    assertThat(address("fe80::1%eth0")).isEqualTo(address("fe80::2"));
    assertThat(address("::ffff:192.0.2.1")).isEqualTo(address("192.0.2.1"));
  }
}
