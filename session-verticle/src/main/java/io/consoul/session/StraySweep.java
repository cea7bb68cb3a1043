package io.consoul.session;

import io.consoul.redis.RedisLink;
import io.consoul.redis.ScanPage;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Goes through all keys of sessions in Redis: gives a time to live to those that have none, drops those whose session is
 * gone, ends turns that no index knows, and puts sessions that are in no index there. Confined to one event loop.
 */
final class StraySweep {

  /** Sessions that are mended together: whoever else wants something of Redis gets in between. */
  private static final int BUNCH = 50;

  /** Keys that are looked through together: no command may hold Redis up. */
  private static final int MAX_COUNT = 1_000;

  /** The keys of a session come one by one, and it is looked at once. Bounded: a second look does no harm. */
  private static final int MAX_SEEN = 10_000;

  /** Of who waits for a session, and of a batch without one: longer than any lease. */
  private static final Duration ASIDE = Duration.ofMinutes(1);

  private final RedisLink redis;
  private final RedisSteps steps;
  private final RedisKeys keys;
  private final Object[] arguments;
  private final Orphans orphans;
  private final SweepEntries index;
  private final SweepEntries running;
  private final Deque<SessionName> ahead = new ArrayDeque<>();
  private final Map<SessionName, Boolean> seen = new LinkedHashMap<>() {
    private static final long serialVersionUID = 1L;

    @Override
    protected boolean removeEldestEntry(Map.Entry<SessionName, Boolean> eldest) {
      return size() > MAX_SEEN;
    }
  };
  private ScanPage.Cursor cursor;

  /** @param ttl of a session */
  StraySweep(RedisLink redis, RedisKeys keys, Duration ttl, Orphans orphans) {
    this.redis = redis;
    this.keys = keys;
    this.steps = new RedisSteps(redis, keys);
    this.arguments = new Object[] {ttl.toMillis(), RedisCatalog.GRAVE.toMillis(), ASIDE.toMillis()};
    this.orphans = orphans;
    this.index = new SweepEntries(redis, keys.index());
    this.running = new SweepEntries(redis, keys.running());
  }

  void restart() {
    ahead.clear();
    seen.clear();
    cursor = ScanPage.Cursor.START;
  }

  boolean isDone() {
    return cursor == null && ahead.isEmpty();
  }

  /** @param deadline after which nothing more is begun */
  Future<SweepStep> step(int limit, long deadline) {
    if (isDone()) {
      seen.clear();
    }
    if (limit <= 0 || isDone() || System.nanoTime() >= deadline) {
      return Future.succeededFuture(SweepStep.NOTHING);
    }
    if (ahead.isEmpty()) {
      int count = Math.min(limit, MAX_COUNT);
      return redis.scan(cursor, keys.pattern(), count).compose(page -> {
        cursor = page.next();
        page.keys().forEach(this::note);
        // What a scan has looked at counts, also where it has found nothing.
        return step(ahead.isEmpty() ? limit - count : limit, deadline);
      });
    }
    List<SessionName> bunch = new ArrayList<>();
    while (bunch.size() < Math.min(BUNCH, limit) && !ahead.isEmpty()) {
      bunch.add(ahead.poll());
    }
    return mend(bunch).compose(done -> step(limit - bunch.size(), deadline).map(done::plus));
  }

  private void note(String key) {
    keys.nameInKey(key).filter(name -> seen.put(name, true) == null).ifPresent(ahead::add);
  }

  private Future<SweepStep> mend(List<SessionName> names) {
    List<Future<MendedSession>> each = names.stream().map(this::mend).toList();
    return Future.all(each).compose(done -> {
      List<MendedSession> mended = each.stream().map(Future::result).toList();
      int strays = mended.stream().mapToInt(MendedSession::strays).sum();
      Future<Integer> ended = end(mended);
      Future<Integer> listed = running
          .add(mended.stream()
              .filter(MendedSession::isRunning)
              .map(MendedSession::inRunning)
              .toList())
          .compose(
              added -> list(mended.stream().filter(MendedSession::isToBeListed).toList()));
      return Future.all(ended, listed)
          .map(both -> new SweepStep(0, ended.result(), strays + listed.result()));
    });
  }

  private Future<MendedSession> mend(SessionName name) {
    return steps
        .run(SessionScript.SWEEP_SESSION, name, arguments)
        .map(response -> MendedSession.of(name, response));
  }

  /** @return how many turns were ended */
  private Future<Integer> end(List<MendedSession> mended) {
    List<Future<Orphans.Outcome>> outcomes = mended.stream()
        .filter(MendedSession::isLapsed)
        .map(session -> orphans.end(session.name()))
        .toList();
    return Future.all(outcomes).map(all -> (int) outcomes.stream()
        .filter(outcome -> outcome.result() == Orphans.Outcome.ENDED)
        .count());
  }

  /** @return how many sessions were missing in the index or in their list */
  private Future<Integer> list(List<MendedSession> sessions) {
    Set<SessionName> missing = new HashSet<>();
    List<Future<Void>> added = new ArrayList<>();
    added.add(add(index, sessions, MendedSession::inIndex, missing));
    sessions.stream()
        .collect(Collectors.groupingBy(session -> session.listed().list()))
        .forEach((list, some) -> added.add(
            add(new SweepEntries(redis, keys.list(list)), some, MendedSession::inList, missing)));
    return Future.all(added).map(all -> missing.size());
  }

  private static Future<Void> add(
      SweepEntries set,
      List<MendedSession> sessions,
      Function<MendedSession, SweepEntries.Entry> as,
      Set<SessionName> missing) {
    Map<String, MendedSession> absent = new LinkedHashMap<>();
    sessions.forEach(session -> absent.put(as.apply(session).member(), session));
    return set.scores(List.copyOf(absent.keySet())).compose(there -> {
      there.forEach(entry -> absent.remove(entry.member()));
      absent.values().forEach(session -> missing.add(session.name()));
      return set.add(absent.values().stream().map(as).toList());
    });
  }
}
