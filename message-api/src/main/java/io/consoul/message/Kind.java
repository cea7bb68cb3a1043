package io.consoul.message;

import io.consoul.fault.Fault;
import java.util.Locale;

/** The four kinds of verticle, and the fault that tells a caller that none of a kind answers. */
public enum Kind {
  GATEWAY(Fault.INTERNAL_ERROR),
  SESSION(Fault.SESSION_STORAGE_UNAVAILABLE),
  PROVIDER(Fault.LLM_UNAVAILABLE),
  GC(Fault.INTERNAL_ERROR);

  private final Fault absent;

  Kind(Fault absent) {
    this.absent = absent;
  }

  public Fault absent() {
    return absent;
  }

  /** The name in addresses, in configuration and in the output of the product. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
