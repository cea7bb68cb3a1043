package io.consoul.message;

import java.util.Locale;

/** Where a session instance keeps its sessions just now. */
public enum StoreState {
  /** In its own memory. */
  MEMORY,
  /** In a map that the cluster shares. */
  CLUSTER,
  /** In Redis, which answers. */
  REDIS,
  /** Redis does not answer; turns are kept elsewhere until it does. */
  DEGRADED,
  /** Redis does not answer, and there is nothing else: requests are refused. */
  DOWN;

  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether turns go to where they stay. */
  public boolean isWhole() {
    return this != DEGRADED && this != DOWN;
  }

  /** @return null for a name that is not known here, or none */
  static StoreState of(String wireName) {
    for (StoreState state : values()) {
      if (state.wireName().equals(wireName)) {
        return state;
      }
    }
    return null;
  }
}
