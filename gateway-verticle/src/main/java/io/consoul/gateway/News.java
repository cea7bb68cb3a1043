package io.consoul.gateway;

import java.util.concurrent.atomic.AtomicReference;

/** What all instances of a node find out, and one of them says. May be used on any thread. */
final class News {

  private final AtomicReference<Object> told = new AtomicReference<>();

  /** Whether it is another thing than what was said last; from now on it is that. */
  boolean is(Object what) {
    return !what.equals(told.getAndSet(what));
  }
}
