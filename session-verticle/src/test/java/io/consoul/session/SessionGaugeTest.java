package io.consoul.session;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.message.CreateSession;
import io.consoul.message.DeleteSession;
import io.consoul.message.ListSessions;
import io.consoul.message.MessagePage;
import io.consoul.message.ReadMessages;
import io.consoul.message.ReadSession;
import io.consoul.message.SessionInfo;
import io.consoul.message.SessionPage;
import io.consoul.node.Node;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayName("The gauge of active sessions")
class SessionGaugeTest {

  private static final Duration OFTEN = Duration.ofMillis(10);

  private Vertx vertx;
  private Node node;

  @BeforeEach
  void join(Vertx vertx) throws Exception {
    this.vertx = vertx;
    node = Node.join(vertx).await(20, SECONDS);
  }

  @Test
  @DisplayName("is the sum over the instances where each keeps its own")
  void apart() {
    Counted one = new Counted(false, 3);
    Counted two = new Counted(false, 4);
    SessionGauge first = gauge("one", one);
    gauge("two", two);
    awaitSessions(7);

    one.count = 5;
    awaitSessions(9);

    first.stop();
    awaitSessions(4);
  }

  @Test
  @DisplayName("is what the store says where the instances share it")
  void shared() {
    Counted store = new Counted(true, 1_000);
    SessionGauge first = gauge("one", store);
    gauge("two", store);
    awaitSessions(1_000);

    store.count = 1_001;
    awaitSessions(1_001);

    first.stop();
    await().during(Duration.ofMillis(100)).until(() -> sessions() == 1_001);
  }

  @Test
  @DisplayName("stands still while the store cannot be asked")
  void away() {
    Counted store = new Counted(true, 8);
    gauge("one", store);
    awaitSessions(8);

    store.count = -1;
    await().during(Duration.ofMillis(200)).until(() -> sessions() == 8);

    store.count = 9;
    awaitSessions(9);
  }

  @Test
  @DisplayName("counts what an instance keeps by itself only as long as it does")
  void changing() {
    Counted store = new Counted(true, 8);
    gauge("one", store);
    awaitSessions(8);

    store.shared = false;
    store.count = 2;
    awaitSessions(2);
  }

  @Test
  @DisplayName("shows the sessions of a session verticle")
  void ofVerticle() throws Exception {
    SessionConfig config = SessionConfig.from(new JsonObject());
    vertx.deployVerticle(new SessionVerticle(config, node)).await(20, SECONDS);
    assertThat(sessions()).isZero();
    assertThat(node.meters().get("consoul_turns_interrupted").counter().count()).isZero();
  }

  private SessionGauge gauge(String inbox, SessionCatalog catalog) {
    SessionGauge gauge = new SessionGauge(vertx, node, catalog, inbox);
    vertx.runOnContext(loop -> gauge.start(OFTEN));
    return gauge;
  }

  private void awaitSessions(double expected) {
    await().untilAsserted(() -> assertThat(sessions()).isEqualTo(expected));
  }

  private double sessions() {
    return node.meters().get("consoul_active_sessions").gauge().value();
  }

  /** A catalog that can do nothing but count; a negative number is a failure. */
  private static final class Counted implements SessionCatalog {

    private volatile boolean shared;
    private volatile long count;

    private Counted(boolean shared, long count) {
      this.shared = shared;
      this.count = count;
    }

    @Override
    public boolean isShared() {
      return shared;
    }

    @Override
    public Future<Long> count() {
      return count < 0
          ? Future.failedFuture(Fault.SESSION_STORAGE_UNAVAILABLE.because())
          : Future.succeededFuture(count);
    }

    @Override
    public Future<SessionInfo> create(CreateSession create, int promptTokens) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Future<SessionInfo> read(ReadSession read) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Future<MessagePage> messages(ReadMessages read) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Future<SessionPage> list(ListSessions list) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Future<Optional<SessionStore.Known.Pending>> delete(DeleteSession delete) {
      throw new UnsupportedOperationException();
    }
  }
}
