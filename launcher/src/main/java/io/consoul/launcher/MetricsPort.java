package io.consoul.launcher;

import io.consoul.message.Kind;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.BindException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where the meters are read, if anywhere: opened before the gateway's port, closed after everything else. */
final class MetricsPort {

  private static final Logger log = LoggerFactory.getLogger(MetricsPort.class);

  private static final String CHOOSE =
      "CONSOUL_METRICS_PORT chooses another, CONSOUL_METRICS_ENABLED=false does without";

  private final MetricsConfig config;
  private final String host;
  private final int gatewayPort;
  private final boolean gateway;
  private final Meters meters;
  private MetricsVerticle verticle;
  private String deployment;

  /** @param meters null where they are off */
  MetricsPort(Configuration configuration, Meters meters) {
    this.config = configuration.node().metrics();
    this.host = config.host().orElse(configuration.gateway().host());
    this.gatewayPort = configuration.gateway().port();
    this.gateway = configuration.node().verticles().has(Kind.GATEWAY);
    this.meters = meters;
  }

  /**
   * Fails with a {@link StartException} where a port that somebody has chosen cannot be had. Without the usual one the server
   * serves all the same, and says that it is not measured.
   *
   * @param health told there where no gateway runs that tells it
   */
  Future<?> open(Vertx vertx, NodeHealth health) {
    if (meters == null) {
      return Future.succeededFuture();
    }
    // Of two servers with one address in one Vert.x each would get every other connection.
    boolean own = gateway && config.port() == gatewayPort && gatewayPort != 0;
    MetricsVerticle opening =
        new MetricsVerticle(meters.registry(), host, config.port(), gateway ? null : health);
    Future<String> deployed = own
        ? Future.failedFuture(new BindException("the gateway listens on it"))
        : vertx.deployVerticle(opening);
    return deployed.map(id -> opened(opening, id)).recover(this::failed);
  }

  /** Null where there is none. */
  String url() {
    return verticle == null ? null : Banner.url("http", host, verticle.port()) + "/metrics";
  }

  Future<Void> close(Vertx vertx) {
    return deployment == null ? Future.succeededFuture() : vertx.undeploy(deployment);
  }

  private Void opened(MetricsVerticle open, String id) {
    verticle = open;
    deployment = id;
    return null;
  }

  private Future<Void> failed(Throwable failure) {
    String problem =
        "Cannot give metrics" + (gateway ? "" : ", /health and /ready") + " on " + host + " port " + config.port() + ": " + failure.getMessage();
    if (config.isChosen() || config.host().isPresent()) {
      return Future.failedFuture(new StartException(problem + ". " + CHOOSE + "."));
    }
    log.warn("{}; going on without. {}", problem, CHOOSE);
    return Future.succeededFuture();
  }
}
