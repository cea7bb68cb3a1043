package io.consoul.provider;

import io.consoul.node.Node;
import io.consoul.provider.course.Courses;
import io.vertx.core.Vertx;
import java.time.Instant;

/**
 * What all turns of one verticle instance work with.
 *
 * @param inbox of the instance
 */
record Workbench(
    Vertx vertx,
    Node node,
    String inbox,
    ProviderConfig config,
    TokenCount tokens,
    TokenMeters meters,
    Courses courses,
    UnheardText unheard,
    SessionCalls sessions) {

  /** Milliseconds since 1970. */
  long millis() {
    return node.clock().millis();
  }

  Instant now() {
    return node.clock().instant();
  }
}
