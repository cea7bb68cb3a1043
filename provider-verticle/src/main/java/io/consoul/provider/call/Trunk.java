package io.consoul.provider.call;

import io.consoul.provider.BaseUrl;
import io.consoul.provider.Upstream;
import java.time.Duration;

/** What all instances of a JVM share of one provider, as long as it stays where it is: its slots, its connections, and what is said of its failures. */
final class Trunk {

  /** Another one of these needs other connections; all else of a provider may change above them. */
  private record Way(BaseUrl to, Duration connect, Upstream.Pool pool) {}

  private final String name;
  private final Way way;
  private final Slots slots;
  private final Connections connections;
  private final int maxOpen;
  private final FailureLog failures;

  /** How often it was joined and not left. {@link Trunks} guards it. */
  int users;

  /** @param name of the client that its connections belong to */
  Trunk(String name, Upstream upstream) {
    Upstream.Pool pool = upstream.pool();
    this.name = name;
    way = way(upstream);
    slots = new Slots(pool.maxConnections(), pool.maxWaiting());
    connections = new Connections(pool.maxIdle());
    maxOpen = HttpSettings.maxOpen(pool);
    failures = new FailureLog(upstream.name());
  }

  /** Whether the provider, as it is now, can be called by it. */
  boolean leadsTo(Upstream upstream) {
    return way.equals(way(upstream));
  }

  String name() {
    return name;
  }

  Slots slots() {
    return slots;
  }

  Connections connections() {
    return connections;
  }

  FailureLog failures() {
    return failures;
  }

  /** Whether there are as many connections as there may be. */
  boolean isFull() {
    return connections.open() >= maxOpen;
  }

  private static Way way(Upstream upstream) {
    return new Way(upstream.baseUrl(), upstream.times().connect(), upstream.pool());
  }
}
