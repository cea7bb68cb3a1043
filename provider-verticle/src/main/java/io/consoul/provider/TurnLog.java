package io.consoul.provider;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.TurnId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Says of turns that they failed, as loudly as that is news. */
final class TurnLog {

  private static final Logger log = LoggerFactory.getLogger(TurnLog.class);

  static void failed(TurnId turn, int length, FaultException fault) {
    log.atLevel(levelOf(fault.fault()))
        .log("turn {} failed after {} characters: {}", turn, length, fault.toString());
  }

  /** While a provider is left alone every turn that needs it fails: that was said when it began. */
  private static Level levelOf(Fault fault) {
    return switch (fault) {
      case CIRCUIT_BREAKER_OPEN, CIRCUIT_BREAKER_HALF_OPEN, LLM_RATE_LIMITED, SERVER_BUSY ->
        Level.DEBUG;
      default -> Level.INFO;
    };
  }

  private TurnLog() {}
}
