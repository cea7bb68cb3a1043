package io.consoul.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.message.BeginTurn;
import io.consoul.message.IdempotencyKey;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayName("Two parts of a cluster that did not see each other, when they find each other")
class SplitTest {

  private TwoMembers parts;

  @AfterEach
  void end() {
    parts.close();
  }

  @Test
  @DisplayName("have the turns of both, in the order of their times, and one of the pending ones")
  void union(Vertx vertx) {
    parts = TwoMembers.apart(vertx, new JsonObject().put("ttlSeconds", 1_000));
    BeginTurn keyed = parts.turn("both", "one").under(new IdempotencyKey("key"));
    parts.seal(0, keyed, parts.granted(0, keyed).lease(), "eins");
    parts.clock.advance(Duration.ofSeconds(1));
    parts.say(1, "both", "two", "zwei");
    parts.clock.advance(Duration.ofSeconds(1));
    parts.say(0, "both", "three", "drei");
    parts.say(0, "here", "one", "eins");
    parts.say(1, "there", "one", "eins");
    parts.clock.advance(Duration.ofSeconds(1));
    List<BeginTurn> pending = List.of(parts.turn("both", "four"), parts.turn("both", "five"));
    List<SessionStore.Lease> leases = List.of(
        parts.granted(0, pending.get(0)).lease(),
        parts.granted(1, pending.get(1)).lease());
    parts.progress(0, pending.get(0), leases.get(0), "vi");
    parts.progress(1, pending.get(1), leases.get(1), "fü");

    parts.join();

    for (int member : List.of(0, 1)) {
      await()
          .atMost(Duration.ofSeconds(20))
          .ignoreExceptions()
          .untilAsserted(() -> assertThat(parts.list(member)).contains("both", "here", "there"));
    }
    List<String> history = parts.history(0, "both");
    assertThat(history)
        .startsWith(
            "user one",
            "assistant eins",
            "user two",
            "assistant zwei",
            "user three",
            "assistant drei")
        .hasSize(8);
    // Which part joins the other is Hazelcast's to say: its pending turn is the one that was cut.
    int cut = history.contains("user four") ? 0 : 1;
    assertThat(history.get(7)).isEqualTo(cut == 0 ? "assistant vi" : "assistant fü");
    assertThat(parts.begin(1, pending.get(1 - cut))).isInstanceOf(SessionStore.Known.Pending.class);
    parts.seal(1, pending.get(1 - cut), leases.get(1 - cut), "ganz");
    assertThat(parts.history(1, "both")).hasSize(10).endsWith("assistant ganz");
    assertThat(parts.begin(1, parts.turn("both", "one").under(new IdempotencyKey("key"))))
        .isInstanceOf(SessionStore.Known.Ended.class);
  }
}
