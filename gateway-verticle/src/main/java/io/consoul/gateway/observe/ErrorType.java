package io.consoul.gateway.observe;

import io.consoul.fault.Fault;

/** Whose matter a failure is, as metrics name it. */
public enum ErrorType {
  CLIENT_ERROR("client_error"),
  SERVER_ERROR("server_error"),
  PROVIDER_ERROR("provider_error"),
  STORE_ERROR("store_error");

  private static final int FIRST_OF_SERVER = 500;

  private final String label;

  ErrorType(String label) {
    this.label = label;
  }

  public String label() {
    return label;
  }

  static ErrorType of(Fault fault) {
    return switch (fault) {
      case SESSION_STORAGE_UNAVAILABLE, SESSION_SAVE_FAILED -> STORE_ERROR;
      case LLM_UNAVAILABLE,
          LLM_TIMEOUT,
          LLM_RATE_LIMITED,
          CIRCUIT_BREAKER_OPEN,
          CIRCUIT_BREAKER_HALF_OPEN,
          MODEL_NOT_AVAILABLE -> PROVIDER_ERROR;
      default -> fault.status() < FIRST_OF_SERVER ? CLIENT_ERROR : SERVER_ERROR;
    };
  }
}
