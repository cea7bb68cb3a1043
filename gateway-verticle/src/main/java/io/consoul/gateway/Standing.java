package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.gateway.key.ApiKey;
import io.consoul.gateway.key.Caller;
import java.time.InstantSource;
import java.util.Optional;

/**
 * That a caller was let in, and whether it still would be: what it was let in by may be withdrawn or expire while its
 * connection is open. Confined to one event loop.
 */
final class Standing {

  static final String EXPIRED = "The API key has expired; ask who runs the server for another.";

  private final Edge edge;
  private final InstantSource clock;
  private final String path;

  /** Whether it was let in because it is of this machine, while there were no keys. */
  private final boolean local;

  private Caller caller;
  private Rules checked;
  private ApiKey key;

  /**
   * @param rules by which it was let in
   * @param path that it asks for
   * @param key null for a caller without one
   */
  Standing(Edge edge, InstantSource clock, Rules rules, Caller caller, String path, ApiKey key) {
    this.edge = edge;
    this.clock = clock;
    this.caller = caller;
    this.path = path;
    this.local =
        rules.keys().isEmpty() && !rules.allowAnonymous() && !rules.keys().bypasses(path);
    this.checked = rules;
    this.key = key;
  }

  /** As the configuration said when it was last looked at: its tier may have changed. */
  Caller caller() {
    return caller;
  }

  /**
   * Why the caller would not be let in any more; empty where it would. Cheap while nothing has changed: it is asked for every
   * message, and for all that is open every second.
   */
  Optional<FaultException> refusal() {
    Rules now = edge.rules();
    if (now != checked) {
      if (!holdsBy(now)) {
        return Optional.of(
            key == null
                ? Fault.AUTH_REQUIRED.because("Callers without an API key are not served any more.")
                : Fault.INVALID_API_KEY.because("The API key does not count any more."));
      }
      checked = now;
    }
    return key != null && key.isExpired(clock.instant())
        ? Optional.of(Fault.API_KEY_EXPIRED.because(EXPIRED))
        : Optional.empty();
  }

  private boolean holdsBy(Rules now) {
    if (key == null) {
      return now.allowAnonymous() || now.keys().bypasses(path) || (now.keys().isEmpty() && local);
    }
    Optional<ApiKey> current = now.keys().find(key.hash()).filter(key::isSameCaller);
    current.ifPresent(found -> {
      key = found;
      caller = found.caller(caller.address());
    });
    return current.isPresent();
  }
}
