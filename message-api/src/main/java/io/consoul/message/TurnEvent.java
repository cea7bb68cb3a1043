package io.consoul.message;

/**
 * What a provider sends to the listeners of a turn. Every attempt at an answer has its own fence; a receiver drops
 * events with a lower one than it has seen.
 */
public sealed interface TurnEvent extends StreamMessage
    permits Delta, Asides, Alive, Completed, TurnFailed {

  long fence();

  @Override
  TurnEvent to(long listenerId);
}
