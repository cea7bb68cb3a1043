package io.consoul.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.consoul.config.ConfigException;
import io.consoul.message.Settings;
import io.consoul.redis.RedisConfig;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("conf/session.json")
class SessionConfigTest {

  @Test
  @DisplayName("needs no key: every setting has its default")
  void defaults() {
    SessionConfig config = SessionConfig.from(new JsonObject());

    assertThat(config)
        .isEqualTo(new SessionConfig(
            Runtime.getRuntime().availableProcessors(),
            Duration.ofHours(1),
            Duration.ofSeconds(30),
            Duration.ofSeconds(5),
            Duration.ofMillis(1_500),
            Duration.ofMinutes(15),
            Duration.ofSeconds(2),
            new SessionConfig.MaxWaiting(100, 10_000),
            128_000,
            100_000,
            new RedisConfig(
                List.of(),
                RedisConfig.Mode.STANDALONE,
                "mymaster",
                null,
                50,
                10_000,
                Duration.ofSeconds(2),
                Duration.ofSeconds(2),
                new RedisConfig.Fallback(false, Duration.ofMinutes(1))),
            new SessionConfig.InOutage(SessionConfig.Unknown.SERVE, "data/outage.journal"),
            "consoul:session:",
            1_000,
            null,
            Settings.NONE));
  }

  @Test
  @DisplayName(
      "tells every value that is out of its range, and every key it does not know, at once")
  void everyProblem() {
    JsonObject json = new JsonObject()
        .put("ttlSeconds", 0)
        .put("ttlSecond", 1)
        .put("keyPrefix", "{app}:")
        .put("redis", new JsonObject().put("url", "http://127.0.0.1").put("mode", "many"))
        .put("maxWaitingTurns", new JsonObject().put("perSession", 0).put("perInstance", "many"))
        .put("memory", new JsonObject().put("maxSessions", 0))
        .put("newSessions", new JsonObject().put("temperature", 2.1).put("maxTokens", 1_000_001));

    assertThatThrownBy(() -> SessionConfig.from(json))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll(
            "ttlSeconds must be",
            "keyPrefix must not have braces",
            "redis.url must be like redis://",
            "redis.mode must be one of",
            "ttlSecond is not a known key",
            "maxWaitingTurns.perSession must be",
            "maxWaitingTurns.perInstance must be",
            "memory.maxSessions must be",
            "newSessions.temperature must be a number from 0 to 2",
            "newSessions.maxTokens must be an integer from 1 to 1000000");
  }

  @Test
  @DisplayName("names what is wrong with the way to Redis, and not the password in it")
  void redisProblems() {
    JsonObject redis = new JsonObject()
        .put("url", "redis://user:hidden@one,redis://user:hidden@two:6380")
        .put("caFile", "no-such-file.pem");

    assertThatThrownBy(() -> SessionConfig.from(new JsonObject().put("redis", redis)))
        .hasMessageContainingAll(
            "redis.mode must be sentinel or cluster where there are several URLs",
            "redis.caFile must be a file that can be read")
        .hasMessageNotContaining("hidden");
    assertThatThrownBy(() -> SessionConfig.from(new JsonObject()
            .put("redis", new JsonObject().put("url", "redis://user:hidden@host:6379/first"))))
        .hasMessageContaining("redis.url must be like")
        .hasMessageNotContaining("hidden");
  }

  @Test
  @DisplayName("shares the sessions of a node out over its instances, with none left without")
  void sharesOut() {
    assertThat(share(100, 3)).isEqualTo(34);
    assertThat(share(1, 3)).isEqualTo(1);
  }

  private static int share(int sessions, int instances) {
    return SessionConfig.from(new JsonObject()
            .put("instances", instances)
            .put("memory", new JsonObject().put("maxSessions", sessions)))
        .maxSessionsPerInstance();
  }
}
