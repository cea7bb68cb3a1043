package io.consoul.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A proxy that cuts")
class CutProxyTest {

  @Test
  @DisplayName("closes a connection whose server is not there, and takes the next one when it is")
  void serverComesLater() throws IOException {
    int target = Ports.free();
    try (CutProxy proxy = CutProxy.to(target)) {
      try (Socket early = connect(proxy.port())) {
        assertThat(early.getInputStream().read()).isEqualTo(-1);
      }
      try (ServerSocket server = new ServerSocket(target, 1, InetAddress.getLoopbackAddress());
          Socket client = connect(proxy.port());
          Socket served = server.accept()) {
        served.getOutputStream().write(7);
        assertThat(client.getInputStream().read()).isEqualTo(7);
      }
    }
  }

  private static Socket connect(int port) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(30_000);
    return socket;
  }
}
