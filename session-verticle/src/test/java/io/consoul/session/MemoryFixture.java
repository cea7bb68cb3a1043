package io.consoul.session;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/** A memory store with a clock that a test moves. */
final class MemoryFixture extends StoreFixture {

  final MemoryStore memory;
  private final SessionConfig config;

  MemoryFixture(JsonObject config) {
    this(config, new Random(1));
  }

  MemoryFixture(JsonObject json, Random random) {
    super(random);
    config = SessionConfig.from(json.copy().put("instances", 1));
    memory = new MemoryStore(config, this::now, random, changes::add);
    store = memory;
    catalog = memory.catalog();
  }

  @Override
  Duration lease() {
    return config.lease();
  }

  @Override
  List<StoredMessage> messages(String session) {
    return memory.messages("default:" + session);
  }

  @Override
  boolean exists(String session) {
    return memory.exists("default:" + session);
  }
}
