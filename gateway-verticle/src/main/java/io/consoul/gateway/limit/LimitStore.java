package io.consoul.gateway.limit;

import io.vertx.core.Future;
import java.util.List;

/** Keeps what was charged to whom. */
public interface LimitStore {

  /**
   * Charges all windows or, where one has no room, none.
   *
   * @param who is limited: the same on every node
   * @param windows at least one, of different lengths
   * @param cost 1 or more, and no more than any of the limits
   * @return fails with E110 where the store does not work just now
   */
  Future<Verdict> charge(String who, List<Window> windows, int cost);
}
