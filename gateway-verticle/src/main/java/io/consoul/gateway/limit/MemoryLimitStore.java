package io.consoul.gateway.limit;

import io.vertx.core.Future;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/** Keeps what was charged in the memory of this node. */
final class MemoryLimitStore implements LimitStore {

  private final Ledgers ledgers;
  private final InstantSource clock;
  private final Strategy strategy;

  MemoryLimitStore(Ledgers ledgers, InstantSource clock, Strategy strategy) {
    this.ledgers = ledgers;
    this.clock = clock;
    this.strategy = strategy;
  }

  @Override
  public Future<Verdict> charge(String who, List<Window> windows, int cost) {
    Instant now = clock.instant();
    long micros = now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
    return Future.succeededFuture(ledgers.charge(who, windows, strategy, cost, micros));
  }
}
