package io.consoul.session;

import io.consoul.message.Swept;
import io.vertx.core.Future;

/** What collects in a store whose sessions every instance sees: apart from the store, for it looks at all of them. */
interface Sweeper {

  /**
   * One step of a collection.
   *
   * @param limit sessions to settle or remove at most, at least 1
   * @param orphansOnly only turns whose provider is gone, not what has expired or strayed
   */
  Future<Swept> sweep(int limit, boolean orphansOnly);
}
