package io.consoul.redis;

import io.vertx.redis.client.impl.types.ErrorType;
import java.util.Optional;

/**
 * A server of a Redis Cluster says that another one has the key.
 *
 * @param isForGood else for this command only, while the slot is on its way
 */
record RedisRedirection(RedisNode node, boolean isForGood) {

  /**
   * Reads {@code MOVED 3999 127.0.0.1:6381} and {@code ASK 3999 127.0.0.1:6381}.
   *
   * @param sayer stands for an empty host
   */
  static Optional<RedisRedirection> in(ErrorType error, RedisNode sayer) {
    boolean moved = error.is("MOVED");
    if (!moved && !error.is("ASK")) {
      return Optional.empty();
    }
    String address = error.slice(' ', 2);
    int colon = address.lastIndexOf(':');
    String host = colon == 0 ? sayer.host() : address.substring(0, colon);
    int port = Integer.parseInt(address.substring(colon + 1));
    return Optional.of(new RedisRedirection(new RedisNode(host, port), moved));
  }
}
