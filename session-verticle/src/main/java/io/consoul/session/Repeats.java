package io.consoul.session;

import io.consoul.message.TurnId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Turns that turned out to be repeats of others, under their idempotency key. Whoever sent one may still call it by the id
 * that it was sent with. The newest are remembered; confined to one event loop.
 */
final class Repeats {

  private static final int REMEMBERED = 10_000;

  private final Map<TurnKey, TurnId> firsts = new LinkedHashMap<>() {
    @Override
    protected boolean removeEldestEntry(Map.Entry<TurnKey, TurnId> eldest) {
      return size() > REMEMBERED;
    }
  };

  void add(TurnKey repeat, TurnId first) {
    if (!repeat.turn().equals(first)) {
      firsts.put(repeat, first);
    }
  }

  /** It runs itself after all. */
  void remove(TurnKey repeat) {
    firsts.remove(repeat);
  }

  /** The turn that this one is a repeat of. */
  Optional<TurnId> first(TurnKey repeat) {
    return Optional.ofNullable(firsts.get(repeat));
  }
}
