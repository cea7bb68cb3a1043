package io.consoul.gateway.limit;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What one caller was charged, in each of its windows. */
final class Ledger {

  private List<Window> windows = List.of();
  private List<Tally> tallies = List.of();

  /** As {@link LimitStore#charge}. */
  Verdict charge(List<Window> asked, Strategy strategy, int cost, long now) {
    adopt(asked, strategy);
    tallies.forEach(tally -> tally.forget(now));
    Optional<Verdict> refusal = refusal(cost, now);
    if (refusal.isPresent()) {
      return refusal.get();
    }
    tallies.forEach(tally -> tally.add(cost, now));
    return tightest(now);
  }

  /** How many charges it has room to remember by their time. */
  int room() {
    int room = 0;
    for (Tally tally : tallies) {
      room += tally.room();
    }
    return room;
  }

  /** Whether nothing counts any more. */
  boolean isSpent(long now) {
    for (Tally tally : tallies) {
      tally.forget(now);
      if (tally.used() > 0) {
        return false;
      }
    }
    return true;
  }

  /** What was charged goes on counting where only a limit has changed. */
  private void adopt(List<Window> asked, Strategy strategy) {
    if (!windows.equals(asked)) {
      List<Tally> before = tallies;
      tallies = asked.stream()
          .map(window -> before.stream()
              .filter(tally -> tally.suits(window, strategy))
              .findFirst()
              .orElseGet(() -> Tally.of(window, strategy)))
          .toList();
      windows = asked;
    }
  }

  /** Of the windows without room, that of the one that refuses for longest. */
  private Optional<Verdict> refusal(int cost, long now) {
    Verdict longest = null;
    for (int i = 0; i < windows.size(); i++) {
      int limit = windows.get(i).limit();
      Tally tally = tallies.get(i);
      if (tally.used() + cost > limit) {
        Duration wait = time(Math.max(1, tally.until(Math.max(0, limit - cost), now)));
        if (longest == null || wait.compareTo(longest.retryAfter()) > 0) {
          longest = verdict(i, now, wait);
        }
      }
    }
    return Optional.ofNullable(longest);
  }

  /** Of the window with the least left. */
  private Verdict tightest(long now) {
    return Stream.iterate(0, i -> i < windows.size(), i -> i + 1)
        .min((one, other) -> Integer.compare(remaining(one), remaining(other)))
        .map(i -> verdict(i, now, Duration.ZERO))
        .orElseThrow();
  }

  private Verdict verdict(int i, long now, Duration wait) {
    return new Verdict(
        wait.isZero(),
        windows.get(i).limit(),
        remaining(i),
        time(tallies.get(i).until(0, now)),
        wait);
  }

  /** A limit that was lowered may be exceeded. */
  private int remaining(int i) {
    return (int) Math.max(0, windows.get(i).limit() - tallies.get(i).used());
  }

  private static Duration time(long micros) {
    return Duration.of(micros, ChronoUnit.MICROS);
  }
}
