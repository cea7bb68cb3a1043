package io.consoul.launcher.tryout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The ports of a cluster to try out")
class PortsTest {

  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  @Test
  @DisplayName("go on after a port that is in use")
  void passesOverWhatIsUsed() throws Exception {
    try (Ports ports = new Ports(new Random());
        ServerSocket used = new ServerSocket(io.consoul.testkit.Ports.free(), 1, LOOPBACK)) {
      int port = ports.from(LOOPBACK, used.getLocalPort());

      assertThat(port).isGreaterThan(used.getLocalPort());
      new ServerSocket(port, 1, LOOPBACK).close();
    }
  }

  @Test
  @DisplayName("are nobody else's who starts one meanwhile, until the first is over")
  void claimed() {
    int first = io.consoul.testkit.Ports.free();
    try (Ports other = new Ports(new Random(1))) {
      int any;
      try (Ports ports = new Ports(new Random(1))) {
        assertThat(ports.from(LOOPBACK, first)).isEqualTo(first);
        any = ports.any();

        assertThat(ports.from(LOOPBACK, first)).isNotEqualTo(first);
        assertThat(other.from(LOOPBACK, first)).isNotEqualTo(first);
        assertThat(other.any()).isNotEqualTo(any);
      }
      assertThat(other.from(LOOPBACK, first)).isEqualTo(first);
      assertThat(other.from(LOOPBACK, any)).isEqualTo(any);
    }
  }

  @Test
  @DisplayName("that are not there are told of")
  void none() throws Exception {
    try (Ports ports = new Ports(new Random())) {
      InetAddress elsewhere = InetAddress.getByName("192.0.2.1");

      assertThatThrownBy(() -> ports.from(elsewhere, 65_530))
          .isInstanceOf(TryoutException.class)
          .hasMessage("There is no free port from 65530 on; choose where to begin with --port,"
              + " and the address with CONSOUL_HOST.");
    }
  }
}
