package io.consoul.session;

import static io.consoul.session.SessionNode.assertFault;
import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.fault.Fault;
import io.consoul.message.BeginTurn;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The catalog of a memory store")
class MemoryCatalogTest extends CatalogContract {

  @Override
  StoreFixture open(JsonObject config) {
    return new MemoryFixture(config);
  }

  @Test
  @DisplayName("does not run a turn again whose session was deleted under it, for ten minutes")
  void tombstone() {
    MemoryFixture fixture = (MemoryFixture) this.fixture;
    BeginTurn turn = fixture.turn("s", "one");
    fixture.granted(turn);
    fixture.delete("s");

    fixture.pass(Duration.ofMinutes(10).minusMillis(1));
    StoreFixture.get(fixture.store.sweep(10, true));
    assertFault(Fault.SESSION_NOT_FOUND, () -> fixture.begin(turn));
    assertFault(Fault.SESSION_NOT_FOUND, () -> StoreFixture.get(fixture.store.standing(turn)));
    assertThat(fixture.memory.remnants()).isEqualTo(1);
    fixture.pass(Duration.ofMillis(1));
    StoreFixture.get(fixture.store.sweep(10, true));
    assertThat(fixture.memory.remnants()).isZero();
    assertThat(fixture.begin(turn)).isInstanceOf(SessionStore.Begun.Granted.class);
  }

  @Test
  @DisplayName("tells of each session that comes to stay, once, and of each that goes and how")
  void changesInTime() {
    fixture.create("created");
    fixture.say("created", "one", "eins");
    fixture.say("said", "one", "eins");
    fixture.say("said", "two", "zwei");
    BeginTurn aborted = fixture.turn("passing", "one");
    fixture.abort(aborted, fixture.granted(aborted).lease());
    fixture.granted(fixture.turn("deleted too early", "one"));
    fixture.delete("deleted too early");
    assertThat(told()).containsExactly("created CREATED", "said CREATED");

    fixture.changes.clear();
    fixture.delete("said");
    fixture.create("swept");
    fixture.pass(Duration.ofSeconds(101));
    assertThat(fixture.history("created")).isEmpty();
    StoreFixture.get(fixture.store.sweep(10, false));
    assertThat(told())
        .containsExactly("said DELETED", "swept CREATED", "created EXPIRED", "swept EXPIRED");
  }

  @Test
  @DisplayName("remembers a bounded number of deleted turns, the newest")
  void boundedTombstones() {
    MemoryFixture fixture = (MemoryFixture) this.fixture;
    BeginTurn oldest = fixture.turn("s", "one");
    fixture.granted(oldest);
    fixture.delete("s");
    BeginTurn newest = oldest;
    for (int i = 0; i < 10_000; i++) {
      newest = fixture.turn("s", "one");
      fixture.granted(newest);
      fixture.delete("s");
    }

    assertThat(fixture.memory.remnants()).isEqualTo(10_000);
    BeginTurn last = newest;
    assertFault(Fault.SESSION_NOT_FOUND, () -> fixture.begin(last));
    assertThat(fixture.begin(oldest)).isInstanceOf(SessionStore.Begun.Granted.class);
  }

  @Test
  @DisplayName("tells of a session that makes room for another")
  void changesOfTheDropped() {
    MemoryFixture small =
        new MemoryFixture(new JsonObject().put("memory", new JsonObject().put("maxSessions", 1)));
    small.create("old");
    small.create("new");

    assertThat(small.changes.stream().map(CatalogContract::line))
        .containsExactly("old CREATED", "old EXPIRED", "new CREATED");
    assertThat(ids(small.list(null, 10, null))).containsExactly("new");
  }
}
