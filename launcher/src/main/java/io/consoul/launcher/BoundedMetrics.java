package io.consoul.launcher;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.spi.metrics.ClientMetrics;
import io.vertx.core.spi.metrics.EventBusMetrics;
import io.vertx.core.spi.metrics.HttpServerMetrics;
import io.vertx.core.spi.metrics.PoolMetrics;
import io.vertx.core.spi.metrics.TCPMetrics;
import io.vertx.core.spi.metrics.VertxMetrics;

/**
 * What Vert.x measures of itself here: its event bus, its pools of workers, the commands of its Redis clients and the
 * connections of its HTTP servers. What is not listed is not measured: our own meters tell it better, or it costs too much, or
 * its labels would grow (docs/metrics.md).
 */
final class BoundedMetrics implements VertxMetrics {

  private static final String WORKER = "worker";
  private static final String REDIS = "redis";

  private final VertxMetrics all;

  BoundedMetrics(VertxMetrics all) {
    this.all = all;
  }

  @Override
  public EventBusMetrics<?> createEventBusMetrics() {
    return all.createEventBusMetrics();
  }

  /** Clients' pools have a name of their own for every connection. */
  @Override
  public PoolMetrics<?, ?> createPoolMetrics(String type, String name, int maxSize) {
    return WORKER.equals(type) && name != null ? all.createPoolMetrics(type, name, maxSize) : null;
  }

  @Override
  public ClientMetrics<?, ?, ?> createClientMetrics(
      SocketAddress remoteAddress, String type, String namespace) {
    return REDIS.equals(type) ? all.createClientMetrics(remoteAddress, type, namespace) : null;
  }

  /** Requests are counted by the gateway, by endpoint. */
  @Override
  public HttpServerMetrics<?, ?, ?> createHttpServerMetrics(
      HttpServerOptions options, SocketAddress localAddress) {
    return new ConnectionMetrics<>(all.createHttpServerMetrics(options, localAddress));
  }

  @Override
  public boolean isMetricsEnabled() {
    return true;
  }

  @Override
  public void vertxCreated(Vertx vertx) {
    all.vertxCreated(vertx);
  }

  @Override
  public void close() {
    all.close();
  }

  /** Of an HTTP server the connections alone. */
  private record ConnectionMetrics<S>(TCPMetrics<S> connections)
      implements HttpServerMetrics<Void, Void, S> {

    @Override
    public S connected(SocketAddress remoteAddress, String remoteName) {
      return connections.connected(remoteAddress, remoteName);
    }

    @Override
    public void disconnected(S connection, SocketAddress remoteAddress) {
      connections.disconnected(connection, remoteAddress);
    }

    @Override
    public void bytesRead(S connection, SocketAddress remoteAddress, long bytes) {
      connections.bytesRead(connection, remoteAddress, bytes);
    }

    @Override
    public void bytesWritten(S connection, SocketAddress remoteAddress, long bytes) {
      connections.bytesWritten(connection, remoteAddress, bytes);
    }

    @Override
    public void exceptionOccurred(S connection, SocketAddress remoteAddress, Throwable failure) {
      connections.exceptionOccurred(connection, remoteAddress, failure);
    }
  }
}
