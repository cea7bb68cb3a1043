package io.consoul.provider.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpConnection;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The open connections of a provider")
class ConnectionsTest {

  private final Connections connections = new Connections(1);

  @Test
  @DisplayName("are not used again when they were closed while they were on offer")
  void closedOnOffer() {
    AtomicReference<Handler<Void>> closing = new AtomicReference<>();
    HttpConnection connection = connection(closing);
    connections.opened(connection);
    assertThat(connections.take(connection)).isTrue();
    connections.give(connection);

    closing.get().handle(null);

    assertThat(connections.take(connection)).isFalse();
    assertThat(connections.open()).isZero();
    assertThat(connections.idle()).isZero();
  }

  /** One that tells when it was closed, and does nothing else. */
  private static HttpConnection connection(AtomicReference<Handler<Void>> closing) {
    return (HttpConnection) Proxy.newProxyInstance(
        HttpConnection.class.getClassLoader(),
        new Class<?>[] {HttpConnection.class},
        (proxy, method, arguments) -> switch (method.getName()) {
          case "closeHandler" -> {
            @SuppressWarnings("unchecked")
            Handler<Void> handler = (Handler<Void>) arguments[0];
            closing.set(handler);
            yield proxy;
          }
          case "hashCode" -> System.identityHashCode(proxy);
          case "equals" -> proxy == arguments[0];
          default -> null;
        });
  }
}
