package io.consoul.session;

import io.vertx.core.Future;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The turns that have their lease from this instance, as far as it knows. Confined to one event loop. */
final class RunningTurns {

  /**
   * A turn in progress.
   *
   * @param handover succeeds when a provider has taken it
   * @param heard when its provider last gave a sign, in milliseconds
   * @param cancelled whether it is to be stopped as soon as a provider has it
   */
  private record Running(Future<Handover.Taken> handover, long heard, boolean cancelled) {}

  private final InstantSource clock;
  private final Map<TurnKey, Running> turns = new HashMap<>();

  RunningTurns(InstantSource clock) {
    this.clock = clock;
  }

  void granted(TurnKey turn, Future<Handover.Taken> handover) {
    turns.put(turn, new Running(handover, clock.millis(), false));
  }

  /** Its provider may have sealed it before we hear that it took it: then it is not running any more. */
  void heard(TurnKey turn) {
    turns.computeIfPresent(
        turn, (id, known) -> new Running(known.handover(), clock.millis(), known.cancelled()));
  }

  void ended(TurnKey turn) {
    turns.remove(turn);
  }

  /** Who has this turn, when a provider has taken it. */
  Optional<Handover.Taken> taken(TurnKey turn) {
    return Optional.ofNullable(turns.get(turn))
        .filter(running -> running.handover().succeeded())
        .map(running -> running.handover().result());
  }

  /** What tells who gets this turn, while a provider is being found for it. */
  Optional<Future<Handover.Taken>> handover(TurnKey turn) {
    return Optional.ofNullable(turns.get(turn))
        .map(Running::handover)
        .filter(handover -> !handover.isComplete());
  }

  /** Nobody else needs to be asked to take it. */
  void cancelled(TurnKey turn) {
    turns.computeIfPresent(turn, (id, known) -> new Running(known.handover(), known.heard(), true));
  }

  boolean isCancelled(TurnKey turn) {
    Running running = turns.get(turn);
    return running != null && running.cancelled();
  }

  /** @return whether some had been silent for so long, and no longer count as running */
  boolean forgetSilent(Duration silence) {
    long limit = clock.millis() - silence.toMillis();
    return turns.values().removeIf(turn -> turn.handover().isComplete() && turn.heard() < limit);
  }

  /** Whether a provider is being found for one of them. */
  boolean anyHandover() {
    return turns.values().stream().anyMatch(turn -> !turn.handover().isComplete());
  }

  int size() {
    return turns.size();
  }
}
