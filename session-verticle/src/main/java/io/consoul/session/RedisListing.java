package io.consoul.session;

import io.consoul.message.ListSessions;
import io.consoul.message.SessionId;
import io.consoul.message.SessionInfo;
import io.consoul.message.SessionPage;
import io.consoul.redis.RedisLink;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Pages of a list in Redis. A request looks at a bounded number of sessions: a page may have fewer than it
 * could and still not be the last one.
 */
final class RedisListing {

  private static final int MIN_CHUNK = 100;
  private static final int CHUNK = 1_000;
  private static final int MAX_CHUNKS = 10;

  /** Sessions that are looked at together: a long page must not keep others from Redis. */
  private static final int BUNCH = 100;

  private final RedisLink redis;
  private final RedisKeys keys;

  RedisListing(RedisLink redis, RedisKeys keys) {
    this.redis = redis;
    this.keys = keys;
  }

  Future<SessionPage> page(ListSessions list) {
    return Future.succeededFuture(list.cursor())
        .map(Cursor::session)
        .compose(after -> new Search(list, after).run());
  }

  /** One request. */
  private final class Search {

    private final ListSessions list;
    private final ListName name;
    private final String prefix;
    private final Deque<ListPosition> ahead = new ArrayDeque<>();
    private final List<SessionInfo> found = new ArrayList<>();
    private final List<ListPosition> positions = new ArrayList<>();

    /** The last one that was looked at, or null. */
    private ListPosition seen;

    private int chunks;
    private boolean exhausted;

    private Search(ListSessions list, ListPosition after) {
      this.list = list;
      this.name = ListName.of(list);
      this.prefix = MemoryCatalog.prefix(list.namespace());
      this.seen = after;
    }

    /** One session more than the page has tells that there is another page. */
    private Future<SessionPage> run() {
      int missing = list.limit() + 1 - found.size();
      if (missing == 0) {
        return Future.succeededFuture(new SessionPage(
            found.subList(0, list.limit()), Cursor.ofSession(positions.get(list.limit() - 1))));
      }
      List<ListPosition> candidates = candidates(Math.min(BUNCH, missing));
      if (!candidates.isEmpty()) {
        return look(candidates).compose(looked -> run());
      }
      if (exhausted) {
        return Future.succeededFuture(new SessionPage(found, null));
      }
      return chunks == MAX_CHUNKS
          ? Future.succeededFuture(new SessionPage(found, Cursor.ofSession(seen)))
          : fetch(prefix.isEmpty() ? Math.min(CHUNK, Math.max(MIN_CHUNK, missing)) : CHUNK)
              .compose(fetched -> run());
    }

    private List<ListPosition> candidates(int most) {
      List<ListPosition> candidates = new ArrayList<>();
      while (candidates.size() < most && !ahead.isEmpty()) {
        seen = ahead.poll();
        if (seen.id().startsWith(prefix)) {
          candidates.add(seen);
        }
      }
      return candidates;
    }

    private Future<Void> fetch(int size) {
      chunks++;
      List<String> arguments = seen == null
          ? List.of(Integer.toString(size))
          : List.of(Integer.toString(size), Long.toString(-seen.created()), seen.id());
      return redis
          .run(SessionScript.CATALOG_LIST, List.of(keys.list(name)), arguments)
          .map(chunk -> {
            for (int i = 0; i + 1 < chunk.size(); i += 2) {
              long created = -RedisIndex.millis(chunk.get(i + 1));
              ahead.add(new ListPosition(created, chunk.get(i).toString()));
            }
            exhausted = chunk.size() < 2 * size;
            return null;
          });
    }

    private Future<Void> look(List<ListPosition> candidates) {
      List<Future<Response>> heads =
          candidates.stream().map(candidate -> redis.send(head(candidate))).toList();
      return Future.all(heads).map(read -> {
        List<ListPosition> gone = new ArrayList<>();
        for (int i = 0; i < heads.size(); i++) {
          ListPosition candidate = candidates.get(i);
          RedisHead head = RedisHead.ofSummary(heads.get(i).result());
          if (head.isThere() && head.isIn(name)) {
            found.add(head.info(new SessionId(candidate.id()), null));
            positions.add(candidate);
          } else {
            gone.add(candidate);
          }
        }
        drop(gone);
        return null;
      });
    }

    private Request head(ListPosition candidate) {
      SessionName name = new SessionName(list.tenant(), new SessionId(candidate.id()));
      Request request = Request.cmd(Command.HMGET).arg(keys.of(name.key()).head());
      RedisHead.SUMMARY.forEach(request::arg);
      return request;
    }

    /** Nobody waits for it: whoever finds them again drops them again. */
    private void drop(List<ListPosition> gone) {
      if (!gone.isEmpty()) {
        List<String> entries = new ArrayList<>();
        gone.forEach(entry -> entries.addAll(List.of(entry.id(), Long.toString(-entry.created()))));
        redis.run(SessionScript.SWEEP_DROP, List.of(keys.list(name)), entries);
      }
    }
  }
}
