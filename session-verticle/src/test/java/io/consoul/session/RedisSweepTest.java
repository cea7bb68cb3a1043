package io.consoul.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.Owner;
import io.consoul.message.Swept;
import io.consoul.message.Tenant;
import io.consoul.testkit.RedisServer;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The collection of garbage in Redis")
class RedisSweepTest {

  private static RedisServer server;

  private RedisGround ground;
  private final List<String> settled = new CopyOnWriteArrayList<>();
  private RedisSweep sweep;

  @BeforeAll
  static void startServer() {
    server = RedisServer.start("--save", "");
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @BeforeEach
  void open() {
    ground = ground();
    sweep = sweep();
  }

  @AfterEach
  void close() {
    ground.close();
  }

  @Test
  @DisplayName("ends turns whose provider is gone, and only these")
  void orphans() {
    lease("lost", -1_000, -1_000);
    lease("alive", 50_000, 50_000);
    lease("renewed", -1_000, 50_000);
    ground.write("over");
    running("over", -1_000);
    running("never there", -1_000);
    ground.send(Command.ZADD, ground.keys.running(), 1, "no session");

    assertThat(step(10, true)).isEqualTo(new Swept(0, 1, 1, false));

    assertThat(settled).containsExactly("lost");
    assertThat(ground.members(ground.keys.running()))
        .containsExactlyInAnyOrder("default:alive", "default:renewed");
    assertThat(ground.score(ground.keys.running(), "default:renewed"))
        .isGreaterThan(ground.redisTime());
    assertThat(step(10, true)).isEqualTo(new Swept(0, 0, 0, false));
  }

  @Test
  @DisplayName("ends at most so many turns in a step")
  void limit() {
    for (int i = 0; i < 5; i++) {
      lease("s" + i, -1_000, -1_000);
    }

    assertThat(step(2, true)).isEqualTo(new Swept(0, 2, 0, true));
    assertThat(step(2, true)).isEqualTo(new Swept(0, 2, 0, true));
    assertThat(step(2, true)).isEqualTo(new Swept(0, 1, 0, false));
  }

  @Test
  @DisplayName("goes on to the next turn when one cannot be ended, and tries that one again later")
  void notToBeEnded() {
    lease("bad", -2_000, -2_000);
    lease("good", -1_000, -1_000);

    assertThat(step(1, true)).isEqualTo(new Swept(0, 0, 0, true));
    assertThat(step(1, true)).isEqualTo(new Swept(0, 1, 0, true));
    assertThat(step(1, true)).isEqualTo(new Swept(0, 0, 0, false));

    assertThat(settled).containsExactly("good");
    assertThat(ground.members(ground.keys.running())).containsExactly("default:bad");
  }

  @Test
  @DisplayName("forgets sessions that have expired, tells of each, and mends when the others do")
  void expired() {
    for (String session : List.of("gone", "odd {%} ü", "later", "fine")) {
      ground.write(session, "one", "eins");
    }
    long now = ground.redisTime();
    indexed("gone", -1_000);
    indexed("odd {%} ü", -1_000);
    indexed("later", -1_000);
    indexed("fine", 50_000);
    drop("gone");
    drop("odd {%} ü");

    assertThat(collect(10)).isEqualTo(new Swept(2, 0, 0, false));

    assertThat(ground.told()).containsExactlyInAnyOrder("gone EXPIRED", "odd {%} ü EXPIRED");
    assertThat(ground.members(ground.keys.index()))
        .containsExactly("default:fine", "default:later");
    assertThat(ground.score(ground.keys.index(), "default:later"))
        .isBetween(now + RedisGround.TTL_MILLIS - 10_000, now + RedisGround.TTL_MILLIS + 10_000);
    assertThat(ground.members(ground.keys.list(RedisGround.LIST)))
        .containsExactlyInAnyOrder("fine", "later");
  }

  @Test
  @DisplayName(
      "drops what was left of sessions, gives a time to live to what has none, and lists what is not listed")
  void strays() {
    ground.write("early", "one", "eins");
    indexed("early", 50_000);
    drop("early");

    ground.write("unlisted", "one", "eins");

    ground.write("eternal", "one", "eins");
    indexed("eternal", 50_000);
    ground.send(Command.PERSIST, ground.of("eternal").head());
    ground.send(Command.PERSIST, ground.of("eternal").messages());

    ground.write("headless", "one", "eins");
    ground.pend("headless", ground.redisTime() + 50_000);
    ground.send(Command.DEL, ground.of("headless").head());

    ground.write("journal", "one", "eins");
    indexed("journal", 50_000);
    ground.send(Command.RPUSH, ground.of("journal").journal(), "0 said");

    ground.write("no end", "one", "eins");
    indexed("no end", 50_000);
    ground.pend("no end", 0);
    ground.send(Command.HDEL, ground.of("no end").lease(), "until");

    ground.write("ruined", "one", "eins");
    indexed("ruined", 50_000);
    ground.send(Command.HSET, ground.of("ruined").lease(), "turn", "x");

    ground.send(Command.HSET, ground.of("grave").grave(), "fence", 1);
    ground.send(Command.HSET, ground.of("waiters").waiters(), "inbox", "1 1");

    Swept swept = collect(3);

    assertThat(swept).isEqualTo(new Swept(0, 1, 1 + 1 + 2 + 3 + 1 + 1 + 1 + 1 + 1, false));
    assertThat(ground.told()).containsExactly("early EXPIRED");
    assertThat(settled).containsExactly("no end");
    assertThat(ground.members(ground.keys.index()))
        .containsExactlyInAnyOrder(
            "default:unlisted",
            "default:eternal",
            "default:journal",
            "default:no%20end",
            "default:ruined");
    assertThat(ground.members(ground.keys.list(RedisGround.LIST)))
        .containsExactlyInAnyOrder("unlisted", "eternal", "journal", "no end", "ruined");
    assertThat(ground.left(ground.of("eternal").head())).isPositive();
    assertThat(ground.left(ground.of("eternal").messages())).isPositive();
    assertThat(ground.left(ground.of("grave").grave())).isBetween(500_000L, 600_000L);
    assertThat(ground.left(ground.of("waiters").waiters())).isBetween(50_000L, 60_000L);
    assertThat(ground.exists(ground.of("headless").lease())).isFalse();
    assertThat(ground.exists(ground.of("headless").messages())).isFalse();
    assertThat(ground.exists(ground.of("journal").journal())).isFalse();
    assertThat(ground.exists(ground.of("ruined").lease())).isFalse();
    assertThat(collect(3)).as("all is mended").isEqualTo(new Swept(0, 0, 0, false));
  }

  @Test
  @DisplayName(
      "finds the list of a session's owner: of one that is gone, and of one that is in none")
  void owners() {
    ground.write("gone", "one", "eins");
    owned("gone", "key-1", -1_000);
    drop("gone");
    ground.write("early", "one", "eins");
    owned("early", "key-1", 50_000);
    drop("early");
    ground.write("unlisted", "one", "eins");
    ground.send(Command.HSET, ground.of("unlisted").head(), "owner", "key-1");
    ground.write("listed", "one", "eins");
    owned("listed", "key-1", 50_000);

    assertThat(collect(10)).isEqualTo(new Swept(1, 0, 2, false));

    assertThat(ground.told()).containsExactlyInAnyOrder("gone EXPIRED", "early EXPIRED");
    assertThat(ground.members(list("key-1"))).containsExactlyInAnyOrder("unlisted", "listed");
    assertThat(ground.members(ground.keys.list(RedisGround.LIST))).isEmpty();
    assertThat(ground.members(ground.keys.index()))
        .containsExactlyInAnyOrder("default.key-1:unlisted", "default.key-1:listed");
    assertThat(collect(10)).as("all is mended").isEqualTo(new Swept(0, 0, 0, false));
  }

  @Test
  @DisplayName(
      "drops what was left of a session in another list than that of the one that has its name now")
  void madeAnewInAnotherList() {
    ground.write("s", "one", "eins");
    owned("s", "key-1", -1_000);
    indexed("s", -1_000);
    owned("s", "key-2", 50_000);
    running("s", 50_000);

    assertThat(collect(10)).isEqualTo(new Swept(0, 0, 2, false));

    assertThat(ground.told()).isEmpty();
    assertThat(ground.members(ground.keys.index())).containsExactly("default.key-2:s");
    assertThat(ground.members(ground.keys.running())).containsExactly("default:s");
    assertThat(ground.members(list("key-1"))).isEmpty();
    assertThat(ground.members(ground.keys.list(RedisGround.LIST))).isEmpty();
    assertThat(ground.members(list("key-2"))).containsExactly("s");
  }

  /** A session's entries in the list of an owner, who is that of the session from now on. */
  private void owned(String session, String owner, long in) {
    ground.send(Command.HSET, ground.of(session).head(), "owner", owner);
    ground.send(
        Command.ZADD,
        ground.keys.index(),
        ground.redisTime() + in,
        RedisKeys.member("default." + owner + ":" + session));
    ground.send(Command.ZADD, list(owner), -1_700_000_000_000L, session);
  }

  private String list(String owner) {
    return ground.keys.list(new ListName(Tenant.DEFAULT, new Owner(owner)));
  }

  @Test
  @DisplayName("finds a turn whose provider is gone though no index knows it")
  void unknownOrphan() {
    ground.write("s", "one", "eins");
    indexed("s", 50_000);
    ground.pend("s", ground.redisTime() - 1_000);

    assertThat(collect(10)).isEqualTo(new Swept(0, 1, 0, false));
    assertThat(settled).containsExactly("s");
  }

  @Test
  @DisplayName(
      "leaves alone what lives: a turn in progress, a batch before its session, a session just made")
  void living() {
    ground.write("running", "one", "eins");
    indexed("running", 50_000);
    ground.pend("running", ground.redisTime() + 50_000);
    String reserved = ground.of("reserved").lease();
    ground.send(
        Command.HSET,
        reserved,
        "batch",
        "b",
        "batch_until",
        ground.redisTime() + 50_000,
        "batch_closing",
        "",
        "lasts",
        60_000);
    ground.send(Command.PEXPIRE, reserved, 60_000);
    ground.write("young", "one", "eins");
    ground.send(Command.HSET, ground.of("young").head(), "updated", ground.redisTime());

    assertThat(collect(10)).isEqualTo(new Swept(0, 0, 0, false));

    assertThat(ground.exists(ground.of("running").journal())).isTrue();
    assertThat(ground.exists(reserved)).isTrue();
    assertThat(ground.members(ground.keys.index())).containsExactly("default:running");
    assertThat(ground.members(ground.keys.running())).containsExactly("default:running");
  }

  @Test
  @DisplayName("drops no entry that has changed since it was looked at, and sets none back")
  void changedMeanwhile() {
    SweepEntries index = new SweepEntries(ground.redis, ground.keys.index());
    ground.send(Command.ZADD, ground.keys.index(), 1, "a", 2, "b");
    List<SweepEntries.Entry> seen =
        ground.get(() -> index.scores(List.of("a", "b", "never there")));
    ground.send(Command.ZADD, ground.keys.index(), 100, "b");

    assertThat(ground.get(() -> index.drop(seen))).containsExactly(new SweepEntries.Entry("a", 1));
    ground.get(() ->
        index.postpone(List.of(new SweepEntries.Entry("b", 50), new SweepEntries.Entry("a", 50))));
    ground.get(() -> index.add(List.of(new SweepEntries.Entry("b", 70))));
    assertThat(ground.members(ground.keys.index())).containsExactly("b");
    assertThat(ground.score(ground.keys.index(), "b")).isEqualTo(100);
  }

  @Test
  @DisplayName("touches no keys but its own")
  void others() {
    RedisGround other = ground();
    other.send(Command.RPUSH, other.of("s").messages(), "not ours");
    String epoch = ground.prefix + "epoch";
    ground.send(Command.SET, epoch, "epoch");

    assertThat(collect(10)).isEqualTo(new Swept(0, 0, 0, false));

    assertThat(other.exists(other.of("s").messages())).isTrue();
    assertThat(ground.exists(epoch)).isTrue();
    assertThat(ground.exists(ground.keys.collector())).isFalse();
    other.close();
  }

  @Test
  @DisplayName("is done by one instance at a time; another one takes over when that does not go on")
  void oneCollector() {
    for (int i = 0; i < 4; i++) {
      lease("s" + i, -1_000, -1_000);
    }
    RedisSweep other = sweep();

    assertThat(step(2, false).more()).isTrue();
    assertThat(ground.get(() -> other.sweep(10, false))).isEqualTo(new Swept(0, 0, 0, false));
    assertThat(ground.left(ground.keys.collector())).isBetween(10_000L, 15_000L);

    ground.send(Command.DEL, ground.keys.collector()); // its time is over
    assertThat(ground.get(() -> other.sweep(10, true))).isEqualTo(new Swept(0, 2, 0, false));
    assertThat(ground.exists(ground.keys.collector())).isFalse();
  }

  @Test
  @DisplayName("does one step at a time, however often it is asked")
  void oneStep() {
    lease("s", -1_000, -1_000);

    List<Future<Swept>> steps = new CopyOnWriteArrayList<>();
    ground.get(() -> {
      steps.add(sweep.sweep(10, true));
      steps.add(sweep.sweep(10, true));
      return Future.all(steps);
    });

    assertThat(steps.get(0).result()).isEqualTo(new Swept(0, 1, 0, false));
    assertThat(steps.get(1).result()).isEqualTo(new Swept(0, 0, 0, false));
  }

  /** Keys of its own in whichever Redis it is. */
  RedisGround ground() {
    return new RedisGround(server);
  }

  private RedisSweep sweep() {
    return new RedisSweep(
        ground.redis,
        ground.keys,
        Duration.ofMillis(RedisGround.TTL_MILLIS),
        (tenant, session) -> {
          if (session.value().equals("bad")) {
            return Future.failedFuture(new IllegalStateException("cannot"));
          }
          settled.add(session.value());
          return ground.settlement.settle(tenant, session);
        },
        ground.changes::add);
  }

  private Swept step(int limit, boolean orphansOnly) {
    return ground.get(() -> sweep.sweep(limit, orphansOnly));
  }

  /** All steps of a full collection together. */
  private Swept collect(int limit) {
    int expired = 0;
    int orphans = 0;
    int strays = 0;
    Swept step;
    do {
      step = step(limit, false);
      expired += step.expired();
      orphans += step.orphans();
      strays += step.strays();
    } while (step.more());
    return new Swept(expired, orphans, strays, false);
  }

  /** A turn in progress, its lease and what the index says of it in milliseconds from now. */
  private void lease(String session, long indexed, long until) {
    ground.write(session);
    ground.pend(session, ground.redisTime() + until);
    running(session, indexed);
  }

  private void running(String session, long in) {
    ground.send(
        Command.ZADD,
        ground.keys.running(),
        ground.redisTime() + in,
        RedisKeys.member("default:" + session));
  }

  private void indexed(String session, long in) {
    ground.send(
        Command.ZADD,
        ground.keys.index(),
        ground.redisTime() + in,
        RedisKeys.member("default:" + session));
    ground.send(Command.ZADD, ground.keys.list(RedisGround.LIST), -1_700_000_000_000L, session);
  }

  private void drop(String session) {
    ground.send(Command.DEL, ground.of(session).head(), ground.of(session).messages());
  }
}
