package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.gateway.http.CorsPolicy;
import io.consoul.gateway.http.ResponseHeaders;
import io.consoul.gateway.observe.Observers;
import io.consoul.node.Node;
import io.consoul.trace.Headers;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/** Where every request comes in: it is checked and counted, then the router finds its endpoint. */
final class FrontDoor {

  /** Answered in any state of the node and to anybody. */
  private static final Set<String> OPEN = Set.of("/health", "/ready", "/openapi.json");

  private static final String EXCHANGE = Exchange.class.getName();

  private static final int MAX_REQUEST_ID = 128;

  private static final HexFormat HEX = HexFormat.of();

  private final Vertx vertx;
  private final Node node;
  private final Edge edge;
  private final GatewayConfig config;
  private final Connections connections;
  private final InProgress inProgress;
  private final Gate gate;
  private final SocketRefusal socketRefusal;
  private final ResponseHeaders headers;
  private final GatewayMeters meters;
  private final Observers observers;

  /** What is in progress, but for what anybody may ask for. */
  private final Set<Exchange> admitted = new HashSet<>();

  private boolean closed;

  FrontDoor(
      Vertx vertx,
      Node node,
      Edge edge,
      Gate gate,
      GatewayConfig config,
      Connections connections,
      InProgress inProgress,
      GatewayMeters meters,
      Observers observers) {
    this.vertx = vertx;
    this.node = node;
    this.edge = edge;
    this.config = config;
    this.connections = connections;
    this.inProgress = inProgress;
    this.gate = gate;
    this.socketRefusal = new SocketRefusal(vertx, edge, connections);
    this.headers = new ResponseHeaders(config.http().hstsMaxAge());
    this.meters = meters;
    this.observers = observers;
  }

  /** The first handler of the router. */
  void admit(RoutingContext context) {
    HttpServerRequest request = context.request();
    if (connections.isClosing(request.connection())) {
      return;
    }
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
    } else if (isAmbiguous(request)) {
      exchange.closeAfterwards();
      exchange.fail(
          400,
          Fault.INVALID_REQUEST_BODY.because(
              "The path has control characters, a header has no name, or the Transfer-Encoding is not chunked."));
    } else if (isForeignUpgrade(request)) {
      exchange.fail(
          Fault.FORBIDDEN.because(
              "Pages of this origin may not open WebSockets here; CONSOUL_CORS_ORIGINS lists those that may."));
    } else if (open) {
      context.next();
    } else if (isClosed()) {
      exchange.closeAfterwards();
      exchange.fail(Fault.SERVER_BUSY.retryAfter(1, "This server is shutting down."));
    } else {
      exchange.run(() -> {
        if (CorsPolicy.isPreflight(request)) {
          gate.admitPreflight(request);
          context.next();
        } else if (admit(exchange)) {
          context.next();
        }
      });
    }
  }

  /** Whatever is new is refused from now on. */
  void close() {
    closed = true;
  }

  /** Ends with this whatever has not had its whole answer. */
  void endAll(FaultException reason) {
    List.copyOf(admitted).forEach(exchange -> exchange.refuse(reason));
  }

  private boolean isClosed() {
    return closed || edge.draining() && edge.drainGrace().isZero();
  }

  /** @return false where it has been refused already */
  private boolean admit(Exchange exchange) {
    try {
      exchange.calledBy(gate.admit(exchange.request()));
      admitted.add(exchange);
      return true;
    } catch (FaultException refusal) {
      boolean wantsKey = refusal.fault() != Fault.FORBIDDEN; // in protected mode none would help
      if (wantsKey && socketRefusal.tells(exchange)) {
        exchange.observer().refused(refusal.fault());
        return false;
      }
      throw refusal;
    }
  }

  /** To be called now and then: ends what is in progress for those whose key does not count any more. */
  void endRefused() {
    List.copyOf(admitted).forEach(Exchange::checkStanding);
  }

  /**
   * Answers a browser that asks what a page may send; no endpoint ever sees its question.
   *
   * @param methods that the path takes
   */
  void answerOptions(Exchange exchange, List<String> methods) {
    if (CorsPolicy.isPreflight(exchange.request()) && mayRead(exchange.request())) {
      edge.rules().http().cors().answerPreflight(exchange.request(), exchange.response(), methods);
    }
    exchange.empty(204);
  }

  /** Of an admitted request, or of one that the router refuses before any handler has it. */
  Exchange exchange(RoutingContext context) {
    Exchange admitted = context.get(EXCHANGE);
    return admitted == null ? begin(context.request(), () -> {}) : admitted;
  }

  /** A request whose head is HTTP, but says too little. */
  void refuseHead(RoutingContext context) {
    Exchange exchange = exchange(context);
    exchange.closeAfterwards();
    exchange.fail(
        400, Fault.INVALID_REQUEST_BODY.because("The request needs a path and one Host header."));
  }

  /** A request whose head is not HTTP. */
  void refuseMalformed(HttpServerRequest request) {
    if (connections.isClosing(request.connection())) {
      return;
    }
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

  /** Unlike the router, takes neither an empty host nor two. HTTP/2 has it in a field of its own. */
  private static boolean hasNoHost(HttpServerRequest request) {
    if (request.version() == HttpVersion.HTTP_2 && request.authority() != null) {
      request.headers().set(HttpHeaders.HOST, request.authority().toString());
    }
    List<String> hosts = request.headers().getAll("Host");
    return hosts.size() != 1 || hosts.get(0).isBlank();
  }

  /** Whoever stands in front of us might see the end of the head or of the body elsewhere. */
  private static boolean isAmbiguous(HttpServerRequest request) {
    if (request.headers().contains("") || hasControls(request.uri())) {
      return true;
    }
    if (!request.headers().contains(HttpHeaders.TRANSFER_ENCODING)) {
      return false;
    }
    List<String> codings = request.headers().getAll(HttpHeaders.TRANSFER_ENCODING);
    return codings.size() != 1 || !codings.get(0).equalsIgnoreCase("chunked");
  }

  private static boolean hasControls(String uri) {
    for (int i = 0; i < uri.length(); i++) {
      if (uri.charAt(i) <= ' ' || uri.charAt(i) == 127) {
        return true;
      }
    }
    return false;
  }

  /** Browsers let any page open a WebSocket to anywhere, and leave it to us to look at the origin. */
  private boolean isForeignUpgrade(HttpServerRequest request) {
    return request.headers().contains(HttpHeaders.UPGRADE)
        && !edge.rules().http().cors().admits(request);
  }

  /** In protected mode no page of another origin learns anything, whatever CORS says. */
  private boolean mayRead(HttpServerRequest request) {
    Rules rules = edge.rules();
    return !rules.keys().isEmpty()
        || rules.allowAnonymous()
        || !ProtectedMode.isForeignPage(request.headers());
  }

  private Exchange begin(HttpServerRequest request, Runnable uncount) {
    connections.busy(request.connection());
    inProgress.begin();
    Exchange exchange = new Exchange(
        vertx,
        node.clock(),
        connections,
        request,
        observers.request(request, requestId(request.getHeader("X-Request-ID"))),
        config.sockets().sendTimeout(),
        meters::slowClient,
        ended -> {
          admitted.remove(ended);
          uncount.run();
          connections.idle(request.connection());
          inProgress.end();
        });
    headers.tell(request, exchange.response(), edge.rules().http().trustedProxies());
    if (mayRead(request)) {
      edge.rules().http().cors().tell(request, exchange.response());
    }
    return exchange;
  }

  private String requestId(String given) {
    return Headers.isWellFormed(given, MAX_REQUEST_ID)
        ? given
        : HEX.toHexDigits(node.random().nextLong())
            + HEX.toHexDigits(node.random().nextLong());
  }
}
