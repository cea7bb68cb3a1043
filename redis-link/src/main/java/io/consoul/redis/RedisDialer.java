package io.consoul.redis;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import java.net.URI;
import java.util.concurrent.TimeUnit;

/**
 * Opens connections to servers, each within the connect time-out, with the user, password, database and TLS of the first URL.
 * What comes back belongs to the event loop that asked.
 */
final class RedisDialer {

  private final Vertx vertx;
  private final RedisConfig config;
  private final int maxWaiting;
  private final RedisUse use;
  private final URI url;
  private final NetClientOptions net;

  /** @param maxWaiting commands that may be under way on one connection */
  RedisDialer(Vertx vertx, RedisConfig config, int maxWaiting, RedisUse use) {
    this.vertx = vertx;
    this.config = config;
    this.maxWaiting = maxWaiting;
    this.use = use;
    url = URI.create(config.urls().get(0).reveal());
    net = net();
  }

  /** @return a wire to a server that takes writes, or a failure that {@link RedisTrouble} understands */
  Future<RedisWire> dial(RedisNode node) {
    return switch (config.mode()) {
      case STANDALONE -> dial(node, userInfo(), database());
      case CLUSTER -> dial(node, userInfo(), "");
      case SENTINEL -> dial(node, userInfo(), database()).compose(this::checkMaster);
    };
  }

  /** Sentinels have no databases, and need not know the user of the server. */
  Future<RedisWire> dialSentinel(RedisNode node) {
    return dial(node, userInfo(), "")
        .recover(failure ->
            RedisTrouble.in(failure).filter(RedisTrouble.PASSWORD::equals).isPresent()
                ? dial(node, "", "")
                : Future.failedFuture(failure));
  }

  private Future<RedisWire> dial(RedisNode node, String userInfo, String database) {
    Redis client = Redis.createClient(
        vertx,
        new RedisOptions()
            .setConnectionString(url.getScheme() + "://" + userInfo + node + database)
            .setNetClientOptions(net)
            .setMaxWaitingHandlers(maxWaiting)
            .setMaxPoolSize(1)
            .setMaxPoolWaiting(1)
            .setPoolCleanerInterval(-1));
    return client
        .connect()
        .timeout(config.connectTimeout().toMillis(), TimeUnit.MILLISECONDS)
        .map(connection -> new RedisWire(client, connection, node))
        .onFailure(failure -> client.close());
  }

  /** A sentinel may still name a server that is the master no more. */
  private Future<RedisWire> checkMaster(RedisWire wire) {
    return wire.send(Request.cmd(Command.ROLE))
        .timeout(config.commandTimeout().toMillis(), TimeUnit.MILLISECONDS)
        .compose(role -> role.get(0).toString().equals("master")
            ? Future.succeededFuture(wire)
            : Future.<RedisWire>failedFuture(new RedisTroubleException(RedisTrouble.NOT_A_MASTER)))
        .onFailure(failure -> wire.close());
  }

  private NetClientOptions net() {
    NetClientOptions options = new NetClientOptions()
        .setMetricsName(use.name())
        .setConnectTimeout((int) config.connectTimeout().toMillis())
        .setTcpKeepAlive(true)
        .setTcpNoDelay(true);
    if (url.getScheme().equals("rediss")) {
      options.setSsl(true).setHostnameVerificationAlgorithm("HTTPS");
      if (config.caFile() != null) {
        options.setTrustOptions(new PemTrustOptions().addCertPath(config.caFile()));
      }
    }
    return options;
  }

  private String userInfo() {
    return url.getRawUserInfo() == null ? "" : url.getRawUserInfo() + "@";
  }

  private String database() {
    return url.getRawPath() == null ? "" : url.getRawPath();
  }
}
