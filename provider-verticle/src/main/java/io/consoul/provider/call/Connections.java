package io.consoul.provider.call;

import io.vertx.core.http.HttpConnection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The open connections of this JVM to one provider. No more than a given number of them is kept idle. May be used on any thread. */
final class Connections {

  private final int maxIdle;

  // The rest is guarded by this.
  /** How many calls each open connection has. */
  private final Map<HttpConnection, Integer> calls = new HashMap<>();

  /** Those that are being closed; they have no calls. */
  private final Set<HttpConnection> leaving = new HashSet<>();

  private int busy;

  Connections(int maxIdle) {
    this.maxIdle = maxIdle;
  }

  /** Takes notice of a new one until it is closed. */
  void opened(HttpConnection connection) {
    synchronized (this) {
      calls.put(connection, 0);
    }
    connection.closeHandler(closed -> closed(connection));
  }

  /** Begins a call on it; false when it is about to be closed, or was a moment ago, and another one has to be asked for. */
  synchronized boolean take(HttpConnection connection) {
    if (leaving.contains(connection)) {
      return false;
    }
    Integer number = calls.computeIfPresent(connection, (open, others) -> others + 1);
    if (number == null) {
      return false;
    }
    if (number == 1) {
      busy++;
    }
    return true;
  }

  /** Ends a call on it, and closes it if enough others are idle. */
  void give(HttpConnection connection) {
    synchronized (this) {
      Integer left = calls.computeIfPresent(connection, (open, all) -> all - 1);
      if (left == null || left > 0) {
        return;
      }
      busy--;
      if (idle() <= maxIdle) {
        return;
      }
      leaving.add(connection);
    }
    connection.close();
  }

  synchronized int open() {
    return calls.size();
  }

  synchronized int idle() {
    return calls.size() - busy - leaving.size();
  }

  private synchronized void closed(HttpConnection connection) {
    Integer number = calls.remove(connection);
    if (number != null && number > 0) {
      busy--;
    }
    leaving.remove(connection);
  }
}
