package io.consoul.gateway;

import io.consoul.config.ConfigReader;
import io.consoul.gateway.http.HttpConfig;
import io.consoul.gateway.key.Credentials;
import io.consoul.gateway.key.KeyConfig;
import io.consoul.gateway.limit.LimitConfig;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * conf/gateway.json: every key, its variable, its default and its range stand here and nowhere else.
 *
 * @param allowAnonymous whether callers from other machines are served without a key
 * @param accessLog whether every request is logged that is finished
 * @param limitConcurrency requests in progress on the whole node
 * @param keepAliveTimeout how long a connection may be open with no request on it
 * @param bodyTimeout how long the body of one request may take to arrive
 * @param fields of requests
 * @param drainGrace how long a node of a cluster that stops goes on taking requests, for those who have not seen yet that it is
 *     not ready any more
 */
public record GatewayConfig(
    String host,
    int port,
    String appName,
    boolean allowAnonymous,
    boolean accessLog,
    int instances,
    int backlog,
    int limitConcurrency,
    Duration keepAliveTimeout,
    int maxBodyBytes,
    Duration bodyTimeout,
    FieldLimits fields,
    Duration drainGrace,
    Sockets sockets,
    Streams streams,
    KeyConfig keys,
    LimitConfig limits,
    HttpConfig http) {

  /** What the kernel may hold of a slow client's answer; its own choice is megabytes, and hides a stall for long. */
  private static final int SEND_BUFFER_BYTES = 128 * 1024;

  /** So many streams may be given up on one HTTP/2 connection in so long; one that does more is closed. */
  private static final int MAX_RESETS = 200;

  private static final int RESETS_SECONDS = 30;

  /**
   * Limits of WebSocket connections.
   *
   * @param maxConnections of the whole node
   * @param maxBuffer messages to one client that may wait
   * @param sendTimeout how long a client may take nothing of what waits for it, on a WebSocket or on HTTP
   * @param maxQueued messages of one client that may wait for their turn
   * @param fields of messages
   */
  public record Sockets(
      int maxConnections,
      Duration idleTimeout,
      Duration pingInterval,
      int maxBuffer,
      Duration sendTimeout,
      int maxQueued,
      FieldLimits fields) {}

  /**
   * The streams of turns.
   *
   * @param ssePing silence after which a comment goes to a client of server-sent events
   * @param creditWindow UTF-16 code units that may be on their way from a provider unacknowledged
   * @param silence how long a session or provider that works on a turn may say nothing
   */
  public record Streams(Duration ssePing, int creditWindow, Duration silence) {}

  /** Collects problems in the reader and does not throw. */
  public static GatewayConfig from(ConfigReader root) {
    ConfigReader socket = root.section("websocket");
    ConfigReader validation = root.section("validation");
    ConfigReader stream = root.section("stream");
    FieldLimits fields = validation.flag("enabled", "CONSOUL_VALIDATION_ENABLED", true)
        ? FieldLimits.USUAL
        : FieldLimits.NONE;
    int cores = Runtime.getRuntime().availableProcessors();
    GatewayConfig config = new GatewayConfig(
        root.text("host", "CONSOUL_HOST", "127.0.0.1"),
        root.integer("port", "CONSOUL_PORT", 8000, 0, 65_535),
        root.text("appName", "CONSOUL_APP_NAME", "Consoul API"),
        root.flag("allowAnonymous", "CONSOUL_ALLOW_ANONYMOUS", false),
        root.flag("accessLog", "CONSOUL_ACCESS_LOG", true),
        root.integer("instances", "CONSOUL_GATEWAY_INSTANCES", cores, 1, 1_024),
        root.integer("backlog", "CONSOUL_BACKLOG", 2_048, 1, 65_535),
        root.integer("limitConcurrency", "CONSOUL_LIMIT_CONCURRENCY", 10_000, 1, 1_000_000),
        root.seconds("keepAliveTimeoutSeconds", "CONSOUL_KEEP_ALIVE_TIMEOUT", 30, 0.1, 3_600),
        root.integer("maxBodyBytes", "CONSOUL_MAX_BODY_SIZE", 1_048_576, 1_024, 104_857_600),
        root.seconds("bodyTimeoutSeconds", "CONSOUL_BODY_TIMEOUT", 30, 0.1, 3_600),
        fields,
        root.seconds("drainGraceSeconds", "CONSOUL_DRAIN_GRACE", 3, 0, 60),
        new Sockets(
            socket.integer(
                "maxConnections", "CONSOUL_MAX_WEBSOCKET_CONNECTIONS", 10_000, 0, 1_000_000),
            socket.seconds(
                "idleTimeoutSeconds", "CONSOUL_WEBSOCKET_IDLE_TIMEOUT", 300, 0.1, 86_400),
            socket.seconds(
                "pingIntervalSeconds", "CONSOUL_WEBSOCKET_PING_INTERVAL", 30, 0.1, 3_600),
            socket.integer("maxBufferMessages", "CONSOUL_WEBSOCKET_MAX_BUFFER", 1_000, 1, 100_000),
            socket.seconds("sendTimeoutSeconds", "CONSOUL_WEBSOCKET_SEND_TIMEOUT", 5, 0.1, 300),
            socket.integer("maxQueuedMessages", "CONSOUL_WEBSOCKET_MAX_QUEUED", 16, 0, 1_000),
            fields),
        new Streams(
            stream.seconds("ssePingSeconds", "CONSOUL_SSE_PING_INTERVAL", 15, 0.1, 300),
            stream.integer("creditWindowChars", "CONSOUL_CREDIT_WINDOW", 16_384, 256, 1_048_576),
            stream.seconds("silenceSeconds", "CONSOUL_TURN_SILENCE_TIMEOUT", 5, 0.1, 60)),
        KeyConfig.from(root.section("auth")),
        LimitConfig.from(root.section("rateLimit")),
        HttpConfig.from(root));
    config.keys.tiers().stream()
        .filter(tier -> !config.limits.tiers().containsKey(tier))
        .forEach(tier -> root.reject(
            "auth", "has keys of the tier " + tier + ", for which rateLimit.tiers has no limits"));
    socket.closed();
    validation.closed();
    stream.closed();
    root.closed();
    return config;
  }

  /** @throws io.consoul.config.ConfigException when there is at least one problem */
  public static GatewayConfig from(JsonObject json) {
    return ConfigReader.read(json, GatewayConfig::from);
  }

  /** Whether the server speaks TLS. */
  public boolean isSecure() {
    return http.tls().isPresent();
  }

  HttpServerOptions serverOptions() {
    HttpServerOptions options = plainOptions();
    // until a connection is established: Vert.x has a time for TLS's handshake, and none for
    // HTTP/2's greeting
    http.tls()
        .ifPresent(files -> options
            .setSsl(true)
            .setUseAlpn(true)
            .setKeyCertOptions(files.options())
            .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
            .setWriteIdleTimeout((int) http.headerTimeout().toMillis()));
    return options;
  }

  private HttpServerOptions plainOptions() {
    return new HttpServerOptions()
        .setHost(host)
        .setPort(port)
        .setAcceptBacklog(backlog)
        .setSendBufferSize(SEND_BUFFER_BYTES)
        .setTcpKeepAlive(true)
        .setMaxInitialLineLength(http.maxRequestLineBytes())
        .setMaxHeaderSize(http.maxHeaderBytes())
        .setHttp2ClearTextEnabled(false)
        .setHttp2RstFloodMaxRstFramePerWindow(MAX_RESETS)
        .setHttp2RstFloodWindowDuration(RESETS_SECONDS)
        .setHttp2RstFloodWindowDurationTimeUnit(TimeUnit.SECONDS)
        .setInitialSettings(new Http2Settings()
            .setMaxConcurrentStreams(http.http2MaxStreams())
            .setMaxHeaderListSize(http.maxHeaderBytes()))
        .setCompressionSupported(false)
        .setDecompressionSupported(false)
        .setPerMessageWebSocketCompressionSupported(false)
        .setPerFrameWebSocketCompressionSupported(false)
        .setMaxWebSocketFrameSize(SocketMessages.MAX_BYTES)
        .setWebSocketSubProtocols(List.of(Credentials.SUBPROTOCOL))
        .setWebSocketClosingTimeout(SocketWriter.CLOSING_SECONDS);
  }
}
