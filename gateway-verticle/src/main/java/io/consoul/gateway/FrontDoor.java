package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.node.Node;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.util.List;
import java.util.Optional;

/** Where every request comes in: it is checked and counted, then its endpoint has it. */
final class FrontDoor {

  private static final int MAX_REQUEST_ID = 128;

  private final Vertx vertx;
  private final Node node;
  private final Edge edge;
  private final GatewayConfig config;
  private final Connections connections;
  private final InProgress inProgress;
  private final Routes routes;
  private final ProtectedMode protectedMode;

  FrontDoor(
      Vertx vertx,
      Node node,
      Edge edge,
      GatewayConfig config,
      Connections connections,
      InProgress inProgress,
      Routes routes) {
    this.vertx = vertx;
    this.node = node;
    this.edge = edge;
    this.config = config;
    this.connections = connections;
    this.inProgress = inProgress;
    this.routes = routes;
    this.protectedMode = new ProtectedMode(config.allowAnonymous());
  }

  void handle(HttpServerRequest request) {
    String path = request.path() == null ? "" : request.path();
    boolean counted = !routes.isOpen(path);
    if (counted && !edge.requestBegun()) {
      exchange(request, () -> {})
          .fail(Fault.SERVER_BUSY.retryAfter(
              1, "The server has as many requests in progress as it takes."));
      return;
    }
    Exchange exchange = exchange(request, counted ? edge::requestEnded : () -> {});
    try {
      answer(path, exchange);
    } catch (RuntimeException failure) {
      exchange.fail(failure);
    }
  }

  /** A request whose head is not HTTP. */
  void refuseMalformed(HttpServerRequest request) {
    Throwable cause = request.decoderResult().cause();
    Exchange exchange = exchange(request, () -> {});
    exchange.closeAfterwards();
    if (cause instanceof TooLongHttpLineException) {
      exchange.fail(414, Fault.INVALID_REQUEST_BODY.because("The request line is too long."));
    } else if (cause instanceof TooLongHttpHeaderException) {
      exchange.fail(431, Fault.INVALID_REQUEST_BODY.because("The headers are too large."));
    } else {
      exchange.fail(400, Fault.INVALID_REQUEST_BODY.because("This is not a valid HTTP request."));
    }
  }

  private void answer(String path, Exchange exchange) {
    MultiMap headers = exchange.request().headers();
    List<String> hosts = headers.getAll("Host");
    if (hosts.size() != 1 || hosts.get(0).isBlank()) {
      exchange.fail(
          400, Fault.INVALID_REQUEST_BODY.because("The request needs one Host header, once."));
    } else if (!routes.knows(path)) {
      exchange.fail(Fault.NOT_FOUND.because());
    } else if (routes.isOpen(path)) {
      routes.handle(path, exchange);
    } else if (edge.draining()) {
      exchange.closeAfterwards();
      exchange.fail(Fault.SERVER_BUSY.retryAfter(1, "This server is shutting down."));
    } else {
      refusal(exchange.request())
          .ifPresentOrElse(exchange::fail, () -> routes.handle(path, exchange));
    }
  }

  private Optional<FaultException> refusal(HttpServerRequest request) {
    SocketAddress remote = request.remoteAddress();
    return protectedMode.refusal(remote == null ? null : remote.hostAddress(), request.headers());
  }

  private Exchange exchange(HttpServerRequest request, Runnable uncount) {
    connections.busy(request.connection());
    inProgress.begin();
    return new Exchange(
        vertx,
        node.clock(),
        request,
        requestId(request.getHeader("X-Request-ID")),
        config.sockets().sendTimeout(),
        () -> {
          uncount.run();
          connections.idle(request.connection());
          inProgress.end();
        });
  }

  private String requestId(String given) {
    boolean wellFormed = given != null
        && !given.isEmpty()
        && given.length() <= MAX_REQUEST_ID
        && given.chars().allMatch(c -> c >= ' ' && c <= '~');
    return wellFormed
        ? given
        : String.format("%016x%016x", node.random().nextLong(), node.random().nextLong());
  }
}
