package io.consoul.session;

import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.DisplayName;

@DisplayName("The memory store, of a turn that was begun before,")
class MemoryKnownTurnTest extends KnownTurnContract {

  @Override
  StoreFixture open(JsonObject config) {
    return new MemoryFixture(config);
  }
}
