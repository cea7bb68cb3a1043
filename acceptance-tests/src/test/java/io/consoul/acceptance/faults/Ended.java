package io.consoul.acceptance.faults;

/**
 * How a turn has ended for its client.
 *
 * @param text what it has got of the answer; null where this way to ask shows nothing of an answer that breaks off
 * @param code of the failure, or null
 */
record Ended(String text, String code, boolean recoverable, boolean rescued) {

  boolean isDone() {
    return code == null;
  }
}
