package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.node.Node;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Set;

/** Where every request comes in: it is checked and counted, then the router finds its endpoint. */
final class FrontDoor {

  /** Answered in any state of the node and to anybody. */
  private static final Set<String> OPEN = Set.of("/health", "/ready", "/openapi.json");

  private static final String EXCHANGE = Exchange.class.getName();

  private static final int MAX_REQUEST_ID = 128;

  private final Vertx vertx;
  private final Node node;
  private final Edge edge;
  private final GatewayConfig config;
  private final Connections connections;
  private final InProgress inProgress;
  private final Gate gate;

  FrontDoor(
      Vertx vertx,
      Node node,
      Edge edge,
      Gate gate,
      GatewayConfig config,
      Connections connections,
      InProgress inProgress) {
    this.vertx = vertx;
    this.node = node;
    this.edge = edge;
    this.config = config;
    this.connections = connections;
    this.inProgress = inProgress;
    this.gate = gate;
  }

  /** The first handler of the router. */
  void admit(RoutingContext context) {
    HttpServerRequest request = context.request();
    boolean open = OPEN.contains(request.path());
    if (!open && !edge.requestBegun()) {
      exchange(context)
          .fail(Fault.SERVER_BUSY.retryAfter(
              1, "The server has as many requests in progress as it takes."));
      return;
    }
    Exchange exchange = begin(request, open ? () -> {} : edge::requestEnded);
    context.put(EXCHANGE, exchange);
    if (hasNoHost(request)) {
      refuseHead(context);
    } else if (open) {
      context.next();
    } else if (edge.draining()) {
      exchange.closeAfterwards();
      exchange.fail(Fault.SERVER_BUSY.retryAfter(1, "This server is shutting down."));
    } else {
      exchange.run(() -> {
        exchange.calledBy(gate.admit(request));
        context.next();
      });
    }
  }

  /** Of an admitted request, or of one that the router refuses before any handler has it. */
  Exchange exchange(RoutingContext context) {
    Exchange admitted = context.get(EXCHANGE);
    return admitted == null ? begin(context.request(), () -> {}) : admitted;
  }

  /** A request whose head is HTTP, but says too little. */
  void refuseHead(RoutingContext context) {
    exchange(context)
        .fail(
            400,
            Fault.INVALID_REQUEST_BODY.because("The request needs a path and one Host header."));
  }

  /** A request whose head is not HTTP. */
  void refuseMalformed(HttpServerRequest request) {
    Throwable cause = request.decoderResult().cause();
    Exchange exchange = begin(request, () -> {});
    exchange.closeAfterwards();
    if (cause instanceof TooLongHttpLineException) {
      exchange.fail(414, Fault.INVALID_REQUEST_BODY.because("The request line is too long."));
    } else if (cause instanceof TooLongHttpHeaderException) {
      exchange.fail(431, Fault.INVALID_REQUEST_BODY.because("The headers are too large."));
    } else {
      exchange.fail(400, Fault.INVALID_REQUEST_BODY.because("This is not a valid HTTP request."));
    }
  }

  /** Unlike the router, takes neither an empty host nor two. */
  private static boolean hasNoHost(HttpServerRequest request) {
    List<String> hosts = request.headers().getAll("Host");
    return hosts.size() != 1 || hosts.get(0).isBlank();
  }

  private Exchange begin(HttpServerRequest request, Runnable uncount) {
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
