package io.consoul.acceptance;

import io.consoul.testkit.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;

/** Writes the project's own file of the cluster, with a name and ports that nobody else uses. */
public final class ClusterFile {

  static final String NAME = "cluster.xml";

  private ClusterFile() {}

  /** For a cluster of two nodes at most. */
  public static void forTwo(Path home) throws IOException {
    forNodes(home, 2);
  }

  /** For a cluster of so many nodes at most. */
  public static void forNodes(Path home, int nodes) throws IOException {
    write(home, freePorts(nodes), nodes);
  }

  static void write(Path home, int port, int ports) throws IOException {
    StringBuilder members = new StringBuilder();
    for (int i = 0; i < ports; i++) {
      members.append("<member>127.0.0.1:").append(port + i).append("</member>");
    }
    Path file = Path.of(System.getProperty("consoul.home", ".."), NAME);
    String text = Files.readString(file)
        .replace(
            "<cluster-name>consoul<",
            "<cluster-name>test-" + ProcessHandle.current().pid() + "-" + port + "<")
        .replaceAll(
            "(?s)<member-list>.*</member-list>", "<member-list>" + members + "</member-list>")
        .replaceAll(
            "<port auto-increment.*</port>",
            "<port auto-increment=\"true\" port-count=\"" + ports + "\">" + port + "</port>");
    Files.writeString(home.resolve(NAME), text);
  }

  /** The first of some in a row that were free a moment ago. */
  private static int freePorts(int count) {
    int first = Ports.free();
    while (!IntStream.range(first + 1, first + count).allMatch(ClusterFile::isFree)) {
      first = Ports.free();
    }
    return first;
  }

  private static boolean isFree(int port) {
    try {
      new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close();
      return true;
    } catch (IOException used) {
      return false;
    }
  }
}
