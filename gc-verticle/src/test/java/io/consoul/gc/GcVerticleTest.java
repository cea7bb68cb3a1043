package io.consoul.gc;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.message.BusMessage;
import io.consoul.message.Handlers;
import io.consoul.message.Kind;
import io.consoul.message.Sweep;
import io.consoul.message.Swept;
import io.consoul.node.Membership;
import io.consoul.node.Node;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayName("The gc verticle")
class GcVerticleTest {

  private Vertx vertx;
  private Node node;

  @BeforeEach
  void join(Vertx vertx) throws Exception {
    this.vertx = vertx;
    node = Node.join(vertx).await(5, SECONDS);
  }

  @Test
  @DisplayName("asks every session instance for step after step until nothing is left")
  void steps() throws Exception {
    List<Sweep> one = session(asked -> new Swept(asked.limit(), 0, true), 3);
    List<Sweep> two = session(asked -> new Swept(0, 0, false), 1);

    deploy(new JsonObject()
        .put("intervalSeconds", 0.2)
        .put("batchSize", 7)
        .put("orphanIntervalSeconds", 3_600));

    await().until(() -> one.size() >= 3 && !two.isEmpty());
    assertThat(one).allMatch(sweep -> sweep.equals(new Sweep(7, false)));
  }

  @Test
  @DisplayName("looks for orphans on its own rhythm, also when collections are off")
  void orphans() throws Exception {
    List<Sweep> asked = session(sweep -> new Swept(0, 0, false), 1);

    deploy(new JsonObject().put("intervalSeconds", 0).put("orphanIntervalSeconds", 0.05));

    await().until(() -> asked.size() >= 3);
    assertThat(asked).allMatch(Sweep::orphansOnly);
  }

  @Test
  @DisplayName("never has two collections under way at once")
  void oneAtATime() throws Exception {
    Promise<BusMessage> answer = Promise.promise();
    List<Sweep> stuck = serve(sweep -> answer.future());
    List<Sweep> quick = session(sweep -> new Swept(0, 0, false), 1);

    deploy(new JsonObject().put("intervalSeconds", 0).put("orphanIntervalSeconds", 0.05));
    await().until(() -> !stuck.isEmpty());
    await().during(Duration.ofMillis(400)).until(() -> stuck.size() == 1 && quick.size() == 1);
    answer.complete(new Swept(0, 0, false));

    await().until(() -> stuck.size() > 1);
  }

  @Test
  @DisplayName("goes on with the others when an instance does not answer")
  void silentInstance() throws Exception {
    serve(sweep -> Promise.<BusMessage>promise().future());
    List<Sweep> other = session(sweep -> new Swept(0, 0, false), 1);

    deploy(new JsonObject().put("intervalSeconds", 0).put("orphanIntervalSeconds", 0.05));

    await().atMost(Duration.ofSeconds(10)).until(() -> other.size() >= 2);
  }

  private void deploy(JsonObject config) throws Exception {
    vertx.deployVerticle(new GcVerticle(GcConfig.from(config), node)).await(5, SECONDS);
  }

  /** A session instance that says so often what the script says, and then that nothing is left. */
  private List<Sweep> session(Function<Sweep, Swept> script, int times) throws Exception {
    int[] left = {times};
    return serve(sweep ->
        Future.succeededFuture(left[0]-- > 0 ? script.apply(sweep) : new Swept(0, 0, false)));
  }

  private List<Sweep> serve(Function<Sweep, Future<? extends BusMessage>> script) throws Exception {
    Membership membership = node.directory().join(Kind.SESSION);
    List<Sweep> asked = new CopyOnWriteArrayList<>();
    node.bus()
        .serve(membership.inbox(), new Handlers().on(Sweep.class, sweep -> {
              asked.add(sweep);
              return script.apply(sweep);
            }))
        .completion()
        .await(5, SECONDS);
    return asked;
  }
}
