package io.consoul.provider.wire;

import io.vertx.core.buffer.Buffer;

/** A reader that comes to its reading also where a stream is too much for it. */
public abstract class BoundedReader implements AnswerReader {

  protected final Failures failures;
  protected final Reading reading;

  protected BoundedReader(Failures failures) {
    this.failures = failures;
    this.reading = new Reading(failures);
  }

  /** @throws Overflow also where it does not matter any more */
  protected abstract void take(Buffer chunk);

  /** @throws Overflow also where it does not matter any more */
  protected abstract void takeRest();

  @Override
  public final void feed(Buffer chunk) {
    try {
      take(chunk);
    } catch (Overflow overflow) {
      if (!reading.isSettled()) {
        throw overflow;
      }
    }
  }

  @Override
  public final void end() {
    try {
      takeRest();
    } catch (Overflow overflow) {
      if (!reading.isSettled()) {
        reading.fail(failures.unreadable());
      }
    }
  }

  @Override
  public final Reading reading() {
    return reading;
  }
}
