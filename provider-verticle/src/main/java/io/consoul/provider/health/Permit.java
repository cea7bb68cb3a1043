package io.consoul.provider.health;

/**
 * One call that a breaker has let through. The first word about how it went counts; every permit must get one: until it
 * does, or the provider's limit for a whole call is over, its place is taken.
 */
public interface Permit {

  /**
   * The first word of the answer is here; how the call goes is still to be told. Where one call goes first because another
   * node has trouble, this lets the others follow, which need not wait for the end of a long answer.
   */
  default void answering() {}

  void succeeded();

  void failed();

  /** It says nothing about the provider: it was cancelled, or the caller was to blame. */
  void released();
}
