package io.consoul.gateway.observe;

import io.consoul.gateway.key.Caller;
import io.consoul.trace.RequestContext;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** One WebSocket as metrics and the access log see it, from its upgrade to its end. Confined to one event loop. */
public final class SocketObserver {

  private static final int SWITCHING = 101;

  private final Observers observers;
  private final Origin origin;
  private final RequestContext upgrade;
  private final Caller caller;
  private final long begun;
  private final Set<RequestObserver> open = new HashSet<>();
  private int asked;
  private int messages;

  SocketObserver(
      Observers observers, Origin origin, RequestContext upgrade, Caller caller, long begun) {
    this.observers = observers;
    this.origin = origin;
    this.upgrade = upgrade;
    this.caller = caller;
    this.begun = begun;
  }

  /** A message has come. */
  public RequestObserver message() {
    RequestObserver message =
        new RequestObserver(observers, origin.ofMessage(++asked), upgrade, caller, this::finished);
    open.add(message);
    return message;
  }

  /** It asks for nothing that could be counted. */
  public void passOver(RequestObserver message) {
    open.remove(message);
  }

  /** @param code of the close frame, or null where none has come */
  public void closed(Short code) {
    List.copyOf(open).forEach(RequestObserver::left);
    upgrade.run(() -> observers
        .log()
        .line(Endpoint.SOCKET)
        .ifPresent(line -> line.of(
                origin, origin.method(), SWITCHING, Math.max(0, observers.nanos() - begun))
            .by(caller)
            .with("messages", messages)
            .with("close_code", code)
            .write()));
  }

  private void finished(RequestObserver message) {
    open.remove(message);
    messages++;
  }
}
