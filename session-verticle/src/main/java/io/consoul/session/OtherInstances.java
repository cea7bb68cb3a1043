package io.consoul.session;

import io.consoul.message.BusMessage;
import io.vertx.core.Future;

/** The session instances of the other nodes, as far as an outage of Redis concerns them. */
interface OtherInstances {

  /** Where there are none. */
  OtherInstances NONE = new OtherInstances() {
    @Override
    public boolean mayShelter() {
      return true;
    }

    @Override
    public boolean reachRedis() {
      return false;
    }

    @Override
    public Future<Void> recall(String sessionKey) {
      return Future.succeededFuture();
    }

    @Override
    public <R extends BusMessage> Future<R> instead(
        Throwable failure, String sessionKey, BusMessage request, Class<R> reply) {
      return Future.failedFuture(failure);
    }
  };

  /** Whether the shelter may have something: else it need not be asked. */
  boolean mayShelter();

  /** Whether another node does, and this one does not. */
  boolean reachRedis();

  /** Has whoever has the session at hand take it into the shelter; succeeds when those who answer in time have done so. */
  Future<Void> recall(String sessionKey);

  /**
   * What failed here for lack of Redis is asked of a node that reaches it.
   *
   * @return the failure, where it is another one or there is no such node
   */
  <R extends BusMessage> Future<R> instead(
      Throwable failure, String sessionKey, BusMessage request, Class<R> reply);
}
