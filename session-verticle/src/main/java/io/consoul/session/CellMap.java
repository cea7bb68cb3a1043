package io.consoul.session;

import com.hazelcast.map.IMap;
import io.consoul.message.BusMessage;
import io.consoul.message.SessionChanged;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * The map of sessions that a cluster shares, as one of its members asks for steps in it. Nothing here blocks; results come on
 * the context of who asks. Tells of each session that comes to stay and of each that goes.
 */
final class CellMap {

  private final MemberCalls calls;
  private final IMap<String, Cell> map;
  private final ClusterList list;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final String terms;
  private final String termsOfTime;
  private final Consumer<SessionChanged> changes;
  private final boolean shelter;
  private boolean guestsOnly;

  /**
   * @param clock of the cluster: members that go by different times would take leases away from each other
   * @param shelter whether the sessions are there while Redis is away
   */
  CellMap(
      MemberCalls calls,
      IMap<String, Cell> map,
      ClusterList list,
      SessionConfig config,
      InstantSource clock,
      RandomGenerator random,
      Consumer<SessionChanged> changes,
      boolean shelter) {
    this(
        calls,
        map,
        list,
        Terms.encoded(config),
        Terms.ofTimes(config),
        clock,
        random,
        changes,
        shelter);
  }

  private CellMap(
      MemberCalls calls,
      IMap<String, Cell> map,
      ClusterList list,
      String terms,
      String termsOfTime,
      InstantSource clock,
      RandomGenerator random,
      Consumer<SessionChanged> changes,
      boolean shelter) {
    this.calls = calls;
    this.map = map;
    this.list = list;
    this.terms = terms;
    this.termsOfTime = termsOfTime;
    this.clock = clock;
    this.random = random;
    this.changes = changes;
    this.shelter = shelter;
  }

  /** The same map, in which steps are taken only of sessions that are there: whoever asks knows that they were. */
  CellMap ofGuests() {
    CellMap guests =
        new CellMap(calls, map, list, terms, termsOfTime, clock, random, changes, shelter);
    guests.guestsOnly = true;
    return guests;
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
    return calls
        .ask(() -> map.submitToKey(sessionKey, step), outcome -> told(sessionKey, outcome))
        .compose(outcome -> outcome.failure() == null
            ? Future.succeededFuture(outcome)
            : Future.failedFuture(outcome.failure().toException()));
  }

  /** What there is of these sessions, for a list. */
  Future<Map<String, Outcome>> summaries(Set<String> sessionKeys) {
    CellStep step = step(CellStep.Kind.SUMMARY, null, null);
    return calls.askEach(sessionKeys, key -> map.submitToKey(key, step));
  }

  private CellStep step(CellStep.Kind kind, BusMessage request, JsonObject more) {
    byte[] bytes = new byte[Leases.TOKEN_BYTES];
    random.nextBytes(bytes);
    boolean makes = kind == CellStep.Kind.BEGIN || kind == CellStep.Kind.SNAPSHOT;
    CellStep step =
        new CellStep(kind, request, more, makes ? terms : termsOfTime, clock.instant(), bytes);
    return shelter ? step.inShelter(guestsOnly) : step;
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
}
