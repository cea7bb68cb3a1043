package io.consoul.gateway;

import io.consoul.gateway.http.TlsFiles;
import io.consoul.gateway.limit.OpenLimits;
import io.consoul.gateway.observe.KnownModels;
import io.consoul.gateway.observe.Observers;
import io.consoul.gateway.observe.RequestMeters;
import io.consoul.message.Kind;
import io.consoul.node.Membership;
import io.consoul.node.Node;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.util.List;

/**
 * The public edge: HTTP, server-sent events and WebSockets in, bus messages out. Wires its parts, starts them, stops
 * them. All instances share one port.
 */
public final class GatewayVerticle extends VerticleBase {

  /** Silences for which a turn is looked for whose provider does not answer: longer than a lease and a settling. */
  private static final int PATIENCE = 3;

  /** How long what an expired key has begun may go on. */
  private static final Duration STANDING_CHECK = Duration.ofSeconds(1);

  private final GatewayConfig config;
  private final Node node;
  private final Edge edge;
  private final InProgress inProgress = new InProgress();
  private final Runnable onDrain = () -> context.runOnContext(none -> this.drain.begin());
  private final Runnable onChange = () -> context.runOnContext(none -> endRefused());
  private Membership membership;
  private GatewayMeters meters;
  private OpenLimits limits;
  private Connections connections;
  private FrontDoor door;
  private ChatSockets sockets;
  private GatewayDrain drain;
  private MessageConsumer<Object> inbox;
  private HttpServer server;
  private Router router;

  /** @param edge one per node, handed to all instances */
  public GatewayVerticle(GatewayConfig config, Node node, Edge edge) {
    this.config = config;
    this.node = node;
    this.edge = edge;
  }

  @Override
  public Future<?> start() {
    return OpenLimits.open(
            vertx, () -> edge.rules().limits(), config.instances(), node, edge.limits())
        .compose(opened -> {
          limits = opened;
          return serve();
        });
  }

  private Future<?> serve() {
    Toll toll = new Toll(limits.limits());
    membership = node.directory().join(Kind.GATEWAY);
    connections = new Connections(
        node.clock(),
        edge,
        config.http(),
        config.keepAliveTimeout(),
        config.sockets().sendTimeout());
    TurnPeers peers = new TurnPeers(
        node,
        membership.inbox(),
        config.streams().creditWindow(),
        config.streams().silence().multipliedBy(PATIENCE));
    TurnStreams streams = new TurnStreams(peers, membership);
    meters = new GatewayMeters(node, edge);
    sockets = new ChatSockets(
        vertx, edge, config.sockets(), toll, connections, inProgress, peers, streams, meters);
    every(config.streams().silence().dividedBy(Silence.TICKS), streams::tick);
    every(connections.patience().dividedBy(10), connections::closeIdle);
    inbox = node.bus().serve(membership.inbox(), streams.handlers());
    edge.keyUse().showIn(node.meters());
    Gate gate = new Gate(edge, node.clock());
    Observers observers = new Observers(
        node.clock(),
        node.tracing(),
        new RequestMeters(node.meters()),
        new KnownModels(node.clock(), peers::models),
        () -> edge.rules().accessLog(),
        () -> edge.rules().http().trustedProxies());
    door =
        new FrontDoor(vertx, node, edge, gate, config, connections, inProgress, meters, observers);
    drain = new GatewayDrain(vertx, node, edge, membership, door, sockets, connections, inProgress);
    edge.onDrain(onDrain);
    edge.onChange(onChange);
    every(STANDING_CHECK, this::endRefused);
    router = router(gate, toll, peers, streams);
    server = vertx
        .createHttpServer(config.serverOptions())
        .connectionHandler(connections::opened)
        .requestHandler(router)
        .invalidRequestHandler(door::refuseMalformed);
    return inbox
        .completion()
        .compose(registered -> watchCertificate())
        .compose(watched -> server.listen())
        .onFailure(failure -> {
          leave();
          limits.close();
        });
  }

  /** Takes nothing new, lets what is in progress finish for as long as the node's drain lasts, then closes. */
  @Override
  public Future<?> stop() {
    edge.drain();
    return drain
        .finish()
        .eventually(() -> {
          sockets.dropAll();
          connections.closeAll();
          return server.close();
        })
        .eventually(() -> {
          leave();
          return inbox.unregister();
        })
        .eventually(limits::close);
  }

  /** The port that it really listens on, for a configured port of 0. */
  public int port() {
    return server.actualPort();
  }

  /** What it serves. */
  List<Route> routes() {
    return router.getRoutes();
  }

  private Router router(Gate gate, Toll toll, TurnPeers peers, TurnStreams streams) {
    HealthEndpoints health = new HealthEndpoints(node, edge, config.appName());
    RequestBody body =
        new RequestBody(vertx, config.maxBodyBytes(), config.bodyTimeout(), config.fields());
    ChatEndpoints chat =
        new ChatEndpoints(vertx, body, peers, streams, edge, config.streams().ssePing());
    return Routes.of(
        vertx,
        door,
        toll,
        health,
        new OpenApiEndpoint(edge.version()),
        chat,
        new BatchEndpoint(body, toll, peers, streams, meters),
        new SessionEndpoints(gate, body, peers),
        new V1Endpoints(
            vertx, body, toll, peers, streams, edge, config.streams().ssePing()),
        sockets);
  }

  /** From before the server reads it. */
  private Future<Void> watchCertificate() {
    if (config.http().tls().isEmpty()) {
      return Future.succeededFuture();
    }
    TlsFiles files = config.http().tls().get();
    return vertx
        .executeBlocking(files::marks)
        .onSuccess(marks -> {
          CertificateWatch watch =
              new CertificateWatch(vertx, files, server, marks, edge.certificateNews());
          every(config.http().tlsReload(), watch::look);
        })
        .mapEmpty();
  }

  private void every(Duration period, Runnable work) {
    vertx.setPeriodic(Math.max(1, period.toMillis()), id -> work.run());
  }

  /** What callers have open whose key does not count any more. */
  private void endRefused() {
    sockets.closeRefused();
    door.endRefused();
  }

  private void leave() {
    edge.forget(onDrain);
    edge.forget(onChange);
    membership.leave();
  }
}
