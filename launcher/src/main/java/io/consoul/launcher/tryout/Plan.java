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
 * @param file the project's cluster.xml
 * @param arguments of every node
 * @param address that the gateways listen on
 * @param firstPort of the first gateway, where it is free
 * @param url of a gateway, by its port
 * @param keyOption what curl has to be given for a key, or nothing
 * @param stopping how long a node may take to stop
 */
public record Plan(
    int nodes,
    boolean split,
    Path file,
    List<String> arguments,
    InetAddress address,
    int firstPort,
    IntFunction<String> url,
    String keyOption,
    Duration stopping) {}
