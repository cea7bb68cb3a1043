package io.consoul.session;

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
   * @param taken null while a provider is being found
   * @param heard when its provider last gave a sign, in milliseconds
   */
  private record Running(Handover.Taken taken, long heard) {}

  private final InstantSource clock;
  private final Map<TurnKey, Running> turns = new HashMap<>();

  RunningTurns(InstantSource clock) {
    this.clock = clock;
  }

  void granted(TurnKey turn) {
    turns.put(turn, new Running(null, clock.millis()));
  }

  /** Its provider may have sealed it before we hear that it took it: then it is not running any more. */
  void taken(TurnKey turn, Handover.Taken taken) {
    turns.computeIfPresent(turn, (id, known) -> new Running(taken, clock.millis()));
  }

  void heard(TurnKey turn) {
    turns.computeIfPresent(turn, (id, known) -> new Running(known.taken(), clock.millis()));
  }

  void ended(TurnKey turn) {
    turns.remove(turn);
  }

  /** Who has this turn, when a provider has taken it. */
  Optional<Handover.Taken> taken(TurnKey turn) {
    return Optional.ofNullable(turns.get(turn)).map(Running::taken);
  }

  /** @return whether some had been silent for so long, and no longer count as running */
  boolean forgetSilent(Duration silence) {
    long limit = clock.millis() - silence.toMillis();
    return turns.values().removeIf(turn -> turn.heard() < limit);
  }

  int size() {
    return turns.size();
  }
}
