package io.consoul.launcher;

import io.consoul.gateway.Edge;
import io.consoul.gateway.GatewayVerticle;
import io.consoul.gc.GcVerticle;
import io.consoul.message.Kind;
import io.consoul.node.Node;
import io.consoul.provider.ProviderVerticle;
import io.consoul.provider.Providers;
import io.consoul.session.SessionVerticle;
import io.vertx.core.Deployable;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * The verticles of the kinds that run in this node. The gateway starts last, so that the port opens when the rest is there, and
 * stops first; the provider stops before the session, which has to take its last seals and what it hands on.
 */
final class Deployments {

  private static final List<Kind> STARTING =
      List.of(Kind.GC, Kind.PROVIDER, Kind.SESSION, Kind.GATEWAY);
  private static final List<Kind> STOPPING =
      List.of(Kind.GATEWAY, Kind.PROVIDER, Kind.SESSION, Kind.GC);

  /** Every event loop has had its turn by then. */
  private static final Duration APPLYING = Duration.ofSeconds(10);

  private final Vertx vertx;
  private final Configuration configuration;
  private final Node node;
  private final Edge edge;
  private final Cluster cluster;
  private final Map<Kind, String> ids = new EnumMap<>(Kind.class);
  private Providers providers;
  private GcVerticle gc;

  /** @param cluster that the node has joined, or null */
  Deployments(Vertx vertx, Configuration configuration, Node node, Edge edge, Cluster cluster) {
    this.vertx = vertx;
    this.configuration = configuration;
    this.node = node;
    this.edge = edge;
    this.cluster = cluster;
  }

  /** Fails with the first that does not start; those before it stay. */
  Future<?> start() {
    Future<?> started = Future.succeededFuture();
    for (Kind kind : STARTING) {
      if (configuration.node().verticles().has(kind)) {
        started = started.compose(before -> start(kind));
      }
    }
    return started;
  }

  /** Each when the one before has stopped, however well. */
  Future<?> stop() {
    Future<?> stopped = Future.succeededFuture();
    for (Kind kind : STOPPING) {
      String id = ids.get(kind);
      if (id != null) {
        stopped = stopped.eventually(() -> vertx.undeploy(id));
      }
      if (kind == Kind.PROVIDER && providers != null) {
        stopped = stopped.eventually(providers::close);
      }
    }
    return stopped;
  }

  /**
   * What may change while they run is from now on as it is in there. Blocks until all have taken it over, once they have started.
   *
   * @throws IllegalStateException when that could not be seen
   */
  void apply(Configuration changed) {
    Future<Void> nothing = Future.succeededFuture();
    Future<?> applied = Future.join(
        providers == null ? nothing : providers.apply(changed.provider()),
        gc == null ? nothing : gc.apply(changed.gc()));
    try {
      // A Vert.x future's own await is not allowed on a worker thread, on which this runs.
      applied.toCompletionStage().toCompletableFuture().get(APPLYING.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("stopped meanwhile", stopping);
    } catch (ExecutionException | TimeoutException failure) {
      throw new IllegalStateException("a verticle did not take it over", failure);
    }
  }

  private Future<?> start(Kind kind) {
    return switch (kind) {
      case GC -> {
        gc = new GcVerticle(configuration.gc(), node);
        yield deploy(kind, () -> gc, 1);
      }
      case PROVIDER -> startProvider();
      case SESSION ->
        deploy(
            kind,
            () -> new SessionVerticle(
                configuration.session(), node, cluster == null ? null : cluster.member()),
            configuration.session().instances());
      case GATEWAY ->
        deploy(
            kind,
            () -> new GatewayVerticle(configuration.gateway(), node, edge),
            configuration.gateway().instances());
    };
  }

  private Future<?> startProvider() {
    return Providers.open(vertx, configuration.provider(), node)
        .onSuccess(opened -> providers = opened)
        .compose(opened -> deploy(
            Kind.PROVIDER,
            () -> new ProviderVerticle(node, opened),
            configuration.provider().instances()));
  }

  private Future<?> deploy(Kind kind, Supplier<Deployable> verticle, int instances) {
    return vertx
        .deployVerticle(verticle, new DeploymentOptions().setInstances(instances))
        .onSuccess(id -> ids.put(kind, id));
  }
}
