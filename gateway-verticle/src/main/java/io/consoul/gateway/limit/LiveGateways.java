package io.consoul.gateway.limit;

import io.consoul.message.Hello;
import io.consoul.message.Kind;
import io.consoul.node.Directory;
import java.time.InstantSource;

/** How many nodes take requests. Counted once a second at most; confined to one event loop. */
final class LiveGateways {

  private static final long FRESH_MILLIS = 1_000;

  private final Directory directory;
  private final InstantSource clock;
  private long countedAt;
  private int nodes;

  LiveGateways(Directory directory, InstantSource clock) {
    this.directory = directory;
    this.clock = clock;
  }

  /** At least 1: this one. */
  int nodes() {
    long now = clock.millis();
    if (nodes == 0 || now - countedAt >= FRESH_MILLIS || now < countedAt) {
      countedAt = now;
      nodes = Math.max(1, (int)
          directory.serving(Kind.GATEWAY).stream().map(Hello::node).distinct().count());
    }
    return nodes;
  }
}
