package io.consoul.launcher;

import io.consoul.gateway.Edge;
import io.consoul.gateway.GatewayConfig;
import io.consoul.gateway.GatewayVerticle;
import io.consoul.gc.GcVerticle;
import io.consoul.message.TokenCounter;
import io.consoul.node.Node;
import io.consoul.provider.ProviderVerticle;
import io.consoul.provider.health.Healths;
import io.consoul.redis.RedisUnreachable;
import io.consoul.session.SessionVerticle;
import io.vertx.core.Deployable;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.net.BindException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All four verticles in one JVM. The gateway starts last, so that the port opens when the rest is there, and stops first;
 * the provider stops before the session, which has to take its last seals.
 */
final class Server {

  private static final Logger log = LoggerFactory.getLogger(Server.class);

  private static final Duration STARTING = Duration.ofSeconds(60);

  /** On top of the drain's own limit, for sealing what was cut and closing. */
  private static final Duration CLOSING = Duration.ofSeconds(15);

  private final Configuration configuration;
  private final Edge edge;
  private final Meters meters;
  private final MetricsPort metricsPort;
  private volatile NodeConfig logged;
  private Cluster cluster;
  private Vertx vertx;
  private Node node;
  private Healths healths;
  private String gc;
  private String provider;
  private String session;
  private String gateway;

  Server(Configuration configuration) {
    this.configuration = configuration;
    this.edge =
        new Edge(configuration.gateway(), Main.version(), configuration.node().cluster());
    this.meters = configuration.node().metrics().enabled() ? new Meters() : null;
    this.metricsPort = new MetricsPort(configuration, meters);
    this.logged = configuration.node();
  }

  /**
   * Blocks until the port is open.
   *
   * @throws StartException with a line that tells what to do
   */
  void start() {
    // Beside the start of Vert.x, on another core; the session verticle waits for it.
    Thread vocabulary = new Thread(TokenCounter::load, "consoul-vocabulary");
    vocabulary.setDaemon(true);
    vocabulary.start();
    if (configuration.node().cluster()) {
      joinCluster();
    } else {
      vertx = Vertx.builder().with(options(configuration.node())).build();
    }
    try {
      join()
          .onSuccess(joined -> node = joined)
          .compose(joined -> metricsPort.open(vertx))
          .compose(open -> deployAll())
          .await(STARTING.toSeconds(), TimeUnit.SECONDS);
    } catch (Throwable failure) { // await rethrows whatever the future failed with, checked or not
      giveUp();
      throw failure instanceof StartException known ? known : new StartException(reason(failure));
    }
  }

  private void joinCluster() {
    cluster = Cluster.in(Options.home());
    try {
      vertx = cluster
          .join(options(configuration.node()), configuration.node().eventBus())
          .await(STARTING.toSeconds(), TimeUnit.SECONDS);
    } catch (Throwable failure) { // await rethrows whatever the future failed with, checked or not
      throw failure instanceof StartException known
          ? known
          : new StartException(Cluster.reason(failure));
    }
  }

  /** Takes over from a configuration what may change while the node runs. On any thread. */
  void apply(Configuration changed) {
    edge.apply(changed.gateway());
    NodeConfig now = changed.node();
    if (now.logLevel() != logged.logLevel() || now.logFormat() != logged.logFormat()) {
      Logging.apply(now);
    }
    logged = now;
  }

  /** Applies what changes in the files from now on. */
  void watch(ConfigWatch watch) {
    watch.start(vertx, configuration.node().reloadInterval());
  }

  /** Where its metrics are read, or null. */
  String metrics() {
    return metricsPort.url();
  }

  private Future<Node> join() {
    return meters == null
        ? Node.join(vertx)
        : Node.join(vertx, InstantSource.system(), meters.registry());
  }

  /** Nobody has been served yet: no drain, no farewell. */
  private void giveUp() {
    try {
      if (node != null) {
        node.leave().await(CLOSING.toSeconds(), TimeUnit.SECONDS);
      }
      vertx.close().await(CLOSING.toSeconds(), TimeUnit.SECONDS);
      closeMeters();
    } catch (Throwable failure) { // await rethrows whatever the future failed with, checked or not
      log.debug(
          "could not close cleanly after a failed start: {}; the process ends anyway",
          failure.getClass().getSimpleName());
    }
  }

  /**
   * Lets turns in progress finish, up to the shutdown time-out, and closes everything. Blocks.
   *
   * @return whether that went well
   */
  boolean stop() {
    Duration limit = configuration.node().shutdownTimeout();
    if (vertx == null) {
      return true;
    }
    log.info("stopping; turns in progress may finish for up to {} s", limit.toSeconds());
    node.drain().begin(limit);
    edge.drain();
    try {
      vertx
          .undeploy(gateway)
          .eventually(() -> vertx.undeploy(provider))
          .eventually(healths::close)
          .eventually(() -> vertx.undeploy(session))
          .eventually(() -> vertx.undeploy(gc))
          .eventually(node::leave)
          .eventually(() -> metricsPort.close(vertx))
          .await(limit.plus(CLOSING).toSeconds(), TimeUnit.SECONDS);
      // A future that is composed on a context of the Vertx that closes never completes: this one
      // is awaited by itself.
      vertx.close().await(CLOSING.toSeconds(), TimeUnit.SECONDS);
      vertx = null;
      closeMeters();
      log.info("stopped");
      return true;
    } catch (Throwable failure) { // await rethrows whatever the future failed with, checked or not
      log.error("could not stop cleanly: {}", failure.getClass().getSimpleName());
      return false;
    }
  }

  private void closeMeters() {
    if (meters != null) {
      meters.close();
    }
  }

  private Future<?> deployAll() {
    GatewayConfig gatewayConfig = configuration.gateway();
    return deploy(() -> new GcVerticle(configuration.gc(), node), 1)
        .onSuccess(id -> gc = id)
        .compose(done -> ProviderVerticle.openHealths(vertx, configuration.provider(), node))
        .onSuccess(opened -> healths = opened)
        .compose(done -> deploy(
            () -> new ProviderVerticle(configuration.provider(), node, healths),
            configuration.provider().instances()))
        .onSuccess(id -> provider = id)
        .compose(done -> deploy(
            () -> new SessionVerticle(
                configuration.session(), node, cluster == null ? null : cluster.member()),
            configuration.session().instances()))
        .onSuccess(id -> session = id)
        .compose(done ->
            deploy(() -> new GatewayVerticle(gatewayConfig, node, edge), gatewayConfig.instances()))
        .onSuccess(id -> gateway = id);
  }

  private Future<String> deploy(Supplier<Deployable> verticle, int instances) {
    return vertx.deployVerticle(verticle, new DeploymentOptions().setInstances(instances));
  }

  private static VertxOptions options(NodeConfig config) {
    return new VertxOptions()
        .setEventLoopPoolSize(config.eventLoops())
        .setWorkerPoolSize(config.workerPoolSize())
        .setFileSystemOptions(new FileSystemOptions()
            .setClassPathResolvingEnabled(false)
            .setFileCachingEnabled(false));
  }

  private String reason(Throwable failure) {
    GatewayConfig listen = configuration.gateway();
    String address = listen.host() + " port " + listen.port();
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof RedisUnreachable) {
        return cause.getMessage();
      }
      if (cause instanceof BindException) {
        return "Cannot listen on " + address + ": " + cause.getMessage()
            + ". Stop what uses it, or choose another with --port or --host.";
      }
      if (cause instanceof UnknownHostException || cause instanceof UnresolvedAddressException) {
        return "Cannot listen on " + address
            + ": the host is not known. Choose another with --host.";
      }
    }
    return "Cannot start: " + failure.getClass().getSimpleName() + ": " + failure.getMessage();
  }
}
