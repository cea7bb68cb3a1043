package io.consoul.launcher.tryout;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.IntFunction;

/**
 * What is to be started.
 *
 * @param split whether each node has one kind of verticle only
 * @param logs whether all that the nodes log is shown
 * @param home folder of the project's cluster.xml
 * @param arguments of every node
 * @param address that the gateways listen on
 * @param firstPort of the first gateway, where it is free
 * @param url of a gateway, by its port
 * @param keyOption what curl has to be given for a key, or nothing
 * @param turns how long those in progress may go on when the nodes are stopped
 */
public record Plan(
    int nodes,
    boolean split,
    boolean logs,
    Path home,
    List<String> arguments,
    InetAddress address,
    int firstPort,
    IntFunction<String> url,
    String keyOption,
    Duration turns) {

  /** Arguments of a node that is not split, whatever the configuration says. */
  public static final List<String> ALL_KINDS = Role.ALL.arguments();

  /** So many nodes have one of each kind where they are split. */
  public static final int FEWEST_SPLIT = Role.SPLIT.size();
}
