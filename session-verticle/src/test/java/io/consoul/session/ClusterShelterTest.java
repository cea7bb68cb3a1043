package io.consoul.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.BeginTurn;
import io.consoul.message.ChatMessage;
import io.consoul.message.DeleteSession;
import io.consoul.message.SessionId;
import io.consoul.message.Tenant;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The shelter that a cluster shares")
class ClusterShelterTest {

  private static final String KEY = "default:s";

  private static Vertx vertx;
  private static TwoMembers cluster;
  private Shelter one;
  private Shelter other;

  @BeforeAll
  static void openVertx() {
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void end() {
    if (cluster != null) {
      cluster.close();
      cluster = null;
    }
    TwoMembers.get(vertx.close());
  }

  @BeforeEach
  void start() {
    cluster = TwoMembers.fresh(cluster, vertx, new JsonObject().put("ttlSeconds", 100));
    one = shelter(0);
    other = shelter(1);
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

  @Test
  @DisplayName(
      "of two copies has the one with more turns, and what was said in the shelter after it")
  void fuller() {
    MemorySession older = copy(null, "one");
    MemorySession newer = copy(null, "one", "two");
    TwoMembers.get(one.adopt(older));
    say(other, "three", "drei");

    TwoMembers.get(other.adopt(newer));
    TwoMembers.get(one.adopt(older));

    MemorySession session = TwoMembers.get(one.export(KEY)).session();
    assertThat(said(session)).containsExactly("one", "two", "three");
    assertThat(session.unmerged()).isEqualTo(2);
    assertThat(session.isPartial()).isFalse();
  }

  @Test
  @DisplayName(
      "of two copies with the same turn in progress goes on with the one that took it over")
  void takenOverBefore() {
    BeginTurn turn = cluster.turn("s", "two");
    MemorySession former = copy(turn);
    MemorySession newer = MemorySession.fromJson(former.toJson());
    SessionStore.Lease lease = new SessionStore.Lease(former.fence() + 1_000, "newer");
    newer.pending().goOnAfter("zw");
    newer.pending().hold(lease, "another", cluster.clock.instant().plusSeconds(5));

    TwoMembers.get(one.adopt(former));
    TwoMembers.get(other.adopt(newer));
    TwoMembers.get(one.adopt(former));

    assertThat(TwoMembers.get(other.export(KEY)).session().pending().cuts().count())
        .isOne();
    SessionStore.Lease next = TwoMembers.get(one.store().reassign(turn, lease, "a third"));
    assertThat(next.fence()).isGreaterThan(lease.fence());
  }

  @Test
  @DisplayName("gives a session that began without its history the copy that is found later")
  void foundLater() {
    BeginTurn turn = cluster.turn("s", "two");
    SessionStore.Begun.Granted granted =
        (SessionStore.Begun.Granted) TwoMembers.get(one.store().begin(turn, 1, "provider"));
    assertThat(granted.historyUnavailable()).isTrue();

    TwoMembers.get(other.adopt(copy(null, "one")));
    TwoMembers.get(one.store().seal(TwoMembers.sealOf(turn, granted.lease(), "zwei")));

    MemorySession session = TwoMembers.get(other.export(KEY)).session();
    assertThat(said(session)).containsExactly("one", "two");
    assertThat(session.unmerged()).isEqualTo(1);
  }

  @Test
  @DisplayName("takes in no copy of a session that was deleted in it")
  void staysDeleted() {
    MemorySession late = copy(null, "one");
    TwoMembers.get(one.adopt(copy(null, "one")));
    TwoMembers.get(one.catalog().delete(new DeleteSession(new SessionId("s"), Tenant.DEFAULT)));
    TwoMembers.get(one.delete(KEY));

    TwoMembers.get(other.adopt(late));

    assertThat(TwoMembers.get(one.export(KEY)).session()).isNull();
  }

  @Test
  @DisplayName("has yet to see deleted what was deleted while it was merged")
  void deletedMeanwhile() {
    say(one, "one", "eins");
    Shelter.Guest before = TwoMembers.get(one.export(KEY));
    TwoMembers.get(other.catalog().delete(new DeleteSession(new SessionId("s"), Tenant.DEFAULT)));
    TwoMembers.get(other.delete(KEY));

    TwoMembers.get(one.merged(before, 1));

    assertThat(TwoMembers.get(one.release(KEY))).isFalse();
    Shelter.Guest guest = TwoMembers.get(one.export(KEY));
    assertThat(guest.deleted()).isTrue();
    TwoMembers.get(one.delete(KEY));
    TwoMembers.get(other.merged(guest, 0));
    assertThat(TwoMembers.get(other.release(KEY))).isFalse();
    TwoMembers.get(other.merged(TwoMembers.get(one.export(KEY)), 0));
    assertThat(TwoMembers.get(other.release(KEY))).isTrue();
  }

  @Test
  @DisplayName("lets one instance merge a session at a time, and another one when that is gone")
  void claimed() {
    say(one, "one", "eins");

    assertThat(TwoMembers.get(one.claim(KEY))).isTrue();
    assertThat(TwoMembers.get(one.claim(KEY))).isTrue();
    assertThat(TwoMembers.get(other.claim(KEY))).isFalse();
    cluster.clock.advance(Duration.ofMillis(Stay.CLAIM_MILLIS + 1));
    assertThat(TwoMembers.get(other.claim(KEY))).isTrue();
    TwoMembers.get(other.release(KEY));
    assertThat(TwoMembers.get(one.claim(KEY))).isTrue();
  }

  @Test
  @DisplayName("has no guests when all are merged, and each is one member's own")
  void guests() {
    say(one, "one", "eins");
    Collection<String> all = new ArrayList<>(TwoMembers.get(one.own()));
    all.addAll(TwoMembers.get(other.own()));
    assertThat(all).containsExactly(KEY);
    assertThat(TwoMembers.get(one.guests())).isEqualTo(TwoMembers.get(other.guests()));

    TwoMembers.get(one.merged(TwoMembers.get(one.export(KEY)), 1));
    assertThat(TwoMembers.get(other.release(KEY))).isTrue();

    assertThat(TwoMembers.get(one.guests())).isEmpty();
    assertThat(TwoMembers.get(other.guests())).isEmpty();
  }

  private void say(Shelter shelter, String text, String answer) {
    BeginTurn turn = cluster.turn("s", text);
    SessionStore.Begun.Granted granted =
        (SessionStore.Begun.Granted) TwoMembers.get(shelter.store().begin(turn, 1, "provider"));
    TwoMembers.get(shelter.store().seal(TwoMembers.sealOf(turn, granted.lease(), answer)));
  }

  private static List<String> said(MemorySession session) {
    return session.transcript().messages().stream()
        .filter(message -> message.message().role() == ChatMessage.Role.USER)
        .map(message -> message.message().content())
        .toList();
  }

  private Shelter shelter(int member) {
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
    return copy(pending, "one");
  }

  /** @param pending may be null */
  private MemorySession copy(BeginTurn pending, String... stored) {
    MemoryStore redis = new MemoryStore(
        SessionConfig.from(new JsonObject()), cluster.clock, new Random(2), change -> {});
    for (String text : stored) {
      BeginTurn turn = cluster.turn("s", text);
      SessionStore.Begun.Granted granted =
          (SessionStore.Begun.Granted) redis.begin(turn, 1, "provider").result();
      redis.seal(TwoMembers.sealOf(turn, granted.lease(), "eins")).result();
    }
    if (pending != null) {
      redis.begin(pending, 1, "provider").result();
    }
    MemorySession copy = redis.look(KEY);
    copy.stored(stored.length);
    return copy;
  }

  private static SessionStore.Lease lease(MemorySession session) {
    return StoreAnswers.lease(session.pending().toJson());
  }
}
