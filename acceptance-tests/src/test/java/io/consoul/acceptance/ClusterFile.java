package io.consoul.acceptance;

import io.consoul.testkit.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes the project's own file of the cluster, with a name and ports that nobody else uses. */
public final class ClusterFile {

  static final String NAME = "cluster.xml";

  private ClusterFile() {}

  /** For a cluster of two nodes at most. */
  public static void forTwo(Path home) throws IOException {
    write(home, twoFreePorts(), 2);
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

  /** The first of two in a row that were free a moment ago. */
  private static int twoFreePorts() {
    for (int port = Ports.free(); ; port = Ports.free()) {
      try {
        new ServerSocket(port + 1, 1, InetAddress.getLoopbackAddress()).close();
        return port;
      } catch (IOException used) {
        // another pair
      }
    }
  }
}
