package io.consoul.gateway.limit;

import io.consoul.gateway.key.Caller;
import io.vertx.core.Future;
import java.util.Optional;

/** The rate limits as one gateway instance applies them. */
public interface Limits {

  /** Nobody is limited. */
  Limits NONE = (caller, cost) -> Future.succeededFuture(Optional.empty());

  /**
   * @param cost messages, 1 or more; where it is above a limit, the verdict is for good, and 1 is charged
   * @return empty where the caller is not limited; fails with E110 where it cannot be known and the configuration says to
   *     refuse then
   */
  Future<Optional<Verdict>> charge(Caller caller, int cost);

  /** Whether the caller's limits are those of its key's tier: one that was taken out while a socket is open is none. */
  default boolean hasTier(Caller caller) {
    return false;
  }
}
