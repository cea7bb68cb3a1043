package io.consoul.testkit;

/** Why a provider refuses a request; each format has its own status, words and headers for it. */
public enum Refusal {
  RATE_LIMITED,
  QUOTA,
  SERVER_ERROR,
  UNAVAILABLE,
  OVERLOADED,
  UNAUTHORIZED,
  FORBIDDEN,
  NO_SUCH_MODEL,
  CONTEXT,
  FILTER,
  PREFILL
}
