package io.consoul.acceptance.cluster;

import io.consoul.testkit.ChatClient;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Where the next request goes. */
@FunctionalInterface
interface Entrances {

  ChatClient next();

  /** One after the other, also those that are dead: as clients with a list of addresses do. */
  static Entrances inTurn(List<ChatClient> nodes) {
    AtomicInteger turn = new AtomicInteger();
    return () -> nodes.get(Math.floorMod(turn.getAndIncrement(), nodes.size()));
  }
}
