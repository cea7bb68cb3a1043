package io.consoul.session;

import io.consoul.testkit.RedisServer;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;

@DisplayName("Whatever two instances do with one Redis, in whatever order")
class RedisTurnModelTest extends TurnModelContract {

  private static RedisServer redis;

  private RedisFixture one;

  @BeforeAll
  static void startRedis() {
    redis = RedisServer.start("--appendonly", "no");
  }

  @AfterAll
  static void stopRedis() {
    redis.close();
  }

  @Override
  List<StoreFixture> openAll(JsonObject config) {
    one = new RedisFixture(redis, config, "one");
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
