package io.consoul.launcher;

import io.consoul.gateway.Edge;
import io.consoul.message.Addresses;
import io.consoul.message.NodeChanged;
import io.consoul.message.NodeChanged.Change;
import io.consoul.message.TokenCounter;
import io.consoul.node.Node;
import io.consoul.trace.Tracing;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One node: its place in the cluster, if it is in one, the verticles that run in it, and what they share. */
final class Server {

  private static final Logger log = LoggerFactory.getLogger(Server.class);

  private static final Duration STARTING = Duration.ofSeconds(60);

  /** For the last words of all verticles, the last try of a seal, leaving the cluster and closing. */
  private static final Duration CLOSING = Duration.ofSeconds(15);

  private final Configuration configuration;
  private final Edge edge;
  private final Meters meters;
  private final MetricsPort metricsPort;
  private final Runnable end;
  private final Object drainLock = new Object();
  private boolean draining;
  private volatile NodeConfig logged;
  private Cluster cluster;

  /** Whether the start is over; what it has made is seen by whoever sees that. */
  private volatile boolean up;

  // Of these a stop in the midst of the start makes use, on another thread.
  private volatile Vertx vertx;
  private volatile Node node;
  private volatile Members members;
  private volatile Traces traces;
  private volatile ConfigWatch watch;

  private NodeHealth health;
  private DrainDesk drainDesk;
  private Deployments deployments;

  /** @param end has the process stopped as a signal does, and returns at once */
  Server(Configuration configuration, Runnable end) {
    this.configuration = configuration;
    this.end = end;
    this.edge =
        new Edge(configuration.gateway(), Main.version(), configuration.node().cluster());
    this.meters = configuration.node().metrics().enabled() ? new Meters() : null;
    this.metricsPort = new MetricsPort(configuration, meters);
    this.logged = configuration.node();
  }

  /**
   * Blocks until the port is open. When it is stopped meanwhile, it fails, or does not return.
   *
   * @throws StartException with a line that tells what to do
   */
  void start() {
    // Beside the start of Vert.x, on another core; the verticles that count tokens wait for it.
    Thread vocabulary = new Thread(TokenCounter::load, "consoul-vocabulary");
    vocabulary.setDaemon(true);
    vocabulary.start();
    if (configuration.node().cluster()) {
      joinCluster();
    } else {
      vertx = new VertxSetup(configuration.node(), meters).builder().build();
    }
    try {
      join()
          .onSuccess(this::wire)
          .compose(joined -> metricsPort.open(vertx, health))
          .compose(open -> arrive())
          .compose(arrived -> deployments.start())
          .compose(started -> drainDesk.open())
          .onSuccess(open -> begun())
          .await(STARTING.toSeconds(), TimeUnit.SECONDS);
    } catch (Throwable failure) { // await rethrows whatever the future failed with, checked or not
      giveUp();
      throw failure instanceof StartException known
          ? known
          : StartFailure.told(failure, configuration.gateway());
    }
  }

  private void joinCluster() {
    cluster = new Cluster(ClusterFile.in(Options.home(), System.getenv()));
    try {
      vertx = cluster
          .join(
              new VertxSetup(configuration.node(), meters), configuration.node().eventBus())
          .await(STARTING.toSeconds(), TimeUnit.SECONDS);
    } catch (Throwable failure) { // await rethrows whatever the future failed with, checked or not
      cluster.leave();
      throw failure instanceof StartException known
          ? known
          : new StartException(cluster.reason(failure));
    }
  }

  /**
   * Takes over from a configuration what may change while the node runs. Blocks until it has reached all verticles.
   *
   * @throws IllegalStateException when that could not be seen
   */
  void apply(Configuration changed) {
    if (deployments != null) {
      deployments.apply(changed);
    }
    edge.apply(changed.gateway());
    NodeConfig now = changed.node();
    Logging.change(logged, now);
    logged = now;
  }

  /** Applies what changes in the files from now on. */
  void watch(ConfigWatch changes) {
    Vertx running = vertx;
    if (running != null) { // else it has been stopped already
      watch = changes;
      changes.start(running, configuration.node().reloadInterval());
    }
  }

  /** Where its metrics are read, or null. */
  String metrics() {
    return metricsPort.url();
  }

  /** Which one it is of how many, or null where it is alone. */
  String place() {
    return cluster == null ? null : "node " + node.id() + ", one of " + nodes().size();
  }

  /** Where the event bus of a cluster takes messages, or null. */
  String busHost() {
    return cluster == null ? null : cluster.busHost();
  }

  private Future<Node> join() {
    MeterRegistry registry = meters == null ? new SimpleMeterRegistry() : meters.registry();
    String id = cluster == null ? UUID.randomUUID().toString() : cluster.nodeId();
    Counter dropped = Counter.builder("consoul_spans_dropped")
        .description("Spans of traces that no collector has taken")
        .register(registry);
    if (configuration.node().tracing().enabled()) {
      traces = Traces.open(configuration.node().tracing(), id, dropped);
    }
    Tracing tracing = traces == null ? Tracing.OFF : traces.tracing();
    return Node.join(vertx, InstantSource.system(), registry, tracing, id);
  }

  private void wire(Node joined) {
    node = joined;
    health = new NodeHealth(configuration, node, edge);
    deployments = new Deployments(vertx, configuration, node, edge, cluster);
    drainDesk = new DrainDesk(node, this::nodes, this::drainAndEnd);
    if (cluster != null) {
      members =
          Members.watch(vertx, cluster.member(), node, cluster.registrations(vertx)::sayAgain);
    }
    node.gauge(
        "consoul_cluster_members",
        "Nodes of the cluster that this one sees, itself included",
        this,
        server -> server.nodes().size());
    if (meters != null) {
      meters.watch(vertx);
    }
  }

  private Future<?> arrive() {
    if (cluster == null) {
      return Future.succeededFuture();
    }
    Arrival arrival = new Arrival(vertx);
    return Future.all(
        arrival.heardOf(nodes(), node.directory()),
        arrival.settled(cluster.member().getPartitionService()));
  }

  private void begun() {
    up = true;
    health.up();
    log.info("running in this node: {}", configuration.node().verticles());
    tell(Change.JOINED);
  }

  /** The ids of all nodes that there are. */
  private Set<String> nodes() {
    return members == null ? Set.of(node.id()) : members.ids();
  }

  private NodeChanged tell(Change change) {
    NodeChanged word = new NodeChanged(node.id(), change, nodes().size());
    node.bus().announce(Addresses.EVENTS_CLUSTER, word);
    return word;
  }

  private NodeChanged drainAndEnd() {
    if (drain()) {
      end.run();
    }
    return new NodeChanged(node.id(), Change.DRAINING, nodes().size());
  }

  /**
   * When it returns the drain has begun, whoever was the first to want it.
   *
   * @return whether this is the first word of it
   */
  private boolean drain() {
    synchronized (drainLock) { // not this object's: a stop holds that one until it is over
      if (draining) {
        return false;
      }
      draining = true;
      Duration limit = configuration.node().shutdownTimeout();
      log.info("stopping; turns in progress may finish for up to {} s", limit.toSeconds());
      node.drain().begin(limit);
      edge.drain();
      node.directory().drain();
      tell(Change.DRAINING);
      return true;
    }
  }

  /** Hardly anybody has been served yet: no drain, no farewell. */
  private synchronized boolean giveUp() {
    if (vertx == null) {
      return true;
    }
    Instant deadline = Instant.now().plus(CLOSING);
    boolean left = node == null || ended(leave(), deadline);
    return close(deadline) && left;
  }

  /**
   * Lets turns in progress finish, up to the shutdown time-out, and closes everything; a start that is under way is broken off.
   * Blocks.
   *
   * @return whether that went well
   */
  synchronized boolean stop() {
    if (!up || vertx == null) {
      return giveUp();
    }
    drain();
    Instant deadline = Instant.now().plus(node.drain().left()).plus(afterDrain());
    Future<?> stopped = deployments
        .stop()
        .eventually(drainDesk::close)
        .eventually(this::leave)
        .eventually(() -> metricsPort.close(vertx));
    boolean clean = ended(stopped, deadline);
    // Also after that has failed: the others shall not take it for one that has died.
    clean &= close(deadline);
    if (clean) {
      log.info("stopped");
    }
    return clean;
  }

  /** What is cut when the drain is over is sealed then, which is tried for a while where the store does not answer. */
  Duration afterDrain() {
    return configuration.provider().pace().sealPatience().plus(CLOSING);
  }

  /** Awaited by itself: a future that is composed on a context of the Vertx that closes never completes. */
  private boolean close(Instant deadline) {
    if (watch != null) {
      watch.stop();
    }
    boolean closed = ended(vertx.close(), deadline);
    vertx = null;
    if (traces != null) {
      traces.close();
    }
    closeMeters();
    return closed;
  }

  private static boolean ended(Future<?> future, Instant deadline) {
    try {
      future.await(secondsTo(deadline), TimeUnit.SECONDS);
      return true;
    } catch (Throwable failure) { // await rethrows whatever the future failed with, checked or not
      log.error("could not stop cleanly: {}", failure.getClass().getSimpleName());
      return false;
    }
  }

  private Future<Void> leave() {
    if (members != null) {
      members.close();
    }
    return node.leave();
  }

  private static long secondsTo(Instant deadline) {
    return Math.max(1, Duration.between(Instant.now(), deadline).toSeconds());
  }

  private void closeMeters() {
    if (meters != null) {
      meters.close();
    }
  }
}
