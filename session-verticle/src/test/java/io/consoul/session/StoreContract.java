package io.consoul.session;

import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Tests that run against every store: a subclass for each store opens it. */
abstract class StoreContract {

  /** Sessions live for 100 s in it. */
  StoreFixture fixture;

  private final List<StoreFixture> opened = new ArrayList<>();

  /**
   * Opens a store that nothing is in.
   *
   * @param config as in session.json; a lease that it does not tell is up to the fixture
   */
  abstract StoreFixture open(JsonObject config);

  @BeforeEach
  void openStore() {
    fixture = opened(new JsonObject().put("ttlSeconds", 100));
  }

  @AfterEach
  void closeStores() {
    opened.forEach(StoreFixture::close);
  }

  /** One more store, with a configuration of its own. */
  final StoreFixture opened(JsonObject config) {
    StoreFixture store = open(config);
    opened.add(store);
    return store;
  }
}
