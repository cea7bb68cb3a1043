package io.consoul.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Free ports of the loopback interface, for processes that cannot be asked which one they got. They are none of those that
 * the system gives to connections and to whoever asks for any port, so that a server which is killed finds its own again.
 *
 * <p>Test processes that run side by side begin far from each other: what one was given it may bind seconds later.
 */
public final class Ports {

  private static final int FIRST = 10_000;
  private static final int LAST = 32_767;
  private static final int COUNT = LAST - FIRST + 1;

  /** Between the beginnings of two processes that were started one after the other. */
  private static final int STRIDE = 1_009;

  private static final Set<Integer> GIVEN = new HashSet<>();
  private static int next = (int) (ProcessHandle.current().pid() * STRIDE % COUNT);

  private Ports() {}

  /** A port that was free a moment ago, and that nobody in this JVM was given before. */
  public static int free() {
    return take(0);
  }

  /** The first of so many in a row, as {@link #free}. */
  public static int freeRow(int count) {
    return take(IntStream.range(0, count).toArray());
  }

  /** A port, as {@link #free}, that has another one so far above it. */
  static int freeWith(int distance) {
    return take(0, distance);
  }

  private static synchronized int take(int... offsets) {
    for (int i = 0; i < COUNT; i++) {
      int port = FIRST + next;
      next = (next + 1) % COUNT;
      if (IntStream.of(offsets).allMatch(offset -> isFree(port + offset))) {
        IntStream.of(offsets).forEach(offset -> GIVEN.add(port + offset));
        return port;
      }
    }
    throw new IllegalStateException("no free port from " + FIRST + " to " + LAST);
  }

  private static boolean isFree(int port) {
    if (port > LAST || GIVEN.contains(port)) {
      return false;
    }
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException taken) {
      return false;
    }
  }
}
