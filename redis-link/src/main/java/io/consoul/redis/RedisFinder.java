package io.consoul.redis;

import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Finds out which servers take writes: the URL says it, or a sentinel, or any server of the cluster. */
final class RedisFinder {

  private final RedisConfig config;
  private final RedisDialer dialer;
  private final List<RedisNode> named;

  /** Whom to ask, the one first that answered last. */
  private final Set<RedisNode> informants = new LinkedHashSet<>();

  RedisFinder(RedisConfig config, RedisDialer dialer) {
    this.config = config;
    this.dialer = dialer;
    named = config.urls().stream().map(url -> RedisNode.of(url.reveal())).toList();
    informants.addAll(named);
  }

  Future<RedisMasters> find() {
    if (config.mode() == RedisConfig.Mode.STANDALONE) {
      return Future.succeededFuture(RedisMasters.only(named.get(0)));
    }
    return ask(new ArrayList<>(informants), 0);
  }

  private Future<RedisMasters> ask(List<RedisNode> nodes, int i) {
    RedisNode node = nodes.get(i);
    Future<RedisMasters> answer =
        config.mode() == RedisConfig.Mode.SENTINEL ? askSentinel(node) : askServer(node);
    return answer
        .onSuccess(masters -> remember(node, masters))
        .recover(
            failure -> i + 1 < nodes.size() ? ask(nodes, i + 1) : Future.failedFuture(failure));
  }

  private Future<RedisMasters> askSentinel(RedisNode node) {
    Request question =
        Request.cmd(Command.SENTINEL).arg("GET-MASTER-ADDR-BY-NAME").arg(config.masterName());
    return dialer.dialSentinel(node).compose(wire -> send(wire, question)).map(answer -> {
      if (answer == null || answer.size() < 2) {
        throw new RedisTroubleException(RedisTrouble.WRONG_MODE);
      }
      return RedisMasters.only(node(answer, node));
    });
  }

  private Future<RedisMasters> askServer(RedisNode node) {
    Request question = Request.cmd(Command.CLUSTER).arg("SLOTS");
    return dialer.dial(node).compose(wire -> send(wire, question)).map(answer -> {
      if (answer == null || answer.size() == 0) {
        throw new RedisTroubleException(RedisTrouble.CLUSTER);
      }
      RedisMasters masters = new RedisMasters();
      answer.forEach(range -> masters.add(
          range.get(0).toInteger(), range.get(1).toInteger(), node(range.get(2), node)));
      return masters;
    });
  }

  private Future<Response> send(RedisWire wire, Request question) {
    return wire.send(question)
        .timeout(config.commandTimeout().toMillis(), TimeUnit.MILLISECONDS)
        .onComplete(done -> wire.close());
  }

  private void remember(RedisNode informant, RedisMasters masters) {
    informants.clear();
    informants.add(informant);
    if (config.mode() == RedisConfig.Mode.CLUSTER) {
      informants.addAll(masters.nodes());
    }
    informants.addAll(named);
  }

  /** @param asked an empty host stands for it */
  private static RedisNode node(Response address, RedisNode asked) {
    String host = address.get(0) == null ? "" : address.get(0).toString();
    String literal = host.contains(":") ? "[" + host + "]" : host;
    return new RedisNode(host.isEmpty() ? asked.host() : literal, address.get(1).toInteger());
  }
}
