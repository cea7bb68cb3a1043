package io.consoul.session;

import static io.consoul.session.SessionNode.assertFault;
import static io.consoul.session.TwoMembers.get;
import static io.consoul.session.TwoMembers.sealOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.AttachTurn;
import io.consoul.message.Batch;
import io.consoul.message.BeginTurn;
import io.consoul.message.DeleteSession;
import io.consoul.message.Heard;
import io.consoul.message.Listener;
import io.consoul.message.Owner;
import io.consoul.message.ReadSession;
import io.consoul.message.SessionChanged;
import io.consoul.message.SessionId;
import io.consoul.message.Swept;
import io.consoul.message.Tenant;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The store that a cluster shares")
class ClusterStoreTest {

  private static Vertx vertx;
  private static TwoMembers cluster;

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
    get(vertx.close());
  }

  @BeforeEach
  void start() {
    cluster = TwoMembers.fresh(
        cluster,
        vertx,
        new JsonObject()
            .put("ttlSeconds", 100)
            .put("leaseSeconds", 5)
            .put("memory", new JsonObject().put("maxSessions", 5)));
  }

  @Test
  @DisplayName("is the same at every member, whoever holds the session")
  void same() {
    for (String session : List.of(cluster.sessionAt(0), cluster.sessionAt(1))) {
      cluster.say(0, session, "one", "eins");
      BeginTurn turn = cluster.turn(session, "two");

      var granted = cluster.granted(1, turn);

      assertThat(granted.history().stream().map(message -> message.content()))
          .containsExactly("one", "eins", "two");
      assertThat(cluster.begin(0, cluster.turn(session, "three")))
          .isEqualTo(new SessionStore.Begun.Busy());
      cluster.seal(0, turn, granted.lease(), "zwei");
      assertThat(cluster.history(1, session))
          .containsExactly("user one", "assistant eins", "user two", "assistant zwei");
    }
  }

  @Test
  @DisplayName("has every acknowledged turn and the pending one when a member is killed")
  void killed() {
    String session = cluster.sessionAt(1);
    cluster.say(0, session, "one", "eins");
    cluster.say(1, session, "two", "zwei");
    BeginTurn turn = cluster.turn(session, "three");
    var lease = cluster.granted(1, turn).lease();
    cluster.progress(1, turn, lease, "dr");

    cluster.kill(1);

    Future<?> sealed = patiently(() -> cluster.store(0).seal(sealOf(turn, lease, "drei")));
    assertThat(sealed.succeeded()).isTrue();
    assertThat(cluster.history(0, session))
        .containsExactly(
            "user one",
            "assistant eins",
            "user two",
            "assistant zwei",
            "user three",
            "assistant drei");
    assertThat(cluster.list(0)).containsExactly(session);
  }

  @Test
  @DisplayName("settles the turn of a holder that is gone, with what it said until then")
  void orphan() {
    String session = cluster.sessionAt(1);
    BeginTurn turn = cluster.turn(session, "one");
    cluster.progress(1, turn, cluster.granted(1, turn).lease(), "ei");
    cluster.kill(1);
    cluster.clock.advance(Duration.ofSeconds(5));

    Swept nothing = new Swept(0, 0, false); // until what was copied has taken its place
    Swept swept =
        await().until(() -> get(cluster.store(0).sweep(10, true)), step -> !step.equals(nothing));
    assertThat(swept).isEqualTo(new Swept(0, 1, false));

    assertThat(cluster.history(0, session)).containsExactly("user one", "assistant ei");
    cluster.say(0, session, "two", "zwei");
  }

  @Test
  @DisplayName(
      "takes a pending turn, a reservation, a grave and what is repeated along to a member that joins")
  void migration() {
    List<BeginTurn> turns = new ArrayList<>();
    List<SessionStore.Lease> leases = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      String session = "m" + i;
      cluster.say(0, session, "one", "eins");
      BeginTurn deleted = cluster.turn(session, "deleted");
      cluster.granted(0, deleted);
      get(cluster.catalog(0).delete(new DeleteSession(deleted.session(), Tenant.DEFAULT)));
      BeginTurn turn = cluster.turn(session, "two").in(new Batch("batch", false));
      SessionStore.Lease lease = cluster.granted(0, turn).lease();
      cluster.progress(0, turn, lease, "zw");
      turns.add(turn);
      leases.add(lease);
      turns.add(deleted);
      leases.add(lease);
    }

    cluster.add();
    cluster.awaitSafe();
    cluster.members.get(0).shutdown();
    cluster.members.get(1).shutdown();

    for (int i = 0; i < turns.size(); i += 2) {
      BeginTurn turn = turns.get(i);
      BeginTurn deleted = turns.get(i + 1);
      assertFault(Fault.SESSION_NOT_FOUND, () -> cluster.begin(2, deleted));
      assertThat(cluster.begin(2, turn)).isInstanceOf(SessionStore.Known.Pending.class);
      cluster.seal(2, turn, leases.get(i), "zwei");
      assertThat(cluster.history(2, turn.session().value()))
          .containsExactly("user two", "assistant zwei");
      assertThat(cluster.begin(2, cluster.turn(turn.session().value(), "of nobody's batch")))
          .isEqualTo(new SessionStore.Begun.Busy(Duration.ofSeconds(5)));
    }
    assertThat(cluster.list(2)).hasSize(40);
  }

  @Test
  @DisplayName("lets one turn of a session run at a time, and keeps all in the order of their ends")
  void contention() {
    String session = "s";
    ConcurrentLinkedQueue<String> ended = new ConcurrentLinkedQueue<>();
    List<Future<?>> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      int number = i;
      all.add(run(i % 2, cluster.turn(session, "question " + i), "answer " + i)
          .onSuccess(done -> ended.add("answer " + number)));
    }
    get(Future.all(all));

    List<String> history = cluster.history(0, session);
    assertThat(history).hasSize(40).isEqualTo(cluster.history(1, session));
    for (int i = 0; i < history.size(); i += 2) {
      assertThat(history.get(i + 1))
          .isEqualTo(history.get(i).replace("user question", "assistant answer"));
    }
    assertThat(ended).hasSize(20);
  }

  @Test
  @DisplayName("gives a step that is asked for twice the result of the first time")
  void repeatedStep() {
    cluster.say(0, "s", "one", "eins");
    BeginTurn turn = cluster.turn("s", "two");
    CellStep step = new CellStep(
        CellStep.Kind.BEGIN,
        turn,
        new JsonObject().put("tokens", 1).put("provider", "provider"),
        Terms.encoded(SessionConfig.from(new JsonObject())),
        cluster.clock.instant(),
        new byte[Leases.TOKEN_BYTES]);

    var first = StoreAnswers.begun(cells(0).executeOnKey("default:s", step));
    var second = StoreAnswers.begun(cells(1).executeOnKey("default:s", step));

    assertThat(first).isInstanceOf(SessionStore.Begun.Granted.class).isEqualTo(second);
  }

  @Test
  @DisplayName("has a turn with whoever has taken it over when a member is killed")
  void takenOverBeforeTheKill() {
    String session = cluster.sessionAt(1);
    BeginTurn turn = cluster.turn(session, "one");
    var lease = cluster.granted(1, turn).lease();
    cluster.progress(1, turn, lease, "ei");
    CellStep step = takeOver(turn, lease);
    String key = turn.sessionKey();
    var won = StoreAnswers.takeover(cells(0).executeOnKey(key, step));

    cluster.kill(1);

    assertThat(won).isInstanceOf(Takeovers.Takeover.Won.class);
    assertThat(StoreAnswers.takeover(cells(0).executeOnKey(key, step))).isEqualTo(won);
    var taken = ((Takeovers.Takeover.Won) won).granted().lease();
    assertFault(
        Fault.SESSION_LOCKED, () -> get(cluster.store(0).seal(sealOf(turn, lease, "einer"))));
    cluster.seal(0, turn, taken, "eins");
    AttachTurn attach =
        new AttachTurn(turn.turn(), turn.tenant(), 4, 0, null, new Listener("listener", 100));
    var ended = (SessionStore.Known.Ended) get(cluster.store(0).find(attach));
    assertThat(ended.replayed().text()).isEqualTo("s");
    assertThat(ended.replayed().cuts()).isOne();
  }

  @Test
  @DisplayName(
      "forgets sessions when their time is over, each once, and all that was remembered of them")
  void expires() {
    for (int i = 0; i < 10; i++) {
      cluster.say(i % 2, "s" + i, "one", "eins");
    }
    cluster.clock.advance(Duration.ofSeconds(101));

    assertThat(cluster.list(0)).isEmpty();
    Swept first = get(cluster.store(0).sweep(100, false));
    Swept second = get(cluster.store(1).sweep(100, false));

    assertThat(first.expired() + second.expired()).isEqualTo(10);
    assertThat(get(cluster.catalog(1).count())).isZero();
    assertThat(cells(0).size()).isZero();
    assertThat(cluster.changes.stream().map(SessionChanged::change))
        .filteredOn(change -> change == SessionChanged.Change.EXPIRED)
        .hasSize(10);
  }

  @Test
  @DisplayName("sweeps in steps and says whether there is more")
  void steps() {
    String session = cluster.sessionAt(0);
    cluster.say(0, session, "one", "eins");
    cluster.say(0, session, "two", "zwei");
    for (int i = 0; i < 20; i++) {
      cluster.say(0, "s" + i, "one", "eins");
    }
    cluster.clock.advance(Duration.ofSeconds(101));

    Swept step = get(cluster.store(0).sweep(2, false));

    assertThat(step.expired()).isEqualTo(2);
    assertThat(step.more()).isTrue();
  }

  @Test
  @DisplayName("lists what a lost member has left unlisted, and leaves out what is not there")
  void listRepaired() {
    cluster.say(0, "unlisted", "one", "eins");
    cluster.say(0, "gone", "one", "eins");
    Owner owner = new Owner("key-1");
    BeginTurn owned = cluster.turn("owned", "one").of(owner);
    cluster.seal(0, owned, cluster.granted(0, owned).lease(), "eins");
    lists(0).clear();
    cells(0).delete("default:gone");
    assertThat(cluster.list(1)).isEmpty();

    get(cluster.store(0).sweep(100, false));
    get(cluster.store(1).sweep(100, false));
    assertThat(cluster.list(1)).containsExactly("unlisted");
    assertThat(cluster.list(1, owner)).containsExactly("owned");

    cells(0).delete("default:owned");
    assertThat(cluster.list(1, owner)).isEmpty();
    cells(0).delete("default:unlisted");
    assertThat(cluster.list(1)).isEmpty();
    await().until(() -> get(cluster.catalog(0).count()) == 0);
  }

  @Test
  @DisplayName("refuses new sessions when it is full, and drops none of those it has")
  void full() {
    for (int i = 0; i < 10; i++) {
      cluster.say(0, "s" + i, "one", "eins");
    }
    get(cluster.stores.get(0).room().look());

    assertFault(
        Fault.SESSION_STORAGE_UNAVAILABLE, () -> cluster.begin(0, cluster.turn("new", "one")));
    cluster.say(0, "s0", "two", "zwei");
    assertThat(get(cluster.catalog(0).count())).isEqualTo(10);

    cluster.clock.advance(Duration.ofSeconds(101));
    get(cluster.stores.get(0).room().look());
    get(cluster.stores.get(1).room().look());
    get(cluster.stores.get(0).room().look());
    cluster.say(0, "new", "one", "eins");
  }

  @Test
  @DisplayName("fails with E110 when its own member is gone")
  void memberGone() {
    cluster.kill(0);

    FaultException refused = org.assertj.core.api.Assertions.catchThrowableOfType(
        FaultException.class, () -> cluster.begin(0, cluster.turn("s", "one")));

    assertThat(refused.fault()).isEqualTo(Fault.SESSION_STORAGE_UNAVAILABLE);
    assertThat(refused.retryAfter()).isPositive();
  }

  @Test
  @DisplayName("knows no session that there is not")
  void unknown() {
    assertFault(
        Fault.SESSION_NOT_FOUND,
        () -> get(cluster.catalog(0).read(new ReadSession(new SessionId("no"), Tenant.DEFAULT))));
    assertThat(cells(0).size()).isZero();
  }

  private CellStep takeOver(BeginTurn turn, SessionStore.Lease given) {
    byte[] token = new byte[Leases.TOKEN_BYTES];
    token[0] = 1;
    return new CellStep(
        CellStep.Kind.TAKE_OVER,
        null,
        StoreAnswers.json(new Takeovers.TakeOver(
            TurnKey.of(turn),
            given.fence(),
            given.token(),
            null,
            new Heard(given.fence(), 2, "n"),
            "another")),
        Terms.encoded(SessionConfig.from(new JsonObject())),
        cluster.clock.instant(),
        token);
  }

  /** Begins as soon as it may, says something, and ends. */
  private Future<Void> run(int member, BeginTurn turn, String answer) {
    return cluster
        .store(member)
        .begin(turn, 1, "provider")
        .compose(begun -> begun instanceof SessionStore.Begun.Granted granted
            ? cluster
                .store(1 - member)
                .seal(sealOf(turn, granted.lease(), answer))
                .<Void>mapEmpty()
            : run(member, turn, answer));
  }

  /** As a provider does with its seal: again while the store cannot be reached. */
  private static Future<?> patiently(java.util.function.Supplier<Future<?>> step) {
    List<Future<?>> last = new ArrayList<>();
    await().until(() -> {
      Future<?> tried = step.get();
      await().until(tried::isComplete);
      last.add(tried);
      return tried.succeeded();
    });
    return last.get(last.size() - 1);
  }

  private com.hazelcast.map.IMap<String, Cell> cells(int member) {
    return cluster.members.get(member).getMap(ClusterMaps.SESSIONS);
  }

  private com.hazelcast.map.IMap<Integer, ListBucket> lists(int member) {
    return cluster.members.get(member).getMap(ClusterMaps.listOf(ClusterMaps.SESSIONS));
  }
}
