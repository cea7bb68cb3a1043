package io.consoul.launcher.tryout;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Free ports for nodes that open them some seconds later. Until then nobody listens there, so each is claimed by a datagram
 * socket of the same number: a second cluster that starts meanwhile passes it over, and the claim ends with this process,
 * however that ends.
 */
final class Ports implements AutoCloseable {

  /** Below those that systems give to outgoing connections. */
  private static final int FIRST = 10_000;

  private static final int LAST = 32_767;
  private static final int TRIES = 1_000;

  private final InetAddress loopback = InetAddress.getLoopbackAddress();
  private final RandomGenerator random;
  private final List<DatagramSocket> claims = new ArrayList<>();

  Ports(RandomGenerator random) {
    this.random = random;
  }

  /** Any free one of the loopback address. */
  int any() {
    for (int i = 0; i < TRIES; i++) {
      int port = random.nextInt(FIRST, LAST + 1);
      if (claim(loopback, port)) {
        return port;
      }
    }
    throw new TryoutException("There is no free port from " + FIRST + " to " + LAST + ".");
  }

  /** The lowest free one that is not below the first. */
  int from(InetAddress address, int first) {
    for (int port = first; port <= 65_535 && port < first + TRIES; port++) {
      if (claim(address, port)) {
        return port;
      }
    }
    throw new TryoutException("There is no free port from " + first
        + " on; choose where to begin with --port, and the address with CONSOUL_HOST.");
  }

  private boolean claim(InetAddress address, int port) {
    DatagramSocket claim;
    try {
      claim = new DatagramSocket(new InetSocketAddress(loopback, port));
    } catch (SocketException claimed) {
      return false;
    }
    if (isFree(address, port)) {
      claims.add(claim);
      return true;
    }
    claim.close();
    return false;
  }

  private static boolean isFree(InetAddress address, int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, address)) {
      return socket.isBound();
    } catch (IOException used) {
      return false;
    }
  }

  @Override
  public void close() {
    claims.forEach(DatagramSocket::close);
  }
}
