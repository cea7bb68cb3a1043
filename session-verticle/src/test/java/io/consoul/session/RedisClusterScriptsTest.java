package io.consoul.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.Batch;
import io.consoul.message.BeginTurn;
import io.consoul.message.EndBatch;
import io.consoul.message.IdempotencyKey;
import io.consoul.message.ReadMessages;
import io.consoul.message.SessionId;
import io.consoul.message.Swept;
import io.consoul.message.Tenant;
import io.consoul.testkit.RedisClusterServers;
import io.consoul.testkit.RedisServer;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Every script, in a Redis Cluster of three masters,")
class RedisClusterScriptsTest {

  /** Enough that every master has some. */
  private static final List<String> SESSIONS =
      IntStream.range(0, 30).mapToObj(i -> "session " + i).toList();

  /** Their keys are not a session's: one master runs them. */
  private static final Set<SessionScript> ON_ONE_MASTER = EnumSet.of(
      SessionScript.CATALOG_LIST,
      SessionScript.CATALOG_COUNT,
      SessionScript.SWEEP_COLLECTOR,
      SessionScript.SWEEP_DROP);

  private RedisClusterServers cluster;
  private RedisFixture store;

  @BeforeEach
  void start() {
    cluster = RedisClusterServers.start();
    store = new RedisFixture(cluster, new JsonObject().put("ttlSeconds", 100));
  }

  @AfterEach
  void stop() {
    store.close();
    cluster.close();
  }

  @Test
  @DisplayName("does for sessions on any of them what it does on one server")
  void everyScript() {
    SESSIONS.forEach(this::talk);
    SESSIONS.forEach(this::leaveAnOrphan);
    store.lapse();
    SESSIONS.forEach(this::goOn);
    SESSIONS.forEach(this::merge);
    assertThat(store.list(null, 100, null).sessions()).hasSize(SESSIONS.size());
    assertThat(StoreFixture.get(store.catalog.count())).isEqualTo(SESSIONS.size());

    store.send(Command.ZADD, store.keys.index(), 1, "default:long-gone");
    store.send(Command.ZREM, store.keys.index(), "default:session%200");
    assertThat(sweepAll()).isPositive();
    assertThat(StoreFixture.get(store.catalog.count())).isEqualTo(SESSIONS.size());

    SESSIONS.forEach(this::drop);
    assertThat(store.list(null, 100, null).sessions()).isEmpty();

    for (SessionScript script : SessionScript.values()) {
      long masters =
          cluster.masters().stream().filter(each -> has(each, script)).count();
      assertThat(masters)
          .as("masters that ran %s", script)
          .isGreaterThanOrEqualTo(ON_ONE_MASTER.contains(script) ? 1 : 3);
    }
  }

  private void talk(String session) {
    store.create(session);
    BeginTurn turn = store.turn(session, "one").under(new IdempotencyKey("key"));
    SessionStore.Lease first = store.granted(turn).lease();
    store.progress(turn, first, 0, "ei");
    StoreFixture.get(store.store.standing(store.turn(session, "waits")));
    assertThat(
            StoreFixture.get(store.store.snapshot(store.turn(session, "aside").setAside(), 1))
                .history())
        .hasSize(1);
    SessionStore.Lease second = StoreFixture.get(store.store.reassign(turn, first, "elsewhere"));
    var won = (Takeovers.Takeover.Won) store.takeOver(turn, second, null);
    SessionStore.Lease lease = won.granted().lease();
    assertThat(store.find(turn, 0, 100)).isInstanceOf(SessionStore.Known.Pending.class);
    store.seal(turn, lease, "eins");
    assertThat(store.replayed(turn).text()).isEqualTo("eins");

    BeginTurn aborted = store.turn(session, "never mind");
    store.abort(aborted, store.granted(aborted).lease());
    BeginTurn cancelled = store.turn(session, "stop");
    store.granted(cancelled);
    assertThat(StoreFixture.get(store.store.cancel(TurnKey.of(cancelled)))).isTrue();
    BeginTurn batched = store.turn(session, "two").in(new Batch("batch", false));
    store.seal(batched, store.granted(batched).lease(), "zwei");
    StoreFixture.get(store.store.endBatch(new EndBatch(id(session), Tenant.DEFAULT, "batch")));
    assertThat(store.history(session))
        .containsExactly("user one", "assistant eins", "user two", "assistant zwei");
  }

  private void leaveAnOrphan(String session) {
    BeginTurn orphan = store.turn(session, "three");
    store.progress(orphan, store.granted(orphan).lease(), 0, "dr");
  }

  private void goOn(String session) {
    store.say(session, "four", "vier");
    assertThat(store.history(session))
        .endsWith("user three", "assistant dr (interrupted)", "user four", "assistant vier");
    assertThat(store.read(session).turns()).isEqualTo(4);
    assertThat(StoreFixture.get(
                store.catalog.messages(new ReadMessages(id(session), Tenant.DEFAULT, 3, null)))
            .messages())
        .hasSize(3);
  }

  private void merge(String session) {
    BeginTurn turn = store.turn(session, "five");
    assertThat(StoreFixture.get(
            store.merge().offer(RedisMergeTest.turn(turn, "fünf", "token"), RedisMergeTest.THERE)))
        .isEqualTo(MergeTarget.Outcome.APPENDED);
    assertThat(store.replayed(turn).text()).isEqualTo("fünf");
  }

  private void drop(String session) {
    store.delete(session);
    assertThat(store.exists(session)).isFalse();
  }

  /** @return how many strays were mended */
  private int sweepAll() {
    store.indexed();
    int strays = 0;
    Swept swept;
    do {
      swept = StoreFixture.get(store.store.sweep(100, false));
      strays += swept.strays();
    } while (swept.more());
    return strays;
  }

  private static boolean has(RedisServer master, SessionScript script) {
    return ((List<?>) master.cli("SCRIPT", "EXISTS", script.sha())).get(0).equals(1L);
  }

  private static SessionId id(String session) {
    return new SessionId(session);
  }
}
