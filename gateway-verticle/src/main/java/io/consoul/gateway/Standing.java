package io.consoul.gateway;

import io.consoul.gateway.key.ApiKey;
import io.consoul.gateway.key.Caller;
import java.time.InstantSource;
import java.util.Optional;

/**
 * That a caller was let in, and whether it still would be: what it was let in by may be withdrawn or expire while its
 * connection is open. Confined to one event loop.
 */
final class Standing {

  private final Edge edge;
  private final InstantSource clock;
  private Caller caller;
  private final boolean withoutProtection;
  private Rules checked;
  private ApiKey key;

  /**
   * @param rules by which it was let in
   * @param key null for a caller without one
   */
  Standing(Edge edge, InstantSource clock, Rules rules, Caller caller, ApiKey key) {
    this.edge = edge;
    this.clock = clock;
    this.caller = caller;
    this.withoutProtection = rules.allowAnonymous();
    this.checked = rules;
    this.key = key;
  }

  /** As the configuration said when it was last looked at: its tier may have changed. */
  Caller caller() {
    return caller;
  }

  /** Cheap while nothing has changed: it is asked for every message, and for all sockets every second. */
  boolean holds() {
    Rules now = edge.rules();
    if (now != checked) {
      if (!holdsBy(now)) {
        return false;
      }
      checked = now;
    }
    return key == null || !key.isExpired(clock.instant());
  }

  private boolean holdsBy(Rules now) {
    if (key == null) {
      return now.allowAnonymous() || (now.keys().isEmpty() && !withoutProtection);
    }
    Optional<ApiKey> current = now.keys().find(key.hash()).filter(key::isSameCaller);
    current.ifPresent(found -> {
      key = found;
      caller = found.caller(caller.address());
    });
    return current.isPresent();
  }
}
