package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;

/** A header of a request that means something here. */
final class Header {

  private Header() {}

  /**
   * Null where there is none.
   *
   * @throws io.consoul.fault.FaultException E003 where there are several, for it could not be told which is meant
   */
  static String once(HttpServerRequest request, String name) {
    List<String> values = request.headers().getAll(name);
    if (values.size() > 1) {
      throw Fault.FIELD_VALIDATION_FAILED.inField(name, "must be given once");
    }
    return values.isEmpty() ? null : values.get(0);
  }
}
