package io.consoul.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.BeginTurn;
import io.consoul.message.Swept;
import io.consoul.message.TokenCounter;
import io.consoul.testkit.RedisServer;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A collection in a Redis with many sessions")
class RedisCollectionTest {

  private static final int SESSIONS = 10_000;
  private static final int STRAYS = 100;
  private static final long LONG_AGO = 1_700_000_000_000L;
  private static final int SLOW_MICROS = 50_000;

  private RedisServer server;
  private RedisFixture fixture;
  private final List<Future<Response>> sent = new ArrayList<>();
  private final List<Runnable> later = new ArrayList<>();

  @BeforeEach
  void open() {
    server = RedisServer.start("--appendonly", "no");
    fixture =
        new RedisFixture(server, new JsonObject().put("ttlSeconds", 1_000).put("leaseSeconds", 60));
  }

  @AfterEach
  void close() {
    fixture.close();
    server.close();
  }

  @Test
  @DisplayName("is right in the end, in short steps, and holds up no turn")
  void tenThousand() throws Exception {
    write();
    TokenCounter.load(); // else the first turn waits for it
    fixture.send(Command.CONFIG, "SET", "slowlog-log-slower-than", SLOW_MICROS);
    fixture.send(Command.SLOWLOG, "RESET");
    fixture.send(Command.CONFIG, "RESETSTAT");
    AtomicBoolean collected = new AtomicBoolean();
    CompletableFuture<List<Long>> traffic = CompletableFuture.supplyAsync(() -> talk(collected));

    Swept swept = collect();
    collected.set(true);

    List<Long> turns = traffic.get();
    assertThat(swept.expired()).isEqualTo(SESSIONS / 4);
    assertThat(swept.orphans()).as("of two kinds").isEqualTo(2 * STRAYS);
    assertThat(swept.strays()).isEqualTo(SESSIONS / 4 + 6 * STRAYS);
    assertThat(fixture.changes.stream().map(CatalogContract::line))
        .filteredOn(line -> line.endsWith("EXPIRED"))
        .hasSize(SESSIONS / 2)
        .doesNotHaveDuplicates();
    fixture.indexed();
    int left = SESSIONS / 2 + 4 * STRAYS + 1;
    assertThat(fixture.send(Command.ZCARD, fixture.keys.index()).toInteger()).isEqualTo(left);
    assertThat(fixture.send(Command.ZCARD, fixture.keys.list(RedisGround.LIST)).toInteger())
        .isEqualTo(left);
    // A look at the session that talks may have noted its turn after that had ended: it goes when
    // it is due.
    String talks = RedisKeys.member("default:talk");
    fixture.send(Command.ZADD, fixture.keys.running(), "XX", 1, talks);
    assertThat(collect()).as("nothing is left to do").isEqualTo(new Swept(0, 0, 0, false));
    assertThat(fixture.send(Command.ZCARD, fixture.keys.running()).toInteger()).isZero();

    assertThat(turns).hasSizeGreaterThan(20);
    // A busy machine stands still for a moment now and then.
    int slow = Math.min(turns.size() * 98 / 100, turns.size() - 3);
    assertThat(turns.get(slow)).as("a slow turn, ms").isLessThan(1_000);
    assertThat(fixture.send(Command.SLOWLOG, "LEN").toInteger()).isLessThan(10);
    assertThat(fixture.send(Command.INFO, "commandstats").toString())
        .doesNotContain("cmdstat_keys");
  }

  @Test
  @DisplayName("does no harm to sessions that come, go and talk meanwhile")
  void inMotion() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    CompletableFuture<Void> motion = CompletableFuture.runAsync(() -> {
      try (RedisFixture other = fixture.another("other")) {
        Random random = new Random(1);
        for (int i = 0; i < 500; i++) {
          String session = "s" + random.nextInt(10);
          if (!other.exists(session) && random.nextBoolean()) {
            other.create(session);
          } else if (other.exists(session) && random.nextInt(3) == 0) {
            other.delete(session);
          } else {
            BeginTurn turn = other.turn(session, "one");
            SessionStore.Lease lease = other.granted(turn).lease();
            other.progress(turn, lease, 0, "ei");
            other.seal(turn, lease, "eins");
          }
        }
        other.indexed();
      }
      over.set(true);
    });

    int orphans = 0;
    while (!over.get()) {
      orphans += collect().orphans();
    }
    motion.get();
    collect();

    assertThat(orphans).isZero();
    List<String> there =
        IntStream.range(0, 10).mapToObj(i -> "s" + i).filter(fixture::exists).toList();
    assertThat(there).isNotEmpty();
    assertThat(CatalogContract.ids(fixture.list(null, 100, null)))
        .containsExactlyInAnyOrderElementsOf(there);
    assertThat(fixture.send(Command.ZCARD, fixture.keys.index()).toInteger())
        .isEqualTo(there.size());
    for (String session : there) {
      assertThat(fixture.read(session).turns() * 2)
          .isEqualTo(fixture.messages(session).size());
    }
    assertThat(collect()).isEqualTo(new Swept(0, 0, 0, false));
  }

  /** Turns of one session after the other, as long as it is collected; how long each took, in ms, sorted. */
  private List<Long> talk(AtomicBoolean collected) {
    List<Long> took = new ArrayList<>();
    try (RedisFixture other = fixture.another("other")) {
      while (!collected.get()) {
        long begun = System.nanoTime();
        BeginTurn turn = other.turn("talk", "one");
        other.seal(turn, other.granted(turn).lease(), "eins");
        took.add((System.nanoTime() - begun) / 1_000_000);
      }
      other.indexed();
    }
    took.sort(null);
    return took;
  }

  private Swept collect() {
    int expired = 0;
    int orphans = 0;
    int strays = 0;
    Swept step;
    do {
      step = StoreFixture.get(fixture.store.sweep(200, false));
      expired += step.expired();
      orphans += step.orphans();
      strays += step.strays();
    } while (step.more());
    return new Swept(expired, orphans, strays, false);
  }

  private void write() {
    long now = System.currentTimeMillis();
    for (int i = 0; i < SESSIONS; i++) {
      String id = "session " + i;
      if (i % 2 == 0) {
        session(id);
        index(id, now + 1_000_000);
      } else {
        index(id, i % 4 == 1 ? now - 1_000 : now + 1_000_000);
      }
    }
    for (int i = 0; i < STRAYS; i++) {
      session("unlisted " + i);

      session("eternal " + i, false);
      index("eternal " + i, now + 1_000_000);

      send(Command.RPUSH, fixture.key("headless " + i).messages(), "message");
      lease("leased " + i, now + 60_000, "");

      session("lapsed " + i);
      index("lapsed " + i, now + 1_000_000);
      lease("lapsed " + i, now - 1_000, "0 said");

      session("endless " + i);
      index("endless " + i, now + 1_000_000);
      lease("endless " + i, 0, "0 said");
      then(Command.HDEL, fixture.key("endless " + i).lease(), "until");
    }
    written(0);
    later.forEach(Runnable::run);
    written(0);
  }

  private void session(String id) {
    session(id, true);
  }

  private void session(String id, boolean ends) {
    RedisKeys.OfSession names = fixture.key(id);
    send(
        Command.HSET,
        names.head(),
        "created",
        LONG_AGO,
        "updated",
        LONG_AGO,
        "kept",
        1,
        "token",
        "token",
        "turns",
        1,
        "fence",
        1);
    send(Command.RPUSH, names.messages(), "message", "message");
    if (ends) {
      then(Command.PEXPIRE, names.head(), 1_000_000);
      then(Command.PEXPIRE, names.messages(), 1_000_000);
    }
  }

  private void index(String id, long expires) {
    send(Command.ZADD, fixture.keys.index(), expires, RedisKeys.member("default:" + id));
    send(Command.ZADD, fixture.keys.list(RedisGround.LIST), -LONG_AGO, id);
  }

  private void lease(String id, long until, String said) {
    BeginTurn turn = fixture.turn(id, "one");
    RedisKeys.OfSession names = fixture.key(id);
    send(
        Command.HSET,
        names.lease(),
        "turn",
        turn.turn(),
        "token",
        "secret",
        "fence",
        8,
        "until",
        until,
        "lasts",
        60_000,
        "provider",
        "provider",
        "begin",
        "{}",
        "user",
        "1 {}\n{}",
        "key",
        "",
        "begun",
        LONG_AGO,
        "length",
        0);
    then(Command.PEXPIRE, names.lease(), 1_000_000);
    if (!said.isEmpty()) {
      send(Command.RPUSH, names.journal(), said);
      then(Command.PEXPIRE, names.journal(), 1_000_000);
    }
  }

  private void send(Command command, Object... arguments) {
    Request request = Request.cmd(command);
    for (Object each : arguments) {
      request.arg(each.toString());
    }
    sent.add(fixture.link.send(request));
    written(2_000);
  }

  /** When all else is written, for the commands of one link may overtake each other. */
  private void then(Command command, Object... arguments) {
    later.add(() -> send(command, arguments));
  }

  /** Waits when there are more under way than that. */
  private void written(int most) {
    if (sent.size() > most) {
      StoreFixture.get(Future.all(sent));
      sent.clear();
    }
  }
}
