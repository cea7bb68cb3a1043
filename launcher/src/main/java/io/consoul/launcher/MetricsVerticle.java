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

/** Gives {@code GET /metrics} to Prometheus. However many ask, one reading of the meters is under way at a time. */
final class MetricsVerticle extends VerticleBase {

  private static final String PATH = "/metrics";

  private static final int IDLE_SECONDS = 120;

  private final PrometheusMeterRegistry meters;
  private final String host;
  private final int port;
  private HttpServer server;

  /** Null while nobody asks. */
  private Future<String> reading;

  MetricsVerticle(PrometheusMeterRegistry meters, String host, int port) {
    this.meters = meters;
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
    if (!PATH.equals(request.path())) {
      response.setStatusCode(404).end();
    } else if (!head && request.method() != HttpMethod.GET) {
      response.setStatusCode(405).putHeader(HttpHeaders.ALLOW, "GET, HEAD").end();
    } else {
      response.putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
      read()
          .onSuccess(text -> response.end(head ? "" : text))
          .onFailure(failure -> response.setStatusCode(500).end());
    }
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
