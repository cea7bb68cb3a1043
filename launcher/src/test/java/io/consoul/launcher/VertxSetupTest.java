package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.config.ConfigReader;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The Vert.x of a node")
class VertxSetupTest {

  private final NodeConfig config = ConfigReader.read(new JsonObject(), NodeConfig::from);

  @Test
  @DisplayName("measures nothing of itself where metrics are off")
  void off() {
    Vertx vertx = new VertxSetup(config, null).builder().build();
    try {
      assertThat(((VertxInternal) vertx).metrics()).isNull();
    } finally {
      vertx.close().await();
    }
  }

  @Test
  @DisplayName("counts in the meters of its own node, also beside another one in the same process")
  void on() {
    try (Meters one = new Meters();
        Meters other = new Meters()) {
      Vertx first = new VertxSetup(config, one).builder().build();
      Vertx second = new VertxSetup(config, other).builder().build();
      try {
        second.eventBus().publish("somewhere", "word");

        assertThat(published(other)).isEqualTo(1);
        assertThat(one.registry().find("vertx.eventbus.published").counter()).isNull();
      } finally {
        first.close().await();
        second.close().await();
      }
    }
  }

  private static double published(Meters meters) {
    return meters.registry().get("vertx.eventbus.published").counter().count();
  }
}
