package io.consoul.message;

import java.util.Locale;

/** Whether a provider is called. */
public enum BreakerState {
  /** All calls go out. */
  CLOSED,
  /** It failed repeatedly and is left alone for a while. */
  OPEN,
  /** It was left alone long enough: a few calls try whether it is well again. */
  HALF_OPEN;

  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** One that a newer node has and this one does not know reads as closed: it stops nobody. */
  public static BreakerState of(String wireName) {
    for (BreakerState state : values()) {
      if (state.wireName().equals(wireName)) {
        return state;
      }
    }
    return CLOSED;
  }
}
