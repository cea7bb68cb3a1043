package io.consoul.redis;

import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Tries out whether Redis works: a script that writes and reads on every master, over connections of its own, and which Redis
 * it is. Confined to one event loop.
 */
final class RedisProbe {

  /** Its file says what it does. */
  static final RedisScript SCRIPT = RedisScript.read(RedisProbe.class, "/redis/probe.lua");

  private static final Pattern VERSION = Pattern.compile("redis_version:(\\d+)\\.(\\d+)");
  private static final Pattern RUN_ID = Pattern.compile("run_id:(\\w+)");
  private static final Pattern REPLICATION_ID = Pattern.compile("master_replid:(\\w+)");

  private final RedisConfig config;
  private final RedisUse use;
  private final RandomGenerator random;
  private final RedisDialer dialer;
  private final RedisFinder finder;
  private final Map<RedisNode, RedisWire> wires = new HashMap<>();

  RedisProbe(RedisConfig config, RedisUse use, RandomGenerator random, RedisDialer dialer) {
    this.config = config;
    this.use = use;
    this.random = random;
    this.dialer = dialer;
    finder = new RedisFinder(config, dialer);
  }

  /** @return a failure that {@link RedisTrouble} understands, within the connect time-out and the command time-out */
  Future<RedisIdentity> run() {
    return once()
        .recover(failure -> {
          // A connection from the last time may have been closed since: that is no outage.
          boolean closed =
              RedisTrouble.in(failure).filter(RedisTrouble.CLOSED::equals).isPresent();
          disconnect();
          return closed ? once() : Future.failedFuture(failure);
        })
        .timeout(
            config.connectTimeout().plus(config.commandTimeout()).toMillis(), TimeUnit.MILLISECONDS)
        .onFailure(failure -> disconnect());
  }

  private Future<RedisIdentity> once() {
    return finder
        .find()
        .onSuccess(this::closeAllBut)
        .compose(masters -> Future.all(
                masters.nodes().stream().map(node -> tryOut(masters, node)).toList())
            .compose(tried -> epoch(masters)
                .map(epoch -> new RedisIdentity(epoch, new TreeSet<>(tried.<String>list())))));
  }

  /** The next probe connects anew. */
  void disconnect() {
    List<RedisWire> all = List.copyOf(wires.values());
    wires.clear();
    all.forEach(RedisWire::close);
  }

  private void closeAllBut(RedisMasters masters) {
    List.copyOf(wires.values()).stream()
        .filter(wire -> !masters.has(wire.node()))
        .forEach(RedisWire::close);
  }

  /** @return who the server is */
  private Future<String> tryOut(RedisMasters masters, RedisNode node) {
    String text = random();
    Request script = Request.cmd(Command.EVAL)
        .arg(SCRIPT.source())
        .arg(1)
        .arg(keyOn(node, masters))
        .arg(text);
    return wire(node)
        .compose(wire -> wire.send(script)
            .compose(reply -> reply.get(0).toString().equals(text)
                ? identity(wire)
                : Future.failedFuture(new RedisTroubleException(RedisTrouble.OTHER))));
  }

  /** A user who may not ask is told nothing, and counts as answered. */
  private Future<String> identity(RedisWire wire) {
    return Future.all(info(wire, "server"), info(wire, "replication")).map(both -> {
      String server = both.resultAt(0);
      if (isTooOld(server)) {
        throw new RedisTroubleException(RedisTrouble.TOO_OLD);
      }
      return found(RUN_ID, server) + " " + found(REPLICATION_ID, both.resultAt(1));
    });
  }

  private Future<String> info(RedisWire wire, String section) {
    return wire.send(Request.cmd(Command.INFO).arg(section))
        .map(Response::toString)
        .recover(failure ->
            RedisTrouble.in(failure).filter(RedisTrouble.PASSWORD::equals).isPresent()
                ? Future.succeededFuture("")
                : Future.failedFuture(failure));
  }

  private Future<String> epoch(RedisMasters masters) {
    RedisNode node = masters.of(RedisSlot.of(use.epochKey()));
    if (node == null) {
      return Future.failedFuture(new RedisTroubleException(RedisTrouble.CLUSTER));
    }
    return wire(node)
        .compose(wire -> wire.send(
                Request.cmd(Command.SET).arg(use.epochKey()).arg(random()).arg("NX"))
            .compose(made -> wire.send(Request.cmd(Command.GET).arg(use.epochKey()))))
        .map(Response::toString);
  }

  private Future<RedisWire> wire(RedisNode node) {
    RedisWire known = wires.get(node);
    if (known != null) {
      return Future.succeededFuture(known);
    }
    return dialer.dial(node).onSuccess(wire -> {
      RedisWire before = wires.put(node, wire);
      if (before != null) {
        before.close();
      }
      wire.onEnd(() -> wires.remove(node, wire));
    });
  }

  private String keyOn(RedisNode node, RedisMasters masters) {
    return IntStream.range(0, RedisSlot.COUNT)
        .mapToObj(use::probeKey)
        .filter(key -> node.equals(masters.of(RedisSlot.of(key))))
        .findFirst()
        .orElseThrow(() -> new RedisTroubleException(RedisTrouble.CLUSTER));
  }

  private String random() {
    byte[] bytes = new byte[12];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** @param info of the section server; one that does not tell a version is taken as it is */
  static boolean isTooOld(String info) {
    Matcher version = VERSION.matcher(info);
    if (!version.find()) {
      return false;
    }
    int major = Integer.parseInt(version.group(1));
    return major < 6 || major == 6 && Integer.parseInt(version.group(2)) < 2;
  }

  private static String found(Pattern pattern, String info) {
    Matcher matcher = pattern.matcher(info);
    return matcher.find() ? matcher.group(1) : "";
  }
}
