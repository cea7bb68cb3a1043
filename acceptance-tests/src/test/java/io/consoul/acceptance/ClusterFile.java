package io.consoul.acceptance;

import io.consoul.testkit.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
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
    write(home, Ports.freeRow(nodes), nodes);
  }

  static void write(Path home, int port, int ports) throws IOException {
    List<Integer> members = IntStream.range(port, port + ports).boxed().toList();
    Files.writeString(home.resolve(NAME), text(port, port, ports, members));
  }

  /** The nodes whose file is in this folder are out of the cluster only when they have been silent for so long. */
  public static void forgiveSilence(Path home, int seconds) throws IOException {
    Path file = home.resolve(NAME);
    String text = Files.readString(file);
    String forgiving = text.replaceAll(
        "(name=\"hazelcast.max.no.heartbeat.seconds\">)\\d+<", "$1" + seconds + "<");
    if (forgiving.equals(text)) {
      throw new IllegalStateException("does not say how long silence may last: " + file);
    }
    Files.writeString(file, forgiving);
  }

  /**
   * For one node whose ports are reached through others: what lies between them can be cut.
   *
   * @param members the ports through which the nodes reach each other's member of Hazelcast, the same for all
   * @param member of them, this node's
   * @param busPublicPort through which the other nodes reach this one's event bus
   */
  public static void writeBehind(
      Path home, List<Integer> members, int port, int member, int busPort, int busPublicPort)
      throws IOException {
    String text = text(members.get(0), port, 1, members)
        .replace("<network>", "<network><public-address>127.0.0.1:" + member + "</public-address>")
        .replace(
            "</properties>",
            "<property name=\"consoul.event-bus.port\">" + busPort + "</property>"
                + "<property name=\"consoul.event-bus.public-port\">" + busPublicPort
                + "</property></properties>");
    Files.writeString(Files.createDirectories(home).resolve(NAME), text);
  }

  /** @param number that no other cluster of this process has in its name */
  private static String text(int number, int port, int ports, List<Integer> memberPorts)
      throws IOException {
    String members = memberPorts.stream()
        .map(member -> "<member>127.0.0.1:" + member + "</member>")
        .collect(Collectors.joining());
    Path file = Path.of(System.getProperty("consoul.home", ".."), NAME);
    return Files.readString(file)
        .replace(
            "<cluster-name>consoul<",
            "<cluster-name>test-" + ProcessHandle.current().pid() + "-" + number + "<")
        .replaceAll(
            "(?s)<member-list>.*</member-list>", "<member-list>" + members + "</member-list>")
        .replaceAll(
            "<port auto-increment.*</port>",
            "<port auto-increment=\"true\" port-count=\"" + ports + "\">" + port + "</port>");
  }
}
