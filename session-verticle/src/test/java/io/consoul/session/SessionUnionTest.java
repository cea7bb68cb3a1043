package io.consoul.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.BeginTurn;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Of a session that went on apart from itself")
class SessionUnionTest {

  private final MemoryFixture fixture = new MemoryFixture(new JsonObject());

  @Test
  @DisplayName("the last attempt at its turn goes on, on whichever side that was made")
  void laterAttempt() {
    BeginTurn turn = fixture.turn("s", "one");
    var lease = fixture.granted(turn).lease();
    fixture.progress(turn, lease, 0, "ei");
    JsonObject before = fixture.memory.look("default:s").toJson();
    fixture.takeOver(turn, lease, null);
    JsonObject after = fixture.memory.look("default:s").toJson();

    for (List<JsonObject> sides : List.of(List.of(before, after), List.of(after, before))) {
      MemorySession union = SessionUnion.of(
          MemorySession.fromJson(sides.get(0)),
          MemorySession.fromJson(sides.get(1)),
          lease.fence() + 100,
          fixture.now());
      assertThat(union.pending().toJson()).isEqualTo(after.getJsonObject("pending"));
    }
  }
}
