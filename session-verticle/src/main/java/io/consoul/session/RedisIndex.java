package io.consoul.session;

import io.consoul.message.SessionId;
import io.consoul.message.Tenant;
import io.consoul.redis.RedisLink;
import io.consoul.trace.RequestContext;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which sessions there are in Redis, when they expire and which have a turn in progress. Written aside, in bunches, for it
 * lives in other slots than the sessions: what is lost of it the sweep mends. Confined to one event loop.
 */
final class RedisIndex {

  private static final Logger log = LoggerFactory.getLogger(RedisIndex.class);
  private static final long PAUSE_MILLIS = 100;
  private static final long WARNING_INTERVAL_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final int MAX_WAITING = 10_000;

  /** Entries in one command: none may hold Redis up. */
  private static final int BUNCH = 500;

  private final Vertx vertx;
  private final RedisLink redis;
  private final RedisKeys keys;

  /** What is to be written, the oldest first. */
  private final Map<SessionName, Change> waiting = new LinkedHashMap<>();

  /** Sessions that were written as running, and not as idle since. Bounded; what falls out the sweep finds. */
  private final Map<SessionName, Boolean> running = new LinkedHashMap<>() {
    private static final long serialVersionUID = 1L;

    @Override
    protected boolean removeEldestEntry(Map.Entry<SessionName, Boolean> eldest) {
      return size() > MAX_WAITING;
    }
  };

  private Future<Void> writing = Future.succeededFuture();
  private boolean scheduled;
  private long lastWarning = System.nanoTime() - WARNING_INTERVAL_NANOS;

  RedisIndex(Vertx vertx, RedisLink redis, RedisKeys keys) {
    this.vertx = vertx;
    this.redis = redis;
    this.keys = keys;
  }

  /** The session is kept from now on, or for longer. Times in milliseconds of Redis's clock. */
  void stored(ListedSession session, long created, long expires) {
    Change change = change(session.name());
    change.stored = session;
    change.left.remove(session);
    change.created = created;
    change.expires = expires;
  }

  /** A turn of it is in progress, and its lease ends then. One that ends within moments is not written at all. */
  void running(Tenant tenant, SessionId session, long leaseEnd) {
    Change change = change(new SessionName(tenant, session));
    change.leaseEnd = leaseEnd;
  }

  /** No turn of it is in progress. */
  void idle(Tenant tenant, SessionId session) {
    SessionName name = new SessionName(tenant, session);
    Change change = change(name);
    boolean unwritten = change.leaseEnd != 0 && !running.containsKey(name);
    change.idle |= !unwritten;
    change.leaseEnd = 0;
  }

  /** There is no such session any more. */
  void gone(ListedSession session) {
    Change change = change(session.name());
    change.left.add(session);
    change.stored = null;
    change.idle = true;
    change.leaseEnd = 0;
  }

  /** Writes what waits to be written now, for who must not wait; never fails. */
  Future<Void> flush() {
    writing = writing.eventually(this::write).otherwiseEmpty();
    return writing;
  }

  /** A score of a sorted set, whichever way the server has written it. */
  static long millis(Response score) {
    return (long) Double.parseDouble(score.toString());
  }

  private Change change(SessionName name) {
    Change change = waiting.computeIfAbsent(name, added -> new Change());
    if (waiting.size() > MAX_WAITING) {
      Iterator<Change> oldest = waiting.values().iterator();
      oldest.next();
      oldest.remove();
      warn(
          "too many changes of the index of the sessions wait to be written: the oldest are dropped, "
              + "and the next collection mends the index");
    }
    schedule();
    return change;
  }

  private void schedule() {
    if (!scheduled) {
      scheduled = true;
      // Of all sessions, whichever request was the first: what is logged must not be laid at its
      // door.
      RequestContext.NONE.run(() -> vertx.setTimer(PAUSE_MILLIS, id -> next()));
    }
  }

  /** One after the other: what is newer must not be overtaken, and what cannot be written must not pile up. */
  private void next() {
    flush().onComplete(written -> {
      scheduled = false;
      if (!waiting.isEmpty()) {
        schedule();
      }
    });
  }

  private Future<Void> write() {
    Bunches bunches = new Bunches();
    waiting.forEach((name, change) -> add(bunches, name, change));
    waiting.clear();
    List<Future<Response>> sent = bunches.requests.stream().map(redis::send).toList();
    return Future.join(sent)
        .onFailure(failure ->
            warn("the index of the sessions could not be written; the next collection mends it"))
        .<Void>mapEmpty()
        .otherwiseEmpty();
  }

  private void add(Bunches bunches, SessionName name, Change change) {
    String id = name.session().value();
    change.left.forEach(left -> {
      bunches.remove(keys.index(), RedisKeys.listed(left));
      bunches.remove(keys.list(left.list()), id);
    });
    if (change.stored != null) {
      bunches.put(keys.index(), change.expires, RedisKeys.listed(change.stored));
      bunches.put(keys.list(change.stored.list()), -change.created, id);
    }
    if (change.leaseEnd != 0) {
      running.put(name, true);
      bunches.put(keys.running(), change.leaseEnd, RedisKeys.member(name));
    } else if (change.idle) {
      running.remove(name);
      bunches.remove(keys.running(), RedisKeys.member(name));
    }
  }

  private void warn(String text) {
    long now = System.nanoTime();
    if (now - lastWarning >= WARNING_INTERVAL_NANOS) {
      lastWarning = now;
      log.warn(text);
    }
  }

  /** What is to be written of one session. */
  private static final class Change {

    /** As it is kept, or null. */
    private ListedSession stored;

    /** As it was, in each of the lists of which it is gone. */
    private final Set<ListedSession> left = new HashSet<>(2);

    private long created;
    private long expires;

    /** Of the turn in progress, or 0. */
    private long leaseEnd;

    /** Whether an entry of a turn in progress has to go. */
    private boolean idle;
  }

  /** Commands with many entries each. */
  private static final class Bunches {

    private final List<Request> requests = new ArrayList<>();
    private final Map<String, Integer> sizes = new TreeMap<>();
    private final Map<String, Request> open = new TreeMap<>();

    private void put(String key, long score, String member) {
      next(Command.ZADD, key).arg(score).arg(member);
    }

    private void remove(String key, String member) {
      next(Command.ZREM, key).arg(member);
    }

    private Request next(Command command, String key) {
      String kind = command + " " + key;
      int size = sizes.merge(kind, 1, Integer::sum);
      if (size % BUNCH == 1) {
        Request request = Request.cmd(command).arg(key);
        requests.add(request);
        open.put(kind, request);
      }
      return open.get(kind);
    }
  }
}
