package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.Addresses;
import io.consoul.message.NodeChanged;
import io.consoul.message.NodeChanged.Change;
import io.consoul.node.Node;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayName("The order to drain a node")
class DrainDeskTest {

  private final AtomicInteger drained = new AtomicInteger();
  private Node node;

  @BeforeEach
  void open(Vertx vertx) throws Exception {
    node = Node.join(vertx).await(20, TimeUnit.SECONDS);
    DrainDesk desk = new DrainDesk(node, () -> Set.of(node.id(), "other", "mute"), () -> {
      drained.incrementAndGet();
      return new NodeChanged(node.id(), Change.DRAINING, 3);
    });
    desk.open().await(20, TimeUnit.SECONDS);
  }

  @Test
  @DisplayName("is followed by the node that is meant")
  void own(Vertx vertx) throws Exception {
    assertThat(order(vertx, node.id()).getString("change")).isEqualTo("draining");
    assertThat(drained).hasValue(1);
  }

  @Test
  @DisplayName("is passed on to another node, whose word is the answer")
  void passedOn(Vertx vertx) throws Exception {
    vertx
        .eventBus()
        .consumer(
            "consoul.node.inbox.other",
            message -> message.reply(new NodeChanged("other", Change.DRAINING, 3)));

    assertThat(order(vertx, "other").getString("node")).isEqualTo("other");
    assertThat(drained).hasValue(0);
  }

  @Test
  @DisplayName("is refused for a node that there is not, and fails for one that does not answer")
  void unknown(Vertx vertx) throws Exception {
    JsonObject refused = order(vertx, "nobody");
    assertThat(refused.getString("code")).isEqualTo("E003");
    assertThat(refused.encode()).contains("\"field\":\"node\"");
    assertThat(order(vertx, "mute").getString("code")).isEqualTo("E022");
    assertThat(order(vertx, "").getString("code")).isEqualTo("E002");
    assertThat(drained).hasValue(0);
  }

  private static JsonObject order(Vertx vertx, String id) throws Exception {
    return vertx
        .eventBus()
        .<JsonObject>request(Addresses.NODE_DRAIN, new JsonObject().put("node", id))
        .await(20, TimeUnit.SECONDS)
        .body();
  }
}
