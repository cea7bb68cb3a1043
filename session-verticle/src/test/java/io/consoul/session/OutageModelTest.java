package io.consoul.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.BeginTurn;
import io.consoul.message.FinishReason;
import io.consoul.message.Heard;
import io.consoul.testkit.RedisServer;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random turns, cancels, deletes, lapses, outages that begin before a step or between it and its reply, and either crashes of
 * the node or losses of all that Redis has. A failure tells its seed: -Dconsoul.seed runs that one again.
 */
@DisplayName("Whatever happens to turns, nodes and Redis, in whatever order")
class OutageModelTest {

  private static final int RUNS = 8;
  private static final int MANY_RUNS = 100;

  /** With these Redis often loses everything while a session is being merged. */
  private static final List<Long> LOST_ON_THE_WAY =
      List.of(-1819984033192702302L, -177070536256156442L);

  private static final int STEPS = 150;
  private static final Duration LEASE = Duration.ofMillis(200);
  private static final Set<FinishReason> CUT =
      Set.of(FinishReason.INTERRUPTED, FinishReason.CANCELLED);

  /** A lease that was given to somebody. */
  private static final class Holder {
    final BeginTurn turn;
    final SessionStore.Lease lease;
    String said = "";

    Holder(BeginTurn turn, SessionStore.Lease lease) {
      this.turn = turn;
      this.lease = lease;
    }
  }

  private static RedisServer redis;

  @TempDir
  Path folder;

  private final Map<String, List<String>> acknowledged = new HashMap<>();
  /** Sessions whose delete failed, and how many turns they had then. */
  private final Map<String, Integer> unclear = new HashMap<>();

  private final List<Holder> holders = new ArrayList<>();
  private final List<String> steps = new ArrayList<>();
  private Random random;
  private SwitchedRedis switched;
  private OutageFixture node;
  private JsonObject config;
  private boolean down;
  private int counter;

  @BeforeAll
  static void startRedis() {
    redis = RedisServer.start("--appendonly", "no");
  }

  @AfterAll
  static void stopRedis() {
    redis.close();
  }

  static LongStream seeds() {
    Long seed = Long.getLong("consoul.seed");
    return seed == null
        ? LongStream.concat(
            LongStream.rangeClosed(1, RUNS), LOST_ON_THE_WAY.stream().mapToLong(each -> each))
        : LongStream.of(seed);
  }

  static LongStream manySeeds() {
    return new Random().longs(MANY_RUNS);
  }

  @Tag("long")
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("manySeeds")
  @DisplayName("the same, with seeds that nobody has tried")
  void historyIsAsAcknowledgedWithAnySeed(long seed) {
    historyIsWhatWasAcknowledged(seed);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  @DisplayName("the history is the acknowledged turns in order, and marked ones that were cut off")
  void historyIsWhatWasAcknowledged(long seed) {
    random = new Random(seed);
    switched = new SwitchedRedis();
    config = new JsonObject()
        .put("keyPrefix", "model:" + UUID.randomUUID() + ":")
        .put("leaseSeconds", LEASE.toMillis() / 1_000.0)
        .put("redis", new JsonObject().put("commandTimeoutSeconds", 10));
    open();
    boolean crashes = random.nextBoolean();
    try {
      for (int step = 0; step < STEPS; step++) {
        step(crashes);
      }
      end();
    } catch (AssertionError | RuntimeException failure) {
      throw new AssertionError("seed " + seed + "\n" + String.join("\n", steps), failure);
    } finally {
      node.close();
    }
  }

  private void open() {
    node = new OutageFixture(
        redis,
        folder.resolve("outage.journal"),
        config,
        OutageJournal.MAX_BYTES,
        new Random(random.nextLong()),
        switched);
  }

  private void step(boolean crashes) {
    switch (random.nextInt(22)) {
      case 0, 1, 2, 3 -> begin();
      case 4, 5 -> progress();
      case 6, 7, 8, 9 -> seal();
      case 10 -> cancel();
      case 11 -> create();
      case 12 -> delete();
      case 13 -> sweep();
      case 14, 15 -> toggle();
      case 16 -> {
        if (!down) {
          note("the next reply is lost");
          switched.loseNext();
          down = true;
        }
      }
      case 17 -> lapse();
      case 18, 19 -> takeOver();
      case 20 -> {
        if (random.nextInt(3) == 0) {
          if (crashes) {
            crash();
          } else {
            lose();
          }
        }
      }
      default -> node.pass(Duration.ofMillis(random.nextInt(30)));
    }
  }

  private void begin() {
    String session = "s" + random.nextInt(3);
    BeginTurn turn = node.turn(session, "question " + counter++);
    attempt("begin " + turn.text() + " in " + session, () -> {
      SessionStore.Begun begun = node.begin(turn);
      note("  " + begun.getClass().getSimpleName());
      if (begun instanceof SessionStore.Begun.Granted granted) {
        holders.add(new Holder(turn, granted.lease()));
        assertThat(granted.history().get(granted.history().size() - 1).content())
            .isEqualTo(turn.text());
        if (!granted.historyUnavailable()
            && !history(session).isEmpty()
            && !unclear.containsKey(session)) {
          assertThat(
                  granted.history().stream().map(message -> message.content()).toList())
              .containsSubsequence(texts(session));
        }
      }
    });
  }

  private void progress() {
    withHolder(holder -> attempt("progress of " + holder.turn.text(), () -> {
      String more = "w" + counter++;
      node.progress(holder.turn, holder.lease, holder.said.length(), more);
      holder.said += more;
    }));
  }

  private void seal() {
    withHolder(holder -> {
      String answer = holder.said + " end of " + holder.turn.text();
      attempt("seal of " + holder.turn.text(), () -> {
        node.seal(holder.turn, holder.lease, answer);
        holders.remove(holder);
        history(holder.turn.session().value()).add(holder.turn.text() + " -> " + answer);
      });
    });
  }

  private void takeOver() {
    withHolder(holder -> attempt("takeover of " + holder.turn.text(), () -> {
      String heard = "w" + counter++;
      Takeovers.Takeover takeover = random.nextBoolean()
          ? node.takeOver(
              holder.turn,
              holder.lease,
              new Heard(holder.lease.fence(), holder.said.length(), heard))
          : node.takeOver(
              holder.turn,
              holder.lease.fence(),
              LEASE,
              new Heard(holder.lease.fence(), holder.said.length(), heard));
      note("  " + takeover.getClass().getSimpleName());
      if (takeover instanceof Takeovers.Takeover.Won won) {
        assertThat(won.said()).startsWith(holder.said);
        holders.remove(holder);
        holders.add(new Holder(holder.turn, won.granted().lease()));
        holders.get(holders.size() - 1).said = won.said();
      }
    }));
  }

  private void cancel() {
    withHolder(holder -> attempt(
        "cancel of " + holder.turn.text(),
        () -> StoreFixture.get(node.store.cancel(TurnKey.of(holder.turn)))));
  }

  private void create() {
    String session = "s" + random.nextInt(3);
    attempt("create " + session, () -> node.create(session));
  }

  private void delete() {
    String session = "s" + random.nextInt(3);
    if (random.nextInt(3) == 0) {
      attempt("delete " + session, () -> {
        node.delete(session);
        history(session).clear();
        unclear.remove(session);
      });
    }
  }

  private void sweep() {
    attempt("sweep", () -> StoreFixture.get(node.store.sweep(100, true)));
  }

  private void toggle() {
    if (down) {
      note("Redis is back");
      switched.comeBack(true, true);
    } else {
      note("Redis is away");
      switched.goDown();
    }
    down = !down;
  }

  private void lapse() {
    note("leases lapse");
    node.pass(LEASE.plusMillis(20));
  }

  private void crash() {
    note("the node crashes");
    switched.forgetAll();
    node.crash();
    holders.clear(); // the providers were of the same process
    open();
  }

  /** Redis comes back empty. */
  private void lose() {
    note("Redis loses everything");
    if (!down) {
      switched.goDown();
    }
    node.send(Command.FLUSHALL);
    switched.comeBack(false, false);
    down = false;
  }

  private void end() {
    note("the end");
    switched.comeBack(true, true);
    lapse();
    StoreFixture.get(node.store.sweep(100, true));
    node.awaitWhole();
    acknowledged.keySet().forEach(this::check);
  }

  private void check(String session) {
    List<StoredMessage> messages = node.messages(session);
    List<String> whole = new ArrayList<>();
    for (int i = 0; i < messages.size(); i += 2) {
      StoredMessage user = messages.get(i);
      StoredMessage answer = messages.get(i + 1);
      assertThat(answer.turn()).isEqualTo(user.turn());
      if (!CUT.contains(answer.finishReason())) {
        whole.add(user.message().content() + " -> " + answer.message().content());
      }
    }
    List<String> all = history(session);
    assertThat(whole)
        .as(session)
        .isIn(all, all.subList(unclear.getOrDefault(session, 0), all.size()));
    assertThat(messages.stream().map(StoredMessage::turn).distinct().count() * 2)
        .isEqualTo(messages.size());
  }

  /** A step may be refused, by whoever is asked; then it was not acknowledged. */
  private void attempt(String what, Runnable step) {
    note(what);
    try {
      step.run();
    } catch (FaultException refused) {
      note("  " + refused.fault());
      if (what.startsWith("delete") && refused.fault() == Fault.SESSION_STORAGE_UNAVAILABLE) {
        String session = what.substring("delete ".length());
        unclear.put(session, history(session).size()); // it may have been done
      }
      assertThat(refused.fault()).isNotEqualTo(Fault.INTERNAL_ERROR);
    }
  }

  private void withHolder(Consumer<Holder> action) {
    if (!holders.isEmpty()) {
      int newest = Math.max(0, holders.size() - 3);
      action.accept(holders.get(newest + random.nextInt(holders.size() - newest)));
    }
  }

  private List<String> history(String session) {
    return acknowledged.computeIfAbsent(session, key -> new ArrayList<>());
  }

  private List<String> texts(String session) {
    return history(session).stream()
        .flatMap(turn -> Arrays.stream(turn.split(" -> ", 2)))
        .toList();
  }

  private void note(String step) {
    steps.add(step);
  }
}
