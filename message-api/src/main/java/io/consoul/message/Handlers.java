package io.consoul.message;

import io.consoul.fault.Fault;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/** What an inbox or address takes, as a table: message class to handler. Anything else is refused. */
public final class Handlers {

  private final Map<Class<?>, Function<BusMessage, Future<? extends BusMessage>>> table =
      new HashMap<>();

  /** A request: its future's value, or its failure as {@link Failed}, is the reply. */
  public <M extends BusMessage> Handlers on(
      Class<M> type, Function<? super M, ? extends Future<? extends BusMessage>> handler) {
    table.put(type, message -> handler.apply(type.cast(message)));
    return this;
  }

  /** An event: it has no reply. */
  public <M extends BusMessage> Handlers onEvent(Class<M> type, Consumer<? super M> handler) {
    table.put(type, message -> {
      handler.accept(type.cast(message));
      return null;
    });
    return this;
  }

  /** The reply to come, or null for an event. */
  Future<? extends BusMessage> handle(BusMessage message) {
    var handler = table.get(message.getClass());
    if (handler != null) {
      return handler.apply(message);
    }
    if (message instanceof Unknown unknown) {
      return Future.failedFuture(
          Fault.INVALID_REQUEST_BODY.because("this node cannot read a message "
              + unknown.name() + " of frame version " + unknown.frameVersion() + "; it reads up to "
              + BusCodec.NEWEST_VERSION));
    }
    return Future.failedFuture(Fault.INVALID_REQUEST_BODY.because(
        "this address takes no " + message.wireType().wireName()));
  }
}
