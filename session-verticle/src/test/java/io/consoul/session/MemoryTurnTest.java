package io.consoul.session;

import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.DisplayName;

@DisplayName("The memory store")
class MemoryTurnTest extends TurnContract {

  @Override
  StoreFixture open(JsonObject config) {
    return new MemoryFixture(config);
  }
}
