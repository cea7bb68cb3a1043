package io.consoul.session;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.Accepted;
import io.consoul.message.Addresses;
import io.consoul.message.AnswerTurn;
import io.consoul.message.BeginTurn;
import io.consoul.message.BusMessage;
import io.consoul.message.ChatMessage;
import io.consoul.message.Hello;
import io.consoul.message.Kind;
import io.consoul.message.Listener;
import io.consoul.message.Queued;
import io.consoul.message.Replayed;
import io.consoul.message.SessionId;
import io.consoul.message.Sweep;
import io.consoul.message.Swept;
import io.consoul.message.Tenant;
import io.consoul.message.TurnFailed;
import io.consoul.message.TurnId;
import io.consoul.node.Node;
import io.consoul.testkit.ListeningInbox;
import io.consoul.testkit.ScriptedProvider;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayName("The session verticle")
class SessionVerticleTest {

  private static final Duration SOON = Duration.ofSeconds(20);

  private Vertx vertx;
  private Node node;
  private ListeningInbox gateway;
  private String deployment;

  @BeforeEach
  void join(Vertx vertx) throws Exception {
    this.vertx = vertx;
    node = Node.join(vertx).await(20, SECONDS);
    gateway = ListeningInbox.open(node.bus()).await(20, SECONDS);
  }

  @Test
  @DisplayName(
      "gives a turn with its settings and history to a provider, and tells the gateway whose inbox it is")
  void accepted() throws Exception {
    deploy(new JsonObject()
        .put(
            "newSessions",
            new JsonObject().put("systemPrompt", "Be kind.").put("temperature", 0.5)));
    ScriptedProvider provider = provider().sealingWith(turn -> "eins");
    begin(turn("s", "one"));
    BeginTurn second = turn("s", "two");

    Accepted accepted = accepted(second);

    AnswerTurn order = provider.received().await(AnswerTurn.class, 2).get(1);
    assertThat(accepted).isEqualTo(new Accepted(second.turn(), order.fence(), provider.inbox()));
    assertThat(order.settings().systemPrompt()).isEqualTo("Be kind.");
    assertThat(order.settings().temperature()).isEqualTo(0.5);
    assertThat(order.history())
        .containsExactly(
            ChatMessage.user("one"), ChatMessage.assistant("eins"), ChatMessage.user("two"));
    assertThat(order.model()).isEqualTo("scripted/scripted");
    assertThat(order.listener()).isEqualTo(second.listener());
    assertThat(order.deadline()).isAfter(node.clock().instant());
  }

  @Test
  @DisplayName(
      "lets turns of one session begin in the order of their arrival, each when the one before is sealed")
  void inOrder() throws Exception {
    deploy(new JsonObject().put("queuedIntervalMillis", 50));
    ScriptedProvider provider = provider();
    BeginTurn first = turn("s", "question 0");
    Future<BusMessage> begun = ask(first);
    List<BeginTurn> waiting =
        IntStream.range(1, 4).mapToObj(i -> turn("s", "question " + i)).toList();
    List<Future<BusMessage>> replies = waiting.stream().map(this::ask).toList();
    accepted(first, begun);
    for (Future<BusMessage> reply : replies) {
      assertThat(reply.await(20, SECONDS)).isInstanceOf(Queued.class);
    }

    for (int i = 0; i < 4; i++) {
      AnswerTurn order = provider.received().await(AnswerTurn.class, i + 1).get(i);
      assertThat(order.history())
          .hasSize(2 * i + 1)
          .last()
          .isEqualTo(ChatMessage.user("question " + i));
      assertThat(provider.received().all()).hasSize(i + 1);
      provider.seal(order, "answer " + i).await(20, SECONDS);
    }
    gateway
        .received()
        .await(Accepted.class, told -> told.turn().equals(waiting.get(2).turn()));
    assertThat(gateway.received().all(Accepted.class).stream().map(Accepted::turn))
        .filteredOn(told -> !told.equals(first.turn()))
        .containsExactlyElementsOf(waiting.stream().map(BeginTurn::turn).toList());
  }

  @Test
  @DisplayName(
      "tells a waiting turn's gateway that it is queued, first as the reply, then again and again")
  void queued() throws Exception {
    deploy(new JsonObject().put("queuedIntervalMillis", 50));
    provider();
    begin(turn("s", "one"));
    BeginTurn waiting = turn("s", "two");

    assertThat(begin(waiting)).isEqualTo(new Queued(waiting.turn(), 1));
    assertThat(gateway.received().await(Queued.class, 3).get(2).turn()).isEqualTo(waiting.turn());

    BeginTurn third = turn("s", "three");
    assertThat(begin(third)).isEqualTo(new Queued(third.turn(), 2));
  }

  @Test
  @DisplayName(
      "lets the next turn begin at once when the one before is aborted, which leaves no trace")
  void aborted() throws Exception {
    deploy(new JsonObject());
    ScriptedProvider provider = provider();
    begin(turn("s", "one"));
    BeginTurn next = turn("s", "two");
    Future<BusMessage> second = ask(next);

    provider.abort(provider.received().await(AnswerTurn.class)).await(20, SECONDS);

    accepted(next, second);
    assertThat(provider.received().await(AnswerTurn.class, 2).get(1).history())
        .containsExactly(ChatMessage.user("two"));
  }

  @Test
  @DisplayName("gives up a turn that has waited for the lock time-out, with E102")
  void lockTimeout() throws Exception {
    deploy(new JsonObject().put("lockTimeoutSeconds", 0.2));
    ScriptedProvider provider = provider();
    accepted(turn("s", "one"));

    assertFault(Fault.SESSION_LOCKED, () -> begin(turn("s", "two")));
    assertThat(provider.received().all()).hasSize(1);
  }

  @Test
  @DisplayName("tells E102 to the listener where the reply was that the turn is queued")
  void lockTimeoutAfterQueued() throws Exception {
    deploy(new JsonObject().put("lockTimeoutSeconds", 0.3).put("queuedIntervalMillis", 50));
    provider();
    begin(turn("s", "one"));
    BeginTurn waiting = turn("s", "two");
    begin(waiting);

    TurnFailed failed = gateway.received().await(TurnFailed.class);

    assertThat(failed.turn()).isEqualTo(waiting.turn());
    assertThat(failed.failure().fault()).isEqualTo(Fault.SESSION_LOCKED);
  }

  @Test
  @DisplayName("lets the others of a session begin when one in the middle has given up")
  void oneGivesUp() throws Exception {
    deploy(new JsonObject().put("lockTimeoutSeconds", 2.5));
    ScriptedProvider provider = provider();
    begin(turn("s", "one"));
    ask(turn("s", "two"));
    TurnFailed failed = gateway.received().await(TurnFailed.class);
    assertThat(failed.failure().fault()).isEqualTo(Fault.SESSION_LOCKED);

    AnswerTurn order = provider.received().await(AnswerTurn.class);
    BeginTurn third = turn("s", "three");
    Future<BusMessage> begun = ask(third); // it has to be let in before it gives up, too
    Future<?> sealed = provider.seal(order, "eins");

    accepted(third, begun);
    sealed.await(20, SECONDS);
  }

  @Test
  @DisplayName(
      "passes over a provider that does not take a turn, with a higher fence, and locks it out")
  void silentProvider() throws Exception {
    deploy(new JsonObject().put("acknowledgementMillis", 1_000));
    ScriptedProvider one = provider();
    ScriptedProvider two = provider();
    List<AnswerTurn> orders = new CopyOnWriteArrayList<>();
    for (ScriptedProvider each : List.of(one, two)) {
      each.onAnswer(order -> {
        orders.add(order);
        return orders.size() == 1 ? ScriptedProvider.noAnswer() : each.answering(order);
      });
    }

    Accepted accepted = accepted(turn("s", "one"));

    assertThat(orders).hasSize(2);
    assertThat(accepted.fence())
        .isEqualTo(orders.get(1).fence())
        .isGreaterThan(orders.get(0).fence());
    assertFault(Fault.SESSION_LOCKED, () -> one.progress(orders.get(0), 0, "x").await(20, SECONDS));
    two.seal(orders.get(1), "eins").await(20, SECONDS);
  }

  @Test
  @DisplayName("says E200 and keeps no trace when nobody takes the turn")
  void nobodyTakesIt() throws Exception {
    deploy(new JsonObject().put("acknowledgementMillis", 1_000));
    assertFault(Fault.LLM_UNAVAILABLE, () -> begin(turn("s", "one")));
    ScriptedProvider provider = provider().onAnswer(order -> ScriptedProvider.noAnswer());
    assertFault(Fault.LLM_UNAVAILABLE, () -> begin(turn("s", "one")));

    provider.onAnswer(provider::answering);
    accepted(turn("s", "one"));

    assertThat(provider.received().await(AnswerTurn.class, 2).get(1).history()).hasSize(1);
  }

  @Test
  @DisplayName("passes a provider's refusal on whole, and lets the next turn begin")
  void refused() throws Exception {
    deploy(new JsonObject());
    JsonObject details = new JsonObject().put("available", "echo");
    ScriptedProvider provider = provider()
        .onAnswer(order -> Future.failedFuture(
            new FaultException(Fault.MODEL_NOT_AVAILABLE, "no such model", 3, details)));

    FaultException refused =
        catchThrowableOfType(FaultException.class, () -> begin(turn("s", "one")));
    provider.onAnswer(provider::answering);

    assertThat(refused.fault()).isEqualTo(Fault.MODEL_NOT_AVAILABLE);
    assertThat(refused).hasMessage("no such model");
    assertThat(refused.retryAfter()).isEqualTo(3);
    assertThat(refused.details()).isEqualTo(details);
    accepted(turn("s", "two"));
  }

  @Test
  @DisplayName(
      "runs a turn once, however often it is begun: while it waits, while it runs, after its seal")
  void begunAgain() throws Exception {
    deploy(new JsonObject().put("queuedIntervalMillis", 50));
    ScriptedProvider provider = provider();
    BeginTurn first = turn("s", "one");
    Accepted accepted = accepted(first);
    BeginTurn waiting = turn("s", "two");
    begin(waiting);

    assertThat(accepted(first)).isEqualTo(accepted);
    Future<BusMessage> again = ask(waiting);
    AnswerTurn order = provider.received().await(AnswerTurn.class);
    provider.seal(order, "eins").await(20, SECONDS);
    provider.received().await(AnswerTurn.class, 2);

    assertThat(again.await(20, SECONDS)).isInstanceOfAny(Queued.class, Accepted.class);
    assertThat(begin(first)).isInstanceOf(Replayed.class);
    provider.seal(provider.received().all(AnswerTurn.class).get(1), "zwei").await(20, SECONDS);
    assertThat(provider.received().all(AnswerTurn.class)).hasSize(2);
  }

  @Test
  @DisplayName("does not take a turn of another tenant for the same, whatever id its caller gives")
  void otherTenant() throws Exception {
    deploy(new JsonObject().put("queuedIntervalMillis", 50));
    ScriptedProvider provider = provider();
    BeginTurn running = turn("s", "one");
    Accepted accepted = accepted(running);
    BeginTurn waiting = turn("s", "two");
    begin(waiting);
    ListeningInbox stranger = ListeningInbox.open(node.bus()).await(20, SECONDS);

    for (BeginTurn own : List.of(running, waiting)) {
      BeginTurn begin =
          new BeginTurn(own.turn(), new Tenant("other"), "stolen", null, stranger.listener());
      assertThat(begin(begin)).isNotEqualTo(accepted);
    }
    provider.seal(provider.received().await(AnswerTurn.class), "eins").await(20, SECONDS);

    gateway.received().await(Accepted.class, told -> told.turn().equals(waiting.turn()));
    assertThat(provider.received().all(AnswerTurn.class))
        .filteredOn(order -> order.tenant().equals(Tenant.DEFAULT))
        .allMatch(order -> order.listener().equals(gateway.listener()));
  }

  @Test
  @DisplayName("refuses more waiting turns than the bound, with E022")
  void tooManyWait() throws Exception {
    deploy(new JsonObject().put("maxWaitingTurns", new JsonObject().put("perSession", 2)));
    provider();
    begin(turn("s", "one"));
    ask(turn("s", "two"));
    ask(turn("s", "three"));

    Future<BusMessage> fourth = ask(turn("s", "four"));
    assertFault(Fault.SERVER_BUSY, () -> fourth.await(20, SECONDS));
  }

  @Test
  @DisplayName("refuses more waiting turns than the bound of the instance, and goes on as before")
  void tooManyWaitInAll() throws Exception {
    deploy(new JsonObject()
        .put("queuedIntervalMillis", 50)
        .put("maxWaitingTurns", new JsonObject().put("perInstance", 1)));
    node.drain().begin(Duration.ofSeconds(60));
    ScriptedProvider provider = provider();
    accepted(turn("busy", "one"));
    accepted(turn("other", "one"));
    begin(turn("busy", "two"));

    assertFault(Fault.SERVER_BUSY, () -> begin(turn("other", "two")));
    assertFault(Fault.SERVER_BUSY, () -> begin(turn("third", "one")));
    provider.seal(provider.received().await(AnswerTurn.class, 2).get(1), "eins").await(20, SECONDS);
    provider.seal(provider.received().all(AnswerTurn.class).get(0), "eins").await(20, SECONDS);
    provider.seal(provider.received().await(AnswerTurn.class, 3).get(2), "zwei").await(20, SECONDS);

    // Nothing is left that would hold up the end.
    vertx.undeploy(deployment).await(20, SECONDS);
  }

  @Test
  @DisplayName("answers the public address from any instance, also to a plain JsonObject")
  void publicAddress() throws Exception {
    deploy(new JsonObject().put("instances", 3));
    provider().sealingWith(turn -> "eins");
    List<Object> events = new CopyOnWriteArrayList<>();
    vertx.eventBus().consumer("outside", message -> events.add(message.body()));

    for (int i = 0; i < 6; i++) {
      JsonObject reply = (JsonObject) vertx
          .eventBus()
          .request(
              Addresses.SESSION_TURN,
              new JsonObject()
                  .put("session", "outside-" + i % 2)
                  .put("text", "hello")
                  .put("listener", new JsonObject().put("inbox", "outside")))
          .await(20, SECONDS)
          .body();

      assertThat(reply.getString("type")).isEqualTo("turn.accepted");
      assertThat(TurnId.parse(reply.getString("turn")).session().value())
          .isEqualTo("outside-" + i % 2);
    }
    JsonObject refused = (JsonObject) vertx
        .eventBus()
        .request(Addresses.SESSION_TURN, new JsonObject().put("session", "x").put("text", "hello"))
        .await(20, SECONDS)
        .body();
    assertThat(refused.getString("code")).isEqualTo("E002");
    assertThat(refused.getJsonObject("details").getString("field")).isEqualTo("listener");
  }

  @Test
  @DisplayName(
      "tells a plain JsonObject caller in JSON that its turn is queued, and later accepted")
  void queuedInJson() throws Exception {
    deploy(new JsonObject().put("instances", 2).put("queuedIntervalMillis", 50));
    ScriptedProvider provider = provider();
    List<JsonObject> events = new CopyOnWriteArrayList<>();
    vertx
        .eventBus()
        .<JsonObject>consumer("outside", message -> events.add(message.body()))
        .completion()
        .await(20, SECONDS);
    JsonObject order = new JsonObject()
        .put("session", "s")
        .put("text", "hello")
        .put("listener", new JsonObject().put("inbox", "outside"));
    askInJson(order);

    JsonObject queued = askInJson(order);
    provider.seal(provider.received().await(AnswerTurn.class), "eins").await(20, SECONDS);

    assertThat(queued.getString("type")).isEqualTo("turn.queued");
    assertThat(queued.getInteger("ahead")).isEqualTo(1);
    await()
        .untilAsserted(() -> assertThat(events)
            .filteredOn(event -> event.getString("type").equals("turn.accepted"))
            .hasSize(1)
            .allMatch(event -> event.getString("turn").equals(queued.getString("turn"))));
  }

  @Test
  @DisplayName("serves the turns that wait when it is stopped")
  void drainOfWaiting() throws Exception {
    deploy(new JsonObject());
    node.drain().begin(Duration.ofSeconds(60));
    ScriptedProvider provider = provider();
    begin(turn("s", "one"));
    BeginTurn second = turn("s", "two");
    Future<BusMessage> waiting = ask(second);
    String inbox = instance();
    ask(turn("other session", "of the same instance")).await(20, SECONDS);
    Future<Void> stopped = vertx.undeploy(deployment);
    await().until(() -> node.directory().pick(Kind.SESSION).isEmpty());
    assertThat(node.directory().knows(inbox)).isTrue();

    for (AnswerTurn order : provider.received().await(AnswerTurn.class, 2)) {
      provider.seal(order, "eins").await(20, SECONDS);
    }

    accepted(second, waiting);
    assertThat(stopped.isComplete()).isFalse();
    provider.seal(provider.received().await(AnswerTurn.class, 3).get(2), "zwei").await(20, SECONDS);
    stopped.await(20, SECONDS);
  }

  @Test
  @DisplayName("stops when the time to drain is over, whatever still runs")
  void drainLimit() throws Exception {
    deploy(new JsonObject());
    provider();
    begin(turn("s", "one"));
    node.drain().begin(Duration.ofMillis(100));

    vertx.undeploy(deployment).await(20, SECONDS);

    assertThat(node.directory().pick(Kind.SESSION)).isEmpty();
  }

  @Test
  @DisplayName("counts a long message without losing its place in the queue")
  void longMessage() throws Exception {
    deploy(new JsonObject());
    ScriptedProvider provider = provider().sealingWith(turn -> "ok");
    String text = "word ".repeat(6_000);

    BeginTurn first = turn("s", text);
    BeginTurn second = turn("s", "short");
    Future<BusMessage> begun = ask(first);
    Future<BusMessage> then = ask(second);

    accepted(first, begun);
    accepted(second, then);
    assertThat(provider.received().await(AnswerTurn.class, 2).get(1).history())
        .containsExactly(
            ChatMessage.user(text), ChatMessage.assistant("ok"), ChatMessage.user("short"));
  }

  @Test
  @DisplayName("refuses a sweep without a limit that makes sense")
  void sweepLimit() throws Exception {
    deploy(new JsonObject());
    for (int limit : new int[] {-1, 0, 10_001}) {
      Future<BusMessage> swept =
          node.bus().ask(Kind.SESSION, instance(), new Sweep(limit, false), SOON);
      assertFault(Fault.FIELD_VALIDATION_FAILED, () -> swept.await(20, SECONDS));
    }
  }

  @Test
  @DisplayName("lets turns in progress be sealed when it is stopped, and takes no new ones")
  void drain() throws Exception {
    deploy(new JsonObject());
    node.drain().begin(Duration.ofSeconds(60));
    ScriptedProvider provider = provider();
    begin(turn("s", "one"));
    String inbox = instance();
    Future<Void> stopped = vertx.undeploy(deployment);
    await().until(() -> node.directory().pick(Kind.SESSION).isEmpty());

    Future<BusMessage> late = node.bus().ask(Kind.SESSION, inbox, turn("t", "late"), SOON);
    assertFault(Fault.SESSION_STORAGE_UNAVAILABLE, () -> late.await(20, SECONDS));
    assertThat(stopped.isComplete()).isFalse();
    provider.seal(provider.received().await(AnswerTurn.class), "eins").await(20, SECONDS);
    stopped.await(20, SECONDS);
  }

  @Test
  @DisplayName("sweeps what its store has to give up")
  void sweep() throws Exception {
    deploy(new JsonObject().put("leaseSeconds", 0.2));
    provider();
    begin(turn("s", "one"));

    await()
        .until(() -> node.bus()
                .ask(Kind.SESSION, instance(), new Sweep(10, true), Swept.class, SOON)
                .await(20, SECONDS)
                .orphans()
            == 1);
  }

  private void deploy(JsonObject config) throws Exception {
    SessionConfig typed =
        SessionConfig.from(new JsonObject().put("instances", 1).mergeIn(config));
    deployment = vertx
        .deployVerticle(
            () -> new SessionVerticle(typed, node),
            new DeploymentOptions().setInstances(typed.instances()))
        .await(20, SECONDS);
  }

  private ScriptedProvider provider() throws Exception {
    return ScriptedProvider.start(node).await(20, SECONDS);
  }

  private BeginTurn turn(String session, String text) {
    TurnId id = TurnId.mint(new SessionId(session), node.random());
    return new BeginTurn(id, Tenant.DEFAULT, text, null, gateway.listener(Listener.DEFAULT_WINDOW));
  }

  private Future<BusMessage> ask(BeginTurn turn) {
    String inbox = node.directory()
        .pickFor(Kind.SESSION, turn.sessionKey())
        .map(Hello::inbox)
        .orElseThrow();
    return node.bus().ask(Kind.SESSION, inbox, turn, SOON);
  }

  private BusMessage begin(BeginTurn turn) throws TimeoutException {
    return ask(turn).await(20, SECONDS);
  }

  private Accepted accepted(BeginTurn turn) throws TimeoutException {
    return accepted(turn, ask(turn));
  }

  /** Who has the turn: that is the reply, or is told later where it took longer than a reply may. */
  private Accepted accepted(BeginTurn turn, Future<BusMessage> reply) throws TimeoutException {
    return reply.await(20, SECONDS) instanceof Accepted accepted
        ? accepted
        : gateway.received().await(Accepted.class, told -> told.turn().equals(turn.turn()));
  }

  private JsonObject askInJson(JsonObject order) throws TimeoutException {
    return (JsonObject) vertx
        .eventBus()
        .request(Addresses.SESSION_TURN, order.copy())
        .await(20, SECONDS)
        .body();
  }

  private String instance() {
    return node.directory().pick(Kind.SESSION).orElseThrow().inbox();
  }

  private static void assertFault(Fault expected, ThrowingCallable call) {
    FaultException failure = catchThrowableOfType(FaultException.class, call);
    assertThat(failure).isNotNull();
    assertThat(failure.fault()).isEqualTo(expected);
  }
}
