package io.consoul.fault;

import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * A failure of the catalogue on its way to a caller. It has no stack trace: it is an answer, not a defect, and some are
 * sent thousands of times a second under load.
 */
public final class FaultException extends RuntimeException {

  private final Fault fault;
  private final Integer retryAfter;
  private final transient JsonObject details;
  private final transient List<JsonObject> allDetails;

  public FaultException(Fault fault, String message, Integer retryAfter, JsonObject details) {
    this(fault, message, retryAfter, details, details == null ? List.of() : List.of(details));
  }

  private FaultException(
      Fault fault,
      String message,
      Integer retryAfter,
      JsonObject details,
      List<JsonObject> allDetails) {
    super(message, null, false, false);
    this.fault = fault;
    this.retryAfter = retryAfter;
    this.details = details;
    this.allDetails = allDetails;
  }

  /**
   * Several failures of one request as one: the first, with the details of all of them.
   *
   * @param failures at least one
   */
  public static FaultException together(List<FaultException> failures) {
    FaultException first = failures.get(0);
    return new FaultException(
        first.fault,
        first.getMessage(),
        first.retryAfter,
        first.details,
        failures.stream().flatMap(failure -> failure.allDetails.stream()).toList());
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

  /** The same of each thing that is wrong, the first one first. On the event bus only the first one travels. */
  public List<JsonObject> allDetails() {
    return allDetails;
  }

  @Override
  public String toString() {
    return fault.code() + " " + fault.error() + ": " + getMessage();
  }
}
