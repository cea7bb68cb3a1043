package io.consoul.session;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.message.AnswerTurn;
import io.consoul.testkit.RedisServer;
import io.consoul.testkit.ScriptedProvider;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(VertxExtension.class)
@DisplayName("Session verticles that are deployed again")
class OutageAfterRedeployTest {

  @TempDir
  Path folder;

  @Test
  @DisplayName("keep turns in an outage as the first ones would, and say that there is one")
  void again(Vertx vertx) throws Exception {
    try (RedisServer redis = RedisServer.start()) {
      JsonObject config = new JsonObject()
          .put("instances", 2)
          .put(
              "redis",
              new JsonObject()
                  .put("url", redis.url())
                  .put("commandTimeoutSeconds", 20)
                  .put("connectTimeoutSeconds", 20)
                  .put(
                      "fallback",
                      new JsonObject()
                          .put("enabled", true)
                          .put("journal", folder.resolve("outage.journal").toString())));
      SessionNode node = SessionNode.start(vertx, config);
      node.undeploy().await(20, SECONDS);
      node.deploy(config);
      ScriptedProvider provider = node.provider();

      redis.kill();
      await().until(() -> degraded(node) == 1);
      node.get(node.turn("s", "one"));
      AnswerTurn order = provider.received().await(AnswerTurn.class, 1).get(0);

      assertThat(provider.seal(order, "ONE").await(20, SECONDS)).isNotNull();
      assertThat(folder.resolve("outage.journal")).isNotEmptyFile();
    }
  }

  private static double degraded(SessionNode node) {
    return node.node.meters().get("consoul.redis.degraded").gauge().value();
  }
}
