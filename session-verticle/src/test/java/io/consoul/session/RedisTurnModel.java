package io.consoul.session;

import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import java.util.List;

/** The model of turns, with two instances on the same keys in Redis. */
abstract class RedisTurnModel extends TurnModelContract {

  private RedisFixture one;

  abstract RedisFixture open(JsonObject config);

  @Override
  List<StoreFixture> openAll(JsonObject config) {
    one = open(config);
    return List.of(one, one.another("other"));
  }

  @Override
  void lapse(String session) {
    one.send(Command.HSET, one.key(session).lease(), "until", 1);
  }

  @Override
  void expire(String session) {
    RedisKeys.OfSession key = one.key(session);
    one.send(
        Command.DEL,
        key.head(),
        key.messages(),
        key.lease(),
        key.journal(),
        key.turns(),
        key.keys(),
        key.keyOrder());
  }

  @Override
  void forgetWaiting(String session) {
    one.send(Command.DEL, one.key(session).waiters());
  }

  @Override
  MemorySession copy(StoreFixture instance, String session) {
    return ((RedisFixture) instance).atHand.find("default:" + session).orElse(null);
  }
}
