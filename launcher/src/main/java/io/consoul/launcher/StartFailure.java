package io.consoul.launcher;

import io.consoul.gateway.GatewayConfig;
import io.consoul.redis.RedisUnreachable;
import java.net.BindException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;

/** What made the start of a node fail, in a line that tells what to do. */
final class StartFailure {

  /** @param listen where the gateway was to listen */
  static StartException told(Throwable failure, GatewayConfig listen) {
    return new StartException(reason(failure, listen));
  }

  private static String reason(Throwable failure, GatewayConfig listen) {
    String address = listen.host() + " port " + listen.port();
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof RedisUnreachable) {
        return cause.getMessage();
      }
      if (cause instanceof BindException) {
        return "Cannot listen on " + address + ": " + cause.getMessage()
            + ". Stop what uses it, or choose another with --port or --host.";
      }
      if (cause instanceof UnknownHostException || cause instanceof UnresolvedAddressException) {
        return "Cannot listen on " + address
            + ": the host is not known. Choose another with --host.";
      }
    }
    return "Cannot start: " + failure.getClass().getSimpleName() + ": " + failure.getMessage();
  }

  private StartFailure() {}
}
