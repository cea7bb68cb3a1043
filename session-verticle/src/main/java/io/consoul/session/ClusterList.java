package io.consoul.session;

import com.hazelcast.map.IMap;
import io.consoul.message.ListSessions;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Which sessions there are, apart from the sessions: lists in a fixed number of buckets, each a value of a second map of the
 * cluster. A bucket is written when a session comes or goes, not at its turns; a page looks at as many entries as it shows,
 * and counting is a question to each bucket.
 */
final class ClusterList {

  /** So many that the members share them, so few that asking all of them is cheap. Must be equal on all members. */
  private static final int BUCKETS = 16;

  private static final Set<Integer> ALL =
      IntStream.range(0, BUCKETS).boxed().collect(Collectors.toUnmodifiableSet());

  private final MemberCalls calls;
  private final IMap<Integer, ListBucket> buckets;

  ClusterList(MemberCalls calls, IMap<Integer, ListBucket> buckets) {
    this.calls = calls;
    this.buckets = buckets;
  }

  /**
   * A session has come or gone, or a new one has taken the place of an old one.
   *
   * @param removed may be null, as may {@code added}
   */
  Future<Void> change(String sessionKey, ListEntry removed, ListEntry added) {
    ListStep step = ListStep.change(listOf(removed), listOf(added));
    return calls
        .ask(() -> buckets.submitToKey(bucket(sessionKey), step), Future::succeededFuture)
        .mapEmpty();
  }

  /** Lists what is not listed. */
  Future<Void> addAll(Collection<ListEntry> entries) {
    Map<Integer, List<ListEntry>> perBucket = new HashMap<>();
    entries.forEach(entry -> perBucket
        .computeIfAbsent(bucket(sessionKey(entry)), bucket -> new ArrayList<>())
        .add(entry));
    List<Future<?>> steps = new ArrayList<>();
    perBucket.forEach((bucket, added) -> steps.add(calls.ask(
        () -> buckets.submitToKey(bucket, ListStep.change(List.of(), added)),
        Future::succeededFuture)));
    return Future.all(steps).mapEmpty();
  }

  /** The first entries behind a position, in the order of the list. */
  Future<List<ListPosition>> page(ListSessions list, ListPosition after, String prefix, int limit) {
    ListStep step = ListStep.page(ListName.of(list), after, prefix, limit);
    return all(step)
        .map(results -> results.values().stream()
            .flatMap(result -> ListStep.positions(result).stream())
            .sorted()
            .limit(limit)
            .toList());
  }

  Future<Long> count() {
    return all(ListStep.count())
        .map(results -> results.values().stream().mapToLong(Long::parseLong).sum());
  }

  private Future<Map<Integer, String>> all(ListStep step) {
    return calls.askEach(ALL, bucket -> buckets.submitToKey(bucket, step));
  }

  private static List<ListEntry> listOf(ListEntry entry) {
    return entry == null ? List.of() : List.of(entry);
  }

  private static String sessionKey(ListEntry entry) {
    return entry.list().tenant().name() + ":" + entry.position().id();
  }

  private static int bucket(String sessionKey) {
    return Math.floorMod(sessionKey.hashCode(), BUCKETS);
  }
}
