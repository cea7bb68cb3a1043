package io.consoul.provider.wire;

/** A provider sends a line or an event that is longer than any sane one; nothing more can be read. */
public final class Overflow extends RuntimeException {

  public Overflow(int limit) {
    super("a line or event exceeds " + limit + " bytes", null, false, false);
  }
}
