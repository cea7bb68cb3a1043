package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.regex.Pattern;

/** The parameters of a request's query. */
final class Query {

  /** Java would also take the digits of other scripts. */
  private static final Pattern WHOLE_NUMBER = Pattern.compile("-?[0-9]{1,9}");

  /** What the decoder puts in place of bytes that are not. */
  private static final char NOT_UTF_8 = '\uFFFD';

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
    if (values.isEmpty() || values.get(0).isEmpty()) {
      return null;
    }
    String value = values.get(0);
    if (value.codePoints().anyMatch(c -> Character.isISOControl(c) || c == NOT_UTF_8)) {
      throw Fault.FIELD_VALIDATION_FAILED.inField(
          name, "must be percent-encoded UTF-8 without control characters");
    }
    return value;
  }

  int integer(String name, int defaultValue, int min, int max) {
    String text = text(name);
    if (text == null) {
      return defaultValue;
    }
    if (WHOLE_NUMBER.matcher(text).matches()) {
      int value = Integer.parseInt(text);
      if (value >= min && value <= max) {
        return value;
      }
    }
    throw Fault.FIELD_VALIDATION_FAILED.inField(
        name, "must be an integer from " + min + " to " + max);
  }
}
