package io.consoul.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.BeginTurn;
import io.consoul.message.Swept;
import io.consoul.testkit.LoggedBy;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The memory store")
class MemoryStoreTest {

  private final MemoryFixture fixture = new MemoryFixture(new JsonObject().put("ttlSeconds", 100));

  @Test
  @DisplayName("settles orphans in a sweep, so that nobody has to ask for their sessions")
  void sweepOfOrphans() {
    BeginTurn said = fixture.turn("said", "one");
    fixture.progress(said, fixture.granted(said).lease(), 0, "ei");
    fixture.granted(fixture.turn("silent", "one"));
    fixture.pass(Duration.ofSeconds(6));

    assertThat(StoreFixture.get(fixture.memory.sweep(10, true))).isEqualTo(new Swept(0, 2, false));
    assertThat(fixture.history("said")).containsExactly("user one", "assistant ei (interrupted)");
    assertThat(fixture.memory.size()).isEqualTo(1);
  }

  @Test
  @DisplayName("removes expired sessions in steps, and no other")
  void sweepOfExpired() {
    for (int i = 0; i < 25; i++) {
      fixture.say("old-" + i, "one", "eins");
    }
    fixture.pass(Duration.ofSeconds(101));
    fixture.say("young", "one", "eins");

    assertThat(StoreFixture.get(fixture.memory.sweep(20, false))).isEqualTo(new Swept(20, 0, true));
    assertThat(StoreFixture.get(fixture.memory.sweep(20, false))).isEqualTo(new Swept(5, 0, false));
    assertThat(fixture.history("young")).hasSize(2);
  }

  @Test
  @DisplayName("never collects a session with a turn in progress")
  void inUse() {
    BeginTurn turn = fixture.turn("s", "one");
    var lease = fixture.granted(turn).lease();
    for (int i = 0; i < 40; i++) {
      fixture.pass(Duration.ofSeconds(4));
      fixture.progress(turn, lease, 0, "");
      StoreFixture.get(fixture.memory.sweep(10, false));
    }

    fixture.seal(turn, lease, "eins");
    assertThat(fixture.history("s")).hasSize(2);
  }

  @Test
  @DisplayName("makes room by dropping the oldest idle session, never one in use")
  void bounded() {
    MemoryFixture small =
        new MemoryFixture(new JsonObject().put("memory", new JsonObject().put("maxSessions", 2)));
    BeginTurn inUse = small.turn("in use", "one");
    var lease = small.granted(inUse).lease();
    small.say("old", "one", "eins");
    small.say("new", "one", "eins");

    assertThat(small.memory.size()).isEqualTo(2);
    assertThat(small.history("old")).isEmpty();
    assertThat(small.history("new")).hasSize(2);
    small.seal(inUse, lease, "eins");

    small.granted(small.turn("a", "x"));
    small.granted(small.turn("b", "x"));
    assertFault(Fault.SESSION_STORAGE_UNAVAILABLE, () -> small.begin(small.turn("c", "x")));
  }

  @Test
  @DisplayName("warns once a minute that it drops sessions, and not of those whose time was over")
  void evictionWarning() {
    MemoryFixture small = new MemoryFixture(new JsonObject()
        .put("ttlSeconds", 100)
        .put("memory", new JsonObject().put("maxSessions", 1)));
    try (LoggedBy<MemorySessions> logged = new LoggedBy<>(MemorySessions.class)) {
      small.say("a", "one", "eins");
      small.pass(Duration.ofSeconds(101));
      small.say("b", "one", "eins");
      assertThat(logged.lines()).isEmpty();

      small.say("c", "one", "eins");
      small.say("d", "one", "eins");
      assertThat(logged.lines()).hasSize(1);

      small.pass(Duration.ofSeconds(61));
      small.say("e", "one", "eins");
      assertThat(logged.lines()).hasSize(2);
    }
  }

  @Test
  @DisplayName("gives fences that only grow, also when the clock goes back")
  void fences() {
    BeginTurn first = fixture.turn("s", "one");
    var before = fixture.granted(first).lease();
    fixture.abort(first, before);
    fixture.pass(Duration.ofSeconds(-3_600));

    assertThat(fixture.granted(fixture.turn("s", "two")).lease().fence())
        .isGreaterThan(before.fence());
  }

  @Test
  @DisplayName("does not take a turn from its provider when the whole process stood still")
  void standstill() {
    BeginTurn turn = fixture.turn("s", "one");
    var lease = fixture.granted(turn).lease();
    fixture.memory.tick();
    fixture.pass(Duration.ofMinutes(10));

    assertThat(fixture.begin(fixture.turn("s", "two"))).isInstanceOf(SessionStore.Begun.Busy.class);
    assertThat(StoreFixture.get(fixture.memory.sweep(10, true)).orphans()).isZero();
    fixture.seal(turn, lease, "eins");

    BeginTurn left = fixture.turn("s", "two");
    fixture.granted(left);
    for (int i = 0; i < 25; i++) {
      fixture.memory.tick();
      fixture.pass(Duration.ofMillis(250));
    }
    assertThat(StoreFixture.get(fixture.memory.sweep(10, true)).orphans()).isEqualTo(1);
  }

  private static void assertFault(Fault expected, ThrowingCallable call) {
    assertThat(catchThrowableOfType(FaultException.class, call).fault()).isEqualTo(expected);
  }
}
