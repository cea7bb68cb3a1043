package io.consoul.session;

import io.vertx.core.json.JsonObject;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;

@DisplayName("Whatever happens to turns in a cluster, in whatever order, at whichever member")
class ClusterStoreModelTest extends MemoryStoreModelTest {

  private static final int RUNS = 2;

  private static ClusterFixture.Members members;

  static LongStream seeds() {
    return new Random().longs(RUNS);
  }

  @BeforeAll
  static void startMembers() {
    members = new ClusterFixture.Members();
  }

  @AfterAll
  static void stopMembers() {
    members.close();
  }

  @Override
  StoreFixture open(JsonObject config, Random source) {
    return new ClusterFixture(members, config, source);
  }
}
