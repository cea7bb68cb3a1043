package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;

/** The parameters of a request's query. */
final class Query {

  private final MultiMap parameters;

  private Query(MultiMap parameters) {
    this.parameters = parameters;
  }

  /** @throws io.consoul.fault.FaultException E003 where it cannot be decoded */
  static Query of(HttpServerRequest request) {
    try {
      return new Query(request.params());
    } catch (IllegalArgumentException malformed) {
      throw Fault.FIELD_VALIDATION_FAILED.inField("query", "must be percent-encoded UTF-8");
    }
  }

  /** Null where there is none; the last one of several would surprise, so they are refused. */
  String text(String name) {
    List<String> values = parameters.getAll(name);
    if (values.size() > 1) {
      throw Fault.FIELD_VALIDATION_FAILED.inField(name, "must be given once");
    }
    return values.isEmpty() || values.get(0).isEmpty() ? null : values.get(0);
  }

  int integer(String name, int defaultValue, int min, int max) {
    String text = text(name);
    if (text == null) {
      return defaultValue;
    }
    try {
      int value = Integer.parseInt(text);
      if (value >= min && value <= max) {
        return value;
      }
    } catch (NumberFormatException malformed) {
      // falls through to the one answer for every wrong value
    }
    throw Fault.FIELD_VALIDATION_FAILED.inField(
        name, "must be an integer from " + min + " to " + max);
  }
}
