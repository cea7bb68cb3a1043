package io.consoul.session;

import io.consoul.redis.RedisLink;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;

/** Ends turns in Redis whose lease has lapsed, by the index of those in progress. Confined to one event loop. */
final class OrphanSweep {

  /** Sessions in one step: each one may be a turn to end. */
  private static final int MAX = 100;

  /** The index comes a moment after the lease. */
  private static final long LATE_MILLIS = 250;

  /** One that cannot be ended must not keep the others waiting. */
  private static final long RETRY_MILLIS = 5_000;

  private final RedisLink redis;
  private final RedisKeys keys;
  private final SweepEntries running;
  private final Orphans orphans;
  private boolean done;

  OrphanSweep(RedisLink redis, RedisKeys keys, Orphans orphans) {
    this.redis = redis;
    this.keys = keys;
    this.running = new SweepEntries(redis, keys.running());
    this.orphans = orphans;
  }

  /** Whether the last step has left nothing that another one would find at once. */
  boolean isDone() {
    return done;
  }

  /** @param now in milliseconds of Redis's clock */
  Future<SweepStep> step(int limit, long now) {
    int most = Math.min(limit, MAX);
    Request due = Request.cmd(Command.ZRANGE)
        .arg(keys.running())
        .arg("-inf")
        .arg(now - LATE_MILLIS)
        .arg("BYSCORE")
        .arg("LIMIT")
        .arg(0)
        .arg(most);
    return redis
        .send(due)
        .map(SweepEntries::texts)
        .compose(members -> running
            .scores(members)
            .compose(entries -> look(entries, now))
            .map(step -> {
              done = members.size() < most;
              return step;
            }));
  }

  private Future<SweepStep> look(List<SweepEntries.Entry> entries, long now) {
    List<Future<Look>> looks = entries.stream().map(entry -> look(entry, now)).toList();
    return Future.all(looks).compose(looked -> {
      List<SweepEntries.Entry> over = new ArrayList<>();
      List<SweepEntries.Entry> renewed = new ArrayList<>();
      int ended = 0;
      int strays = 0;
      for (int i = 0; i < looks.size(); i++) {
        Look look = looks.get(i).result();
        ended += look.orphan() ? 1 : 0;
        strays += look.stray() ? 1 : 0;
        if (look.leaseEnd() > now) {
          renewed.add(new SweepEntries.Entry(entries.get(i).member(), look.leaseEnd()));
        } else {
          over.add(entries.get(i));
        }
      }
      SweepStep step = new SweepStep(0, ended, strays);
      return Future.all(running.drop(over), running.postpone(renewed)).map(step);
    });
  }

  private Future<Look> look(SweepEntries.Entry entry, long now) {
    SessionName name = RedisKeys.name(entry.member()).orElse(null);
    if (name == null) {
      return Future.succeededFuture(new Look(0, false, true));
    }
    Request lease =
        Request.cmd(Command.HMGET).arg(keys.of(name.key()).lease()).arg("turn").arg("until");
    return redis.send(lease).compose(read -> {
      if (text(read.get(0)).isEmpty()) {
        return Future.succeededFuture(new Look(0, false, false));
      }
      long end = text(read.get(1)).isEmpty() ? 0 : RedisIndex.millis(read.get(1));
      return end > now
          ? Future.succeededFuture(new Look(end, false, false))
          : orphans
              .end(name)
              .map(outcome -> new Look(
                  outcome == Orphans.Outcome.FAILED ? now + RETRY_MILLIS : 0,
                  outcome == Orphans.Outcome.ENDED,
                  false));
    });
  }

  private static String text(Response response) {
    return response == null ? "" : response.toString();
  }

  /**
   * What has become of an entry.
   *
   * @param leaseEnd of a turn that goes on; 0 where there is none
   */
  private record Look(long leaseEnd, boolean orphan, boolean stray) {}
}
