package io.consoul.provider;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.message.Addresses;
import io.consoul.message.AnswerTurn;
import io.consoul.message.BusCodec;
import io.consoul.message.ChatMessage;
import io.consoul.message.Hello;
import io.consoul.message.Kind;
import io.consoul.message.Listener;
import io.consoul.message.SessionId;
import io.consoul.message.Settings;
import io.consoul.message.StoreState;
import io.consoul.message.Tenant;
import io.consoul.message.TurnId;
import io.consoul.node.Node;
import io.consoul.testkit.ManualClock;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayName("The session instance that takes what is written about a turn")
class SessionSeatTest {

  @Test
  @DisplayName("is of another node where it fails: its neighbours are likely to stand still, too")
  void anotherNode(Vertx vertx) throws Exception {
    // Nobody is forgotten, however long it takes to hear the next one.
    Node node = Node.join(vertx, new ManualClock()).await(30, SECONDS);
    hear(node, "a", "a1", 3);
    hear(node, "a", "a2", 0);
    hear(node, "a", "a3", 0);
    hear(node, "b", "b1", 9);
    for (String failed : List.of("a1", "a2", "a3")) {
      SessionSeat seat = new SessionSeat(node.directory(), order(node, failed));
      assertThat(seat.inbox()).isEqualTo(failed);
      assertThat(seat.leave(failed)).isTrue();
      assertThat(seat.inbox()).isEqualTo("b1");
      assertThat(seat.leave(failed)).as("somebody else was quicker").isTrue();
      assertThat(seat.inbox()).isEqualTo("b1");
    }
  }

  private static void hear(Node node, String from, String inbox, int load) {
    node.bus()
        .publish(
            Addresses.EVENTS_NODE,
            new Hello(
                Kind.SESSION,
                from,
                inbox,
                load,
                false,
                false,
                BusCodec.NEWEST_VERSION,
                StoreState.REDIS));
    await().until(() -> node.directory().knows(inbox));
  }

  private static AnswerTurn order(Node node, String session) {
    return new AnswerTurn(
        TurnId.mint(new SessionId("s"), node.random()),
        Tenant.DEFAULT,
        1,
        "token",
        null,
        Settings.NONE,
        List.of(ChatMessage.user("hi")),
        new Listener("nobody", 1),
        session,
        Instant.now().plusSeconds(60));
  }
}
