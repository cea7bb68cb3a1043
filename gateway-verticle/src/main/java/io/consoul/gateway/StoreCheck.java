package io.consoul.gateway;

import io.consoul.message.Hello;
import io.consoul.message.StoreState;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What /ready says about the store of the sessions, by what the session instances say in their hellos. While one of them
 * reaches its store, turns go to that one, so the store is there.
 */
final class StoreCheck {

  /** Empty where no instance says where it keeps its sessions. */
  private final Optional<StoreState> state;

  /** @param sessions the instances that take work, the preferred ones first */
  StoreCheck(List<Hello> sessions) {
    List<StoreState> states =
        sessions.stream().map(Hello::store).filter(Objects::nonNull).toList();
    this.state = states.stream()
        .filter(StoreState::isWhole)
        .findFirst()
        .or(() -> states.stream().filter(StoreState.DEGRADED::equals).findFirst())
        .or(() -> states.stream().findFirst());
  }

  /** Turns are kept elsewhere until Redis is back. */
  boolean isDegraded() {
    return is(StoreState.DEGRADED);
  }

  /** Turns are refused until Redis is back. */
  boolean isDown() {
    return is(StoreState.DOWN);
  }

  /** Adds {@code session_store}, and {@code redis} where sessions are in Redis and nowhere else. */
  JsonObject addTo(JsonObject checks) {
    state.ifPresent(known ->
        checks.put("session_store", isDown() ? StoreState.REDIS.wireName() : known.wireName()));
    if (isDown() || is(StoreState.REDIS)) {
      checks.put("redis", !isDown());
    }
    return checks;
  }

  private boolean is(StoreState other) {
    return state.filter(other::equals).isPresent();
  }
}
