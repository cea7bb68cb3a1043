package io.consoul.launcher;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;

/**
 * Gives {@code GET /metrics} to Prometheus, and /health and /ready to whoever supervises a node without a gateway. However many
 * ask, one reading of the meters is under way at a time.
 */
final class MetricsVerticle extends VerticleBase {

  private static final String METRICS = "/metrics";
  private static final String HEALTH = "/health";
  private static final String READY = "/ready";

  private static final int IDLE_SECONDS = 120;

  private final PrometheusMeterRegistry meters;
  private final String host;
  private final int port;
  private final NodeHealth health;
  private HttpServer server;

  /** Null while nobody asks. */
  private Future<String> reading;

  /** @param health null where a gateway tells it */
  MetricsVerticle(PrometheusMeterRegistry meters, String host, int port, NodeHealth health) {
    this.meters = meters;
    this.health = health;
    this.host = host;
    this.port = port;
  }

  @Override
  public Future<?> start() {
    server = vertx.createHttpServer(options()).requestHandler(this::answer);
    return server.listen(port, host);
  }

  @Override
  public Future<?> stop() {
    return server.close();
  }

  /** The port that it really listens on, for a configured port of 0. */
  int port() {
    return server.actualPort();
  }

  private static HttpServerOptions options() {
    return new HttpServerOptions().setIdleTimeout(IDLE_SECONDS).setHttp2ClearTextEnabled(false);
  }

  private void answer(HttpServerRequest request) {
    HttpServerResponse response = request.response();
    boolean head = request.method() == HttpMethod.HEAD;
    if (!serves(request.path())) {
      response.setStatusCode(404).end();
    } else if (!head && request.method() != HttpMethod.GET) {
      response.setStatusCode(405).putHeader(HttpHeaders.ALLOW, "GET, HEAD").end();
    } else if (request.path().equals(HEALTH)) {
      json(response, 200, health.health(), head);
    } else if (request.path().equals(READY)) {
      json(response, health.isReady() ? 200 : 503, health.ready(), head);
    } else {
      response.putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
      read()
          .onSuccess(text -> response.end(head ? "" : text))
          .onFailure(failure -> response.setStatusCode(500).end());
    }
  }

  private boolean serves(String path) {
    return METRICS.equals(path) || health != null && (HEALTH.equals(path) || READY.equals(path));
  }

  private static void json(HttpServerResponse response, int status, JsonObject body, boolean head) {
    response
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
        .end(head ? "" : body.encode());
  }

  private Future<String> read() {
    if (reading != null) {
      return reading;
    }
    Future<String> begun = vertx.executeBlocking(meters::scrape, false);
    reading = begun;
    begun.onComplete(read -> reading = null);
    return begun;
  }
}
