package io.consoul.provider;

import io.consoul.node.Node;
import io.consoul.provider.course.Courses;
import io.vertx.core.Vertx;
import java.time.Instant;

/**
 * What all turns of one verticle instance work with that have begun since the configuration last changed.
 *
 * @param inbox of the instance
 */
record Workbench(
    Vertx vertx,
    Node node,
    String inbox,
    ProviderConfig config,
    Adapters adapters,
    TokenCount tokens,
    TokenMeters meters,
    Courses courses,
    UnheardText unheard,
    SessionCalls sessions) {

  /** The same for turns that begin after a change of the configuration. */
  Workbench changedTo(ProviderConfig changed, Courses changedCourses) {
    return new Workbench(
        vertx,
        node,
        inbox,
        changed,
        adapters,
        tokens,
        new TokenMeters(node.meters(), changed.upstreams()),
        changedCourses,
        unheard,
        sessions);
  }

  /** Milliseconds since 1970. */
  long millis() {
    return node.clock().millis();
  }

  Instant now() {
    return node.clock().instant();
  }
}
