package io.consoul.session;

import java.util.random.RandomGenerator;

/** Bytes that somebody else drew, so that whoever repeats a step with them comes to the same token. */
record GivenBytes(byte[] bytes) implements RandomGenerator {

  @Override
  public void nextBytes(byte[] target) {
    System.arraycopy(bytes, 0, target, 0, target.length);
  }

  @Override
  public long nextLong() {
    throw new UnsupportedOperationException("a step draws one token and nothing else");
  }
}
