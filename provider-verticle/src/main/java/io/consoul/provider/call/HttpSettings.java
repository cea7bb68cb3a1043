package io.consoul.provider.call;

import io.consoul.provider.Upstream;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A provider's settings in Vert.x's words. */
final class HttpSettings {

  private static final int MAX_HEADER_SIZE = 32 * 1024;

  /** Calls that share a connection over HTTP/2. Servers often take 100, some no more than half of that. */
  private static final int STREAMS = 50;

  /** One connection that hangs must not be all there is. */
  private static final int LEAST_HTTP_2 = 2;

  /** What a stream may send ahead of its reader. */
  private static final int STREAM_WINDOW = 64 * 1024;

  private HttpSettings() {}

  /** Shared among the instances of a JVM by the name that it is given. */
  static HttpClientOptions client(Upstream upstream) {
    Upstream.Times times = upstream.times();
    Upstream.Pool pool = upstream.pool();
    HttpClientOptions options = new HttpClientOptions()
        .setShared(true)
        .setConnectTimeout((int) times.connect().toMillis())
        .setSslHandshakeTimeout(times.connect().toMillis())
        .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
        .setMaxHeaderSize(MAX_HEADER_SIZE)
        .setKeepAlive(!pool.keepAlive().isZero())
        .setKeepAliveTimeout(seconds(pool.keepAlive()))
        .setHttp2KeepAliveTimeout(seconds(pool.keepAlive()));
    return pool.protocol() == Upstream.Pool.Protocol.HTTP_2 ? http2(options) : options;
  }

  /** Vert.x's own queue is only for the moment between a call's end and the return of its connection. */
  static PoolOptions pool(Upstream.Pool pool) {
    return new PoolOptions()
        .setHttp1MaxSize(pool.maxConnections())
        .setHttp2MaxSize(http2Connections(pool))
        .setMaxWaitQueueSize(pool.maxConnections());
  }

  /** How many connections there can be. */
  static int maxOpen(Upstream.Pool pool) {
    return pool.protocol() == Upstream.Pool.Protocol.HTTP_2
        ? http2Connections(pool)
        : pool.maxConnections();
  }

  /** Without TLS the server has to know HTTP/2 beforehand: an upgrade would need a request without a body. */
  private static HttpClientOptions http2(HttpClientOptions options) {
    return options
        .setProtocolVersion(HttpVersion.HTTP_2)
        .setUseAlpn(true)
        .setHttp2ClearTextUpgrade(false)
        .setHttp2MultiplexingLimit(STREAMS)
        // Streams that are paused keep their window. The connection's is opened again only when
        // half of it has been read,
        // so that the other half has to hold what all of them keep.
        .setHttp2ConnectionWindowSize(2 * (STREAMS + 1) * STREAM_WINDOW)
        .setInitialSettings(new Http2Settings().setInitialWindowSize(STREAM_WINDOW));
  }

  private static int http2Connections(Upstream.Pool pool) {
    return Math.max(LEAST_HTTP_2, (pool.maxConnections() + STREAMS - 1) / STREAMS);
  }

  /** At least one, since 0 would mean for ever. */
  private static int seconds(Duration keepAlive) {
    return (int) Math.max(1, (keepAlive.toMillis() + 999) / 1_000);
  }
}
