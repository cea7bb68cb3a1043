package io.consoul.gateway.key;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * How often and when last each key of this node was used, as metrics. There is one entry for each id that the configuration
 * has or had: what has been counted stays when a key goes.
 */
public final class KeyUse {

  private static final class Use {
    private final LongAdder requests = new LongAdder();
    private volatile long lastMillis;
  }

  private final Map<String, Use> uses = new ConcurrentHashMap<>();
  private MeterRegistry meters;

  /** Where they are shown from now on; all gateway instances of a node say the same. */
  public synchronized void showIn(MeterRegistry registry) {
    if (meters == null) {
      meters = registry;
      new HashMap<>(uses).forEach(this::show);
    }
  }

  /** Counts for these ids too, from 0. */
  public synchronized void know(Set<String> ids) {
    ids.forEach(id -> uses.computeIfAbsent(id, added -> {
      Use use = new Use();
      if (meters != null) {
        show(added, use);
      }
      return use;
    }));
  }

  /** A request was let in by a key of this id. */
  public void used(String id, Instant now) {
    Use use = uses.get(id);
    if (use != null) {
      use.requests.increment();
      use.lastMillis = now.toEpochMilli();
    }
  }

  private void show(String id, Use use) {
    FunctionCounter.builder("consoul_api_key_requests", use, known -> known.requests.sum())
        .description("Requests and WebSocket upgrades that were let in by the key")
        .tag("api_key_id", id)
        .register(meters);
    Gauge.builder("consoul_api_key_last_used_timestamp", use, known -> known.lastMillis / 1_000.0)
        .description("When the last of them came, in seconds since 1970; 0 where none has")
        .tag("api_key_id", id)
        .strongReference(true)
        .register(meters);
  }
}
