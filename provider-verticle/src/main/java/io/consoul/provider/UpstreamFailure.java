package io.consoul.provider;

import io.consoul.fault.FaultException;
import java.time.Duration;

/**
 * Why a provider gave no answer, or none that is whole.
 *
 * @param fault what the caller is told when nothing else helps
 * @param retryAfter how long the provider wants to be left alone, or null
 */
public record UpstreamFailure(Cause cause, FaultException fault, Duration retryAfter) {

  /** What went wrong, as far as it makes a difference to what is done about it. */
  public enum Cause {
    /** No connection, or it was lost before the response's head. */
    UNREACHABLE(true, true, true),
    /** A status of 500 or more, or 408. */
    UNAVAILABLE(true, true, true),
    /** 409. */
    CONFLICT(true, false, true),
    /** 429, which a pause helps against. */
    RATE_LIMITED(true, true, true),
    /** 429 or another refusal, which only a payment or the next day helps against. */
    QUOTA(false, true, true),
    /** No byte in time. Asking the same again would wait as long again. */
    SILENT(false, true, true),
    /** The stream ended without its end. */
    CUT(true, true, true),
    /** An error event under status 200. */
    ERROR_IN_STREAM(true, true, true),
    /** A response that is none of the format: a web page, a line without end. */
    GARBLED(false, true, true),
    /** The prompt does not fit: a target with a larger window helps. */
    TOO_LONG(false, false, true),
    /** The content filter. Another provider is not asked to say what this one would not. */
    FILTERED(false, false, false),
    /** A 4xx that the request itself is to blame for. */
    REFUSED(false, false, false),
    /** 401, 403, a redirect: this server's configuration of the provider. */
    UNAUTHORIZED(false, false, true),
    /** 404. */
    NO_SUCH_MODEL(false, false, true),
    /** Too many of our own calls to it wait already. */
    BUSY(false, false, true),
    /** The breaker lets nothing through. */
    SHUT_OUT(false, false, true),
    /** A defect of ours. */
    BROKEN(false, false, false);

    private final boolean worthRetrying;
    private final boolean providersFault;
    private final boolean worthAnother;

    Cause(boolean worthRetrying, boolean providersFault, boolean worthAnother) {
      this.worthRetrying = worthRetrying;
      this.providersFault = providersFault;
      this.worthAnother = worthAnother;
    }

    /** Whether the same target may give the answer a little later. */
    public boolean isWorthRetrying() {
      return worthRetrying;
    }

    /** Whether the breaker counts it. */
    public boolean isProvidersFault() {
      return providersFault;
    }

    /** Whether another target may give the answer. */
    public boolean isWorthAnother() {
      return worthAnother;
    }
  }

  public UpstreamFailure(Cause cause, FaultException fault) {
    this(cause, fault, null);
  }

  @Override
  public String toString() {
    return cause + " (" + fault + ")";
  }
}
