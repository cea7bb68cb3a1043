package io.consoul.session;

import io.consoul.message.SessionChanged;
import io.consoul.redis.RedisLink;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Goes through the index of the sessions in Redis: forgets those that are gone, or are in another list by now, and mends
 * when the others expire. Confined to one event loop.
 */
final class IndexSweep {

  /** Sessions that are asked about together: whoever else wants something of Redis gets in between. */
  private static final int BUNCH = 100;

  /** Entries that are fetched together. */
  private static final int MAX_COUNT = 1_000;

  /** Where a scan begins and ends. */
  private static final String START = "0";

  /** What Redis says of the time to live of a key that is not there. */
  private static final long GONE = -2;

  /** There is a session of the name, but another one: it is in another list. */
  private static final long ANOTHER = -3;

  private final RedisLink redis;
  private final RedisKeys keys;
  private final Consumer<SessionChanged> changes;
  private final SweepEntries index;
  private final SweepEntries running;
  private final Deque<SweepEntries.Entry> ahead = new ArrayDeque<>();
  private String cursor;

  IndexSweep(RedisLink redis, RedisKeys keys, Consumer<SessionChanged> changes) {
    this.redis = redis;
    this.keys = keys;
    this.changes = changes;
    this.index = new SweepEntries(redis, keys.index());
    this.running = new SweepEntries(redis, keys.running());
  }

  void restart() {
    ahead.clear();
    cursor = START;
  }

  boolean isDone() {
    return cursor == null && ahead.isEmpty();
  }

  /**
   * @param now in milliseconds of Redis's clock
   * @param deadline after which nothing more is begun
   */
  Future<SweepStep> step(int limit, long now, long deadline) {
    if (limit <= 0 || isDone() || System.nanoTime() >= deadline) {
      return Future.succeededFuture(SweepStep.NOTHING);
    }
    if (ahead.isEmpty()) {
      return fetch(Math.min(limit, MAX_COUNT)).compose(fetched -> step(limit, now, deadline));
    }
    List<SweepEntries.Entry> bunch = new ArrayList<>();
    while (bunch.size() < Math.min(BUNCH, limit) && !ahead.isEmpty()) {
      bunch.add(ahead.poll());
    }
    return look(bunch, now)
        .compose(done -> step(limit - bunch.size(), now, deadline).map(done::plus));
  }

  private Future<Void> fetch(int count) {
    Request scan =
        Request.cmd(Command.ZSCAN).arg(keys.index()).arg(cursor).arg("COUNT").arg(count);
    return redis.send(scan).map(page -> {
      String next = page.get(0).toString();
      cursor = next.equals(START) ? null : next;
      Response entries = page.get(1);
      for (int i = 0; i + 1 < entries.size(); i += 2) {
        ahead.add(new SweepEntries.Entry(
            entries.get(i).toString(), RedisIndex.millis(entries.get(i + 1))));
      }
      return null;
    });
  }

  private Future<SweepStep> look(List<SweepEntries.Entry> entries, long now) {
    return lefts(entries, now).compose(lefts -> {
      List<SweepEntries.Entry> gone = new ArrayList<>();
      List<SweepEntries.Entry> others = new ArrayList<>();
      List<SweepEntries.Entry> alive = new ArrayList<>();
      for (int i = 0; i < entries.size(); i++) {
        SweepEntries.Entry entry = entries.get(i);
        long left = lefts.get(i);
        if (left == GONE) {
          gone.add(entry);
        } else if (left == ANOTHER) {
          others.add(entry);
        } else if (left > 0 && entry.score() <= now) {
          alive.add(new SweepEntries.Entry(entry.member(), now + left));
        }
      }
      return index
          .postpone(alive)
          .compose(mended -> forget(gone, GONE, now))
          .compose(done -> forget(others, ANOTHER, now).map(done::plus));
    });
  }

  /**
   * The scores are read before it is seen once more that there is no such session, and only what still has them is dropped:
   * a session that is made again meanwhile keeps its entries. Those of the index go last, for they lead here.
   *
   * @param why {@link #GONE} or {@link #ANOTHER}; whose turn is in progress is no matter of lists
   */
  private Future<SweepStep> forget(List<SweepEntries.Entry> gone, long why, long now) {
    if (gone.isEmpty()) {
      return Future.succeededFuture(SweepStep.NOTHING);
    }
    Map<ListName, List<String>> ids = new HashMap<>();
    List<String> names = new ArrayList<>();
    for (SweepEntries.Entry entry : gone) {
      RedisKeys.listed(entry.member()).ifPresent(session -> {
        ids.computeIfAbsent(session.list(), added -> new ArrayList<>())
            .add(session.session().value());
        names.add(RedisKeys.member(session.name()));
      });
    }
    List<Dropping> droppings = new ArrayList<>();
    ids.forEach((list, some) ->
        droppings.add(new Dropping(new SweepEntries(redis, keys.list(list)), some)));
    if (why == GONE) {
      droppings.add(new Dropping(running, names));
    }
    return Future.all(droppings.stream().map(Dropping::read).toList())
        .compose(read -> lefts(gone, now))
        .compose(lefts -> {
          List<SweepEntries.Entry> still = new ArrayList<>();
          for (int i = 0; i < gone.size(); i++) {
            if (lefts.get(i) == why) {
              still.add(gone.get(i));
            }
          }
          return still.size() < gone.size()
              ? forget(still, why, now)
              : Future.all(droppings.stream().map(Dropping::drop).toList())
                  .compose(dropped -> index.drop(still))
                  .map(dropped ->
                      why == GONE ? forgotten(dropped, now) : new SweepStep(0, 0, dropped.size()));
        });
  }

  private SweepStep forgotten(List<SweepEntries.Entry> dropped, long now) {
    int expired = 0;
    for (SweepEntries.Entry entry : dropped) {
      expired += entry.score() <= now ? 1 : 0;
      RedisKeys.listed(entry.member())
          .map(ListedSession::name)
          .ifPresent(name -> changes.accept(
              new SessionChanged(name.session(), name.tenant(), SessionChanged.Change.EXPIRED)));
    }
    // One that is gone before its time has left its entry behind.
    return new SweepStep(expired, 0, dropped.size() - expired);
  }

  /** How long each one has to live, in milliseconds; {@link #GONE} or {@link #ANOTHER} where that is so. */
  private Future<List<Long>> lefts(List<SweepEntries.Entry> entries, long now) {
    List<Future<Long>> lefts = entries.stream()
        .map(entry -> RedisKeys.listed(entry.member())
            .map(session -> left(session, entry.score() <= now))
            .orElse(Future.succeededFuture(GONE)))
        .toList();
    return Future.all(lefts).map(all -> lefts.stream().map(Future::result).toList());
  }

  /** @param overdue whether nobody has written the entry for as long as its session lives: it may be that of another one */
  private Future<Long> left(ListedSession session, boolean overdue) {
    String head = keys.of(session.name().key()).head();
    Future<Long> left = redis.send(Request.cmd(Command.PTTL).arg(head)).map(Response::toLong);
    return overdue
        ? left.compose(millis -> millis == GONE ? left : ofThisOne(session, head, millis))
        : left;
  }

  private Future<Long> ofThisOne(ListedSession session, String head, long left) {
    return redis
        .send(Request.cmd(Command.HGET).arg(head).arg("owner"))
        .map(owner -> ListedSession.of(session.name(), RedisHead.owner(owner)).equals(session)
            ? left
            : ANOTHER);
  }

  /** Members of one sorted set that are to go. */
  private static final class Dropping {

    private final SweepEntries set;
    private final List<String> members;
    private List<SweepEntries.Entry> entries = List.of();

    private Dropping(SweepEntries set, List<String> members) {
      this.set = set;
      this.members = members;
    }

    private Future<Void> read() {
      return set.scores(members).map(read -> {
        entries = read;
        return null;
      });
    }

    private Future<List<SweepEntries.Entry>> drop() {
      return set.drop(entries);
    }
  }
}
