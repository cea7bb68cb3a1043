package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.vertx.core.json.JsonObject;

/**
 * The answer of a verticle that could not do what it was asked: a failure of the catalogue, whole. (Vert.x's own failure
 * channel carries only a number and a text.)
 *
 * @param retryAfter whole seconds, or null
 * @param details or null
 */
public record Failed(Fault fault, String message, Integer retryAfter, JsonObject details)
    implements BusMessage {

  public Failed {
    requireNonNull(fault, "fault");
    message = message == null ? fault.text() : message;
    details = details == null ? null : details.copy();
  }

  /** Anything that is not of the catalogue becomes an internal error and keeps its text to itself. */
  public static Failed of(Throwable failure) {
    return failure instanceof FaultException known
        ? new Failed(known.fault(), known.getMessage(), known.retryAfter(), known.details())
        : new Failed(Fault.INTERNAL_ERROR, null, null, null);
  }

  public FaultException toException() {
    return new FaultException(fault, message, retryAfter, details == null ? null : details.copy());
  }

  @Override
  public WireType wireType() {
    return WireType.FAILED;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject()
        .put("code", fault.code())
        .put("error", fault.error())
        .put("message", message)
        .put("retry_after", retryAfter)
        .put("details", details == null ? null : details.copy());
  }

  public static Failed fromJson(JsonObject json) {
    return new Failed(
        Fault.ofCode(json.getString("code")),
        json.getString("message"),
        json.getInteger("retry_after"),
        json.getJsonObject("details"));
  }
}
