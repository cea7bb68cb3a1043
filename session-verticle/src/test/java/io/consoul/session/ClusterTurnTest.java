package io.consoul.session;

import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;

@DisplayName("The store that a cluster shares")
class ClusterTurnTest extends TurnContract {

  private static ClusterFixture.Members members;

  @BeforeAll
  static void startMembers() {
    members = new ClusterFixture.Members();
  }

  @AfterAll
  static void stopMembers() {
    members.close();
  }

  @Override
  StoreFixture open(JsonObject config) {
    return new ClusterFixture(members, config);
  }

  @Override
  int manyTurns() {
    return 200;
  }
}
