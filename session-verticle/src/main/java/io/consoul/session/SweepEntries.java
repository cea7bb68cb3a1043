package io.consoul.session;

import io.consoul.redis.RedisLink;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;

/** Looks at and mends entries of a sorted set that others change meanwhile. */
final class SweepEntries {

  /** A member and its score, in milliseconds. */
  record Entry(String member, long score) {}

  private final RedisLink redis;
  private final String key;

  SweepEntries(RedisLink redis, String key) {
    this.redis = redis;
    this.key = key;
  }

  /** The texts of a reply that is a list. */
  static List<String> texts(Response list) {
    return StreamSupport.stream(list.spliterator(), false)
        .map(Response::toString)
        .toList();
  }

  /** Those of the members that are in it, as they are just now. */
  Future<List<Entry>> scores(List<String> members) {
    if (members.isEmpty()) {
      return Future.succeededFuture(List.of());
    }
    Request request = Request.cmd(Command.ZMSCORE).arg(key);
    members.forEach(request::arg);
    return redis.send(request).map(scores -> {
      List<Entry> entries = new ArrayList<>();
      for (int i = 0; i < members.size(); i++) {
        Response score = scores.get(i);
        if (score != null) {
          entries.add(new Entry(members.get(i), RedisIndex.millis(score)));
        }
      }
      return entries;
    });
  }

  /** Drops those that still have this score; gives back which. */
  Future<List<Entry>> drop(List<Entry> entries) {
    if (entries.isEmpty()) {
      return Future.succeededFuture(List.of());
    }
    List<String> arguments = new ArrayList<>();
    entries.forEach(
        entry -> arguments.addAll(List.of(entry.member(), Long.toString(entry.score()))));
    return redis.run(SessionScript.SWEEP_DROP, List.of(key), arguments).map(outcomes -> {
      List<Entry> dropped = new ArrayList<>();
      for (int i = 0; i < entries.size(); i++) {
        if (outcomes.get(i).toInteger() == 1) {
          dropped.add(entries.get(i));
        }
      }
      return dropped;
    });
  }

  /** Adds those that are not in it. */
  Future<Void> add(List<Entry> entries) {
    return write("NX", entries);
  }

  /** Gives them their higher score, where they are in it and have a lower one. */
  Future<Void> postpone(List<Entry> entries) {
    return write("GT", entries);
  }

  private Future<Void> write(String condition, List<Entry> entries) {
    if (entries.isEmpty()) {
      return Future.succeededFuture();
    }
    Request request = Request.cmd(Command.ZADD).arg(key);
    if (condition.equals("GT")) {
      request.arg("XX");
    }
    request.arg(condition);
    entries.forEach(entry -> request.arg(entry.score()).arg(entry.member()));
    return redis.send(request).mapEmpty();
  }
}
