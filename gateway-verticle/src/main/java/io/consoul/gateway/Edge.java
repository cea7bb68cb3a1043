package io.consoul.gateway;

import io.consoul.gateway.key.KeyUse;
import io.consoul.gateway.limit.NodeLimits;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What the gateway instances of one node share: how much is open and in progress, and whether the node is stopping. Made
 * once by the launcher and used from all event loops.
 */
public final class Edge {

  private final String version;
  private final int maxRequests;
  private final int maxSockets;
  private final int maxHttpConnections;
  private final NodeLimits limits;
  private final Duration drainGrace;
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicInteger sockets = new AtomicInteger();
  private final AtomicInteger streams = new AtomicInteger();
  private final AtomicInteger httpConnections = new AtomicInteger();
  private final List<Runnable> drainListeners = new CopyOnWriteArrayList<>();
  private final List<Runnable> changeListeners = new CopyOnWriteArrayList<>();
  private final KeyUse keyUse = new KeyUse();
  private final News certificateNews = new News();
  private volatile Rules rules;
  private volatile boolean draining;

  /** Of a node that is alone. */
  public Edge(GatewayConfig config, String version) {
    this(config, version, false);
  }

  /**
   * @param version of the product, for /health
   * @param clustered whether there may be other nodes, and somebody who chooses between them and this one
   */
  public Edge(GatewayConfig config, String version, boolean clustered) {
    this.version = version;
    this.drainGrace = clustered ? config.drainGrace() : Duration.ZERO;
    apply(config);
    this.limits = new NodeLimits(config.limits());
    this.maxRequests = config.limitConcurrency();
    this.maxSockets = config.sockets().maxConnections();
    this.maxHttpConnections = config.http().maxConnections();
  }

  /** From now on the node is not ready, and after the grace it takes nothing new; what is in progress goes on. */
  public void drain() {
    draining = true;
    drainListeners.forEach(Runnable::run);
  }

  public boolean draining() {
    return draining;
  }

  /** How long it still takes requests after that. */
  Duration drainGrace() {
    return drainGrace;
  }

  /** Open WebSockets and streams of server-sent events of this node. */
  public int connections() {
    return sockets.get() + streams.get();
  }

  /** Open WebSockets of this node. */
  int sockets() {
    return sockets.get();
  }

  /** Streams of server-sent events of this node. */
  int streams() {
    return streams.get();
  }

  /** Requests of this node that have not had their whole answer. */
  public int requests() {
    return requests.get();
  }

  /** Open connections of this node, WebSockets among them. */
  public int httpConnections() {
    return httpConnections.get();
  }

  /** What may change while the node runs is from now on as it is in there; the rest of it is passed over. */
  public void apply(GatewayConfig config) {
    Rules changed = Rules.of(config);
    keyUse.know(changed.keys().ids());
    rules = changed;
    changeListeners.forEach(Runnable::run);
  }

  /** Where the rate limits are counted, if there are any. */
  NodeLimits.Place limitPlace() {
    return rules.limits().enabled() ? limits.place() : NodeLimits.Place.NONE;
  }

  NodeLimits limits() {
    return limits;
  }

  Rules rules() {
    return rules;
  }

  /** What was last said of the TLS certificate. */
  News certificateNews() {
    return certificateNews;
  }

  /** How often each key was used. */
  KeyUse keyUse() {
    return keyUse;
  }

  String version() {
    return version;
  }

  /** Called on whatever thread drains. */
  void onDrain(Runnable listener) {
    drainListeners.add(listener);
  }

  /** Called on whatever thread changes the rules. */
  void onChange(Runnable listener) {
    changeListeners.add(listener);
  }

  void forget(Runnable listener) {
    drainListeners.remove(listener);
    changeListeners.remove(listener);
  }

  /** @return whether there is room; if so, {@link #requestEnded} must follow */
  boolean requestBegun() {
    return take(requests, maxRequests);
  }

  void requestEnded() {
    requests.decrementAndGet();
  }

  /** @return whether there is room; if so, {@link #socketClosed} must follow */
  boolean socketOpened() {
    return take(sockets, maxSockets);
  }

  void socketClosed() {
    sockets.decrementAndGet();
  }

  /** @return whether there is room; if so, {@link #connectionClosed} must follow */
  boolean connectionOpened() {
    return take(httpConnections, maxHttpConnections);
  }

  void connectionClosed() {
    httpConnections.decrementAndGet();
  }

  void streamOpened() {
    streams.incrementAndGet();
  }

  void streamClosed() {
    streams.decrementAndGet();
  }

  private static boolean take(AtomicInteger counter, int max) {
    if (counter.incrementAndGet() <= max) {
      return true;
    }
    counter.decrementAndGet();
    return false;
  }
}
