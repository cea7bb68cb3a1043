package io.consoul.provider.health;

/** One call that a breaker has let through. The first word about how it went counts; every permit must get one. */
public interface Permit {

  void succeeded();

  void failed();

  /** It says nothing about the provider: it was cancelled, or the caller was to blame. */
  void released();
}
