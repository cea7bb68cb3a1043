package io.consoul.session;

import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.DisplayName;

@DisplayName("The memory store, while a batch has a session to itself,")
class MemoryReservationTest extends ReservationContract {

  @Override
  StoreFixture open(JsonObject config) {
    return new MemoryFixture(config);
  }
}
