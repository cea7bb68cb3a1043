package io.consoul.gateway.limit;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ledgers of all callers of this node, within bounds: who has not come for longest is forgotten first, so a flood of
 * addresses makes callers forgotten but does not take more memory. Shared by all event loops; each is held up by another one for
 * microseconds at most.
 */
final class Ledgers {

  private static final Logger log = LoggerFactory.getLogger(Ledgers.class);

  private static final int SHARDS = 16;

  private final List<Shard> shards;
  private final AtomicBoolean warned = new AtomicBoolean();

  Ledgers(LimitConfig.Memory bounds) {
    this(SHARDS, bounds.maxCallers(), bounds.maxCharges());
  }

  Ledgers(int shards, int maxCallers, int maxCharges) {
    this.shards = IntStream.range(0, shards)
        .mapToObj(i -> new Shard(maxCallers / shards, maxCharges / shards))
        .toList();
  }

  /**
   * As {@link LimitStore#charge}.
   *
   * @param now in microseconds since 1970
   */
  Verdict charge(String who, List<Window> windows, Strategy strategy, int cost, long now) {
    Shard shard = shards.get(Math.floorMod(who.hashCode(), shards.size()));
    synchronized (shard) {
      return shard.charge(who, windows, strategy, cost, now);
    }
  }

  /** How many callers are remembered. */
  int callers() {
    int all = 0;
    for (Shard shard : shards) {
      synchronized (shard) {
        all += shard.ledgers.size();
      }
    }
    return all;
  }

  private final class Shard {

    private final int maxCallers;
    private final int maxCharges;

    /** Who came last is last. */
    private final LinkedHashMap<String, Ledger> ledgers = new LinkedHashMap<>(16, 0.75f, true);

    private long room;

    Shard(int maxCallers, int maxCharges) {
      this.maxCallers = maxCallers;
      this.maxCharges = maxCharges;
    }

    Verdict charge(String who, List<Window> windows, Strategy strategy, int cost, long now) {
      Ledger ledger = ledgers.computeIfAbsent(who, unknown -> new Ledger());
      int before = ledger.room();
      Verdict verdict = ledger.charge(windows, strategy, cost, now);
      room += ledger.room() - before;
      if (ledgers.size() > maxCallers || room > maxCharges) {
        forget(now);
      }
      return verdict;
    }

    /** Never the one who was charged just now. */
    private void forget(long now) {
      Iterator<Ledger> longestAway = ledgers.values().iterator();
      while (ledgers.size() > 1 && (ledgers.size() > maxCallers || room > maxCharges)) {
        Ledger forgotten = longestAway.next();
        room -= forgotten.room();
        longestAway.remove();
        if (!forgotten.isSpent(now) && warned.compareAndSet(false, true)) {
          log.warn(
              "more callers than the rate limits may remember in memory: those who have not come"
                  + " for longest begin anew (rateLimit.memory of gateway.json); said once");
        }
      }
    }
  }
}
