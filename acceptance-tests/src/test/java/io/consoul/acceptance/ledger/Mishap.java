package io.consoul.acceptance.ledger;

/** What the nemesis does to the servers while turns are under way. */
public enum Mishap {
  KILL_NODE,
  PAUSE_NODE,
  KILL_REDIS,
  PAUSE_REDIS,
  /** All connections to Redis are closed at once; it stays up. */
  CUT_REDIS
}
