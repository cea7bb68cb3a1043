package io.consoul.fault;

import io.vertx.core.json.JsonObject;

/**
 * A failure of the catalogue on its way to a caller. It has no stack trace: it is an answer, not a defect, and some are
 * sent thousands of times a second under load.
 */
public final class FaultException extends RuntimeException {

  private final Fault fault;
  private final Integer retryAfter;
  private final transient JsonObject details;

  public FaultException(Fault fault, String message, Integer retryAfter, JsonObject details) {
    super(message, null, false, false);
    this.fault = fault;
    this.retryAfter = retryAfter;
    this.details = details;
  }

  public Fault fault() {
    return fault;
  }

  /** Whole seconds, or null. */
  public Integer retryAfter() {
    return retryAfter;
  }

  /** What is known of the cause in a form for programs, or null. */
  public JsonObject details() {
    return details;
  }

  @Override
  public String toString() {
    return fault.code() + " " + fault.error() + ": " + getMessage();
  }
}
