package io.consoul.session;

import com.hazelcast.map.IMap;
import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.BusMessage;
import io.consoul.message.SessionChanged;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The map of sessions that a cluster shares, as one of its members asks for steps in it. Nothing here blocks; results come on
 * the context of who asks. Tells of each session that comes to stay and of each that goes.
 */
final class CellMap {

  private static final Logger log = LoggerFactory.getLogger(CellMap.class);

  /** A partition moves, or the loss of its member is noticed, in less; whoever waits may repeat the step. */
  private static final long PATIENCE_MILLIS = 2_000;

  private final Context context;
  private final IMap<String, Cell> map;
  private final ClusterList list;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final String terms;
  private final String termsOfTime;
  private final Consumer<SessionChanged> changes;
  private final boolean shelter;

  /**
   * @param clock of the cluster: members that go by different times would take leases away from each other
   * @param shelter whether the sessions are there while Redis is away
   */
  CellMap(
      Context context,
      IMap<String, Cell> map,
      ClusterList list,
      SessionConfig config,
      InstantSource clock,
      RandomGenerator random,
      Consumer<SessionChanged> changes,
      boolean shelter) {
    this.context = context;
    this.map = map;
    this.list = list;
    this.clock = clock;
    this.random = random;
    this.terms = Terms.encoded(config);
    this.termsOfTime = Terms.ofTimes(config);
    this.changes = changes;
    this.shelter = shelter;
  }

  IMap<String, Cell> map() {
    return map;
  }

  /** Takes a step that says nothing beside its request. */
  Future<Outcome> take(String sessionKey, CellStep.Kind kind, BusMessage request) {
    return take(sessionKey, kind, request, null);
  }

  /**
   * Takes a step where the session is.
   *
   * @return what came of it; fails with what the step failed with, and with E110 when it is not known whether it was taken
   */
  Future<Outcome> take(String sessionKey, CellStep.Kind kind, BusMessage request, JsonObject more) {
    CellStep step = step(kind, request, more);
    return patiently(
            context, () -> map.submitToKey(sessionKey, step), outcome -> told(sessionKey, outcome))
        .compose(outcome -> outcome.failure() == null
            ? Future.succeededFuture(outcome)
            : Future.failedFuture(outcome.failure().toException()));
  }

  /** What there is of these sessions, for a list. */
  Future<Map<String, Outcome>> summaries(Set<String> sessionKeys) {
    CellStep step = step(CellStep.Kind.SUMMARY, null, null);
    return patiently(context, () -> map.submitToKeys(sessionKeys, step), Future::succeededFuture);
  }

  private CellStep step(CellStep.Kind kind, BusMessage request, JsonObject more) {
    byte[] bytes = new byte[Leases.TOKEN_BYTES];
    random.nextBytes(bytes);
    boolean makes = kind == CellStep.Kind.BEGIN || kind == CellStep.Kind.SNAPSHOT;
    CellStep step =
        new CellStep(kind, request, more, makes ? terms : termsOfTime, clock.instant(), bytes);
    return shelter ? step.inShelter() : step;
  }

  /** Also when nobody waits for the step any more: it was taken. */
  private Future<Outcome> told(String sessionKey, Outcome outcome) {
    outcome.changes().forEach(changes);
    if (outcome.listed() == null && outcome.unlisted() == null) {
      return Future.succeededFuture(outcome);
    }
    return list.change(sessionKey, outcome.unlisted(), outcome.listed())
        .otherwise(failure -> null) // the next full sweep lists what is not listed
        .map(outcome);
  }

  /** What a member is asked for, within the time that anybody waits for it. */
  static <T> Future<T> patiently(
      Context context,
      Supplier<CompletionStage<T>> asking,
      java.util.function.Function<T, Future<T>> then) {
    Future<T> answer;
    try {
      answer = Future.fromCompletionStage(asking.get(), context);
    } catch (RuntimeException refused) { // this member leaves, or has left
      answer = Future.failedFuture(refused);
    }
    return answer
        .compose(then)
        .timeout(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
        .recover(failure -> Future.failedFuture(unreachable(failure)));
  }

  private static FaultException unreachable(Throwable failure) {
    if (failure instanceof FaultException known) {
      return known;
    }
    log.debug("a step in the cluster's map failed: {}", failure.getClass().getName());
    return Fault.SESSION_STORAGE_UNAVAILABLE.retryAfter(
        1, "the cluster's store could not be reached in time; try again in a moment");
  }
}
