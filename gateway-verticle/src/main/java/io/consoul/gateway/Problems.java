package io.consoul.gateway;

import io.consoul.fault.FaultException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** What is wrong with a request, gathered, so that its caller learns all of it at once. */
final class Problems {

  private final List<FaultException> found = new ArrayList<>();

  /** What this field is, or null where it is wrong. */
  <T> T in(Supplier<T> field) {
    try {
      return field.get();
    } catch (FaultException problem) {
      found.add(problem);
      return null;
    }
  }

  /** @throws FaultException the first one, with the details of all */
  void check() {
    if (!found.isEmpty()) {
      throw FaultException.together(found);
    }
  }
}
