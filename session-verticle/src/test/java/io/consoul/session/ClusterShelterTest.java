package io.consoul.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.BeginTurn;
import io.consoul.message.DeleteSession;
import io.consoul.message.SessionId;
import io.consoul.message.Tenant;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.Collection;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayName("The shelter that a cluster shares")
class ClusterShelterTest {

  private static final String KEY = "default:s";

  private TwoMembers cluster;
  private Shelter one;
  private Shelter other;

  @BeforeEach
  void start(Vertx vertx) {
    cluster = new TwoMembers(vertx, new JsonObject().put("ttlSeconds", 100));
    one = shelter(vertx, 0);
    other = shelter(vertx, 1);
  }

  @AfterEach
  void end() {
    cluster.close();
  }

  @Test
  @DisplayName("goes on with a copy that it has taken in, with its pending turn, at any member")
  void adopted() {
    BeginTurn turn = cluster.turn("s", "two");
    MemorySession copy = copy(turn);

    TwoMembers.get(one.adopt(copy));
    assertThat(TwoMembers.get(other.holds(KEY))).isTrue();
    TwoMembers.get(other.store().seal(TwoMembers.sealOf(turn, lease(copy), "zwei")));
    TwoMembers.get(one.adopt(copy)); // it is here: nothing changes

    MemorySession session = TwoMembers.get(one.export(KEY)).session();
    assertThat(session.transcript().turns()).isEqualTo(2);
    assertThat(session.isUnmerged()).isTrue();
    assertThat(TwoMembers.get(one.release(KEY))).isFalse();
    TwoMembers.get(other.merged(TwoMembers.get(other.export(KEY)), 2));
    assertThat(TwoMembers.get(one.release(KEY))).isTrue();
    assertThat(TwoMembers.get(other.holds(KEY))).isFalse();
    assertThat(TwoMembers.get(other.export(KEY))).isNull();
  }

  @Test
  @DisplayName("keeps what is to be merged when its time is over, and when a member is killed")
  void kept() {
    BeginTurn turn = cluster.turn("s", "one");
    SessionStore.Begun.Granted granted =
        (SessionStore.Begun.Granted) TwoMembers.get(one.store().begin(turn, 1, "provider"));
    TwoMembers.get(other.store().seal(TwoMembers.sealOf(turn, granted.lease(), "eins")));
    assertThat(granted.historyUnavailable()).isTrue();

    cluster.clock.advance(Duration.ofSeconds(101));
    TwoMembers.get(one.store().sweep(10, false));
    TwoMembers.get(other.store().sweep(10, false));
    cluster.kill(1);
    cluster.awaitSafe();

    MemorySession session = TwoMembers.get(one.export(KEY)).session();
    assertThat(session.isPartial()).isTrue();
    assertThat(session.transcript().turns()).isEqualTo(1);
    Collection<String> guests = TwoMembers.get(one.guests());
    assertThat(guests).containsExactly(KEY);
  }

  @Test
  @DisplayName("remembers what was deleted until Redis has deleted it")
  void deleted() {
    TwoMembers.get(one.adopt(copy(cluster.turn("s", "two"))));
    TwoMembers.get(one.catalog().delete(new DeleteSession(new SessionId("s"), Tenant.DEFAULT)));
    TwoMembers.get(one.delete(KEY));

    Shelter.Guest guest = TwoMembers.get(other.export(KEY));
    assertThat(guest.session()).isNull();
    assertThat(guest.deleted()).isTrue();
    assertThat(guest.remade()).isTrue();
    assertThat(TwoMembers.get(other.release(KEY))).isFalse();
    TwoMembers.get(other.merged(TwoMembers.get(other.export(KEY)), 0));
    assertThat(TwoMembers.get(one.export(KEY)).deleted()).isFalse();
    assertThat(TwoMembers.get(one.release(KEY))).isTrue();
    assertThat(TwoMembers.get(one.holds(KEY))).isFalse();
  }

  private Shelter shelter(Vertx vertx, int member) {
    return new ClusterShelter(
        vertx,
        new ClusterStores(
            vertx,
            cluster.members.get(member),
            ClusterMaps.SHELTER,
            SessionConfig.from(new JsonObject().put("ttlSeconds", 100)),
            TwoMembers.PATIENCE,
            cluster.clock,
            cluster.random,
            () -> true,
            cluster.changes::add),
        "inbox " + member,
        () -> true);
  }

  /** Of a session in Redis with one turn, and this one pending. */
  private MemorySession copy(BeginTurn pending) {
    MemoryStore redis = new MemoryStore(
        SessionConfig.from(new JsonObject()), cluster.clock, new Random(2), change -> {});
    BeginTurn turn = cluster.turn("s", "one");
    SessionStore.Begun.Granted granted =
        (SessionStore.Begun.Granted) redis.begin(turn, 1, "provider").result();
    redis.seal(TwoMembers.sealOf(turn, granted.lease(), "eins")).result();
    redis.begin(pending, 1, "provider").result();
    MemorySession copy = redis.look(KEY);
    copy.stored(1);
    return copy;
  }

  private static SessionStore.Lease lease(MemorySession session) {
    return StoreAnswers.lease(session.pending().toJson());
  }
}
