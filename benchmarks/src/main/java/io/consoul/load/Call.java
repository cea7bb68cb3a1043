package io.consoul.load;

import io.vertx.core.Future;

/** One operation of one client. */
@FunctionalInterface
interface Call {

  /**
   * @param client its number, from 0
   * @param number of the operation among this client's
   * @return done when the last byte of the answer is here, failed when it is not the answer that was wanted
   */
  Future<Void> begin(int client, int number);
}
