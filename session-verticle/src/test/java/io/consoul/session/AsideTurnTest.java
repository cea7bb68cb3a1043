package io.consoul.session;

import static io.consoul.session.SessionNode.assertFault;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.message.Accepted;
import io.consoul.message.AnswerTurn;
import io.consoul.message.Answering;
import io.consoul.message.BeginTurn;
import io.consoul.message.BusMessage;
import io.consoul.message.ChatMessage;
import io.consoul.message.Kind;
import io.consoul.testkit.ScriptedProvider;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayName("A turn beside its session")
class AsideTurnTest {

  @Test
  @DisplayName("sees the session as it is, waits for nobody and leaves the session as it was")
  void besideARunningTurn(Vertx vertx) throws Exception {
    SessionNode session = SessionNode.start(vertx, new JsonObject());
    ScriptedProvider provider = session.provider();
    session.get(session.turn("s", "one"));
    provider.seal(provider.received().await(AnswerTurn.class), "eins").await(20, SECONDS);
    session.get(session.turn("s", "running"));
    var before = session.read("s");
    BeginTurn aside = session.turn("s", "two").setAside();

    Accepted accepted = session.accepted(aside);

    AnswerTurn order = provider.received().await(AnswerTurn.class, 3).get(2);
    assertThat(accepted).isEqualTo(new Accepted(aside.turn(), order.fence(), provider.inbox()));
    assertThat(order.hasLease()).isFalse();
    assertThat(order.sessionInbox()).isNull();
    assertThat(order.model()).isEqualTo("scripted/scripted");
    assertThat(order.history())
        .containsExactly(
            ChatMessage.user("one"), ChatMessage.assistant("eins"), ChatMessage.user("two"));
    assertThat(session.read("s")).isEqualTo(before);
    assertFault(Fault.SESSION_NOT_FOUND, session.attach(aside, 0));
  }

  @Test
  @DisplayName("of an unknown session is asked as a new one would be, and makes none")
  void unknownSession(Vertx vertx) throws Exception {
    SessionNode session = SessionNode.start(
        vertx,
        new JsonObject()
            .put(
                "newSessions",
                new JsonObject().put("systemPrompt", "Be kind.").put("model", "gpt")));
    ScriptedProvider provider = session.provider();

    session.get(session.turn("s", "one").setAside());

    AnswerTurn order = provider.received().await(AnswerTurn.class);
    assertThat(order.model()).isEqualTo("gpt");
    assertThat(order.settings().systemPrompt()).isEqualTo("Be kind.");
    assertThat(order.fence()).isPositive();
    assertThat(order.history()).containsExactly(ChatMessage.user("one"));
    assertFault(Fault.SESSION_NOT_FOUND, () -> session.read("s"));
  }

  @Test
  @DisplayName("goes to another provider under a higher fence when the first does not take it")
  void passedOver(Vertx vertx) throws Exception {
    SessionNode session = SessionNode.start(vertx, new JsonObject());
    List<AnswerTurn> orders = new CopyOnWriteArrayList<>();
    for (int i = 0; i < 2; i++) {
      ScriptedProvider provider = session.provider();
      provider.onAnswer(order -> {
        orders.add(order);
        return orders.size() == 1
            ? Future.failedFuture(Fault.LLM_UNAVAILABLE.because("as when it says nothing"))
            : provider.answering(order);
      });
    }

    Accepted accepted = session.accepted(session.turn("s", "one").setAside());

    assertThat(orders.get(1).fence()).isGreaterThan(orders.get(0).fence());
    assertThat(accepted.fence()).isEqualTo(orders.get(1).fence());
  }

  @Test
  @DisplayName("runs once, however often it is begun")
  void begunAgain(Vertx vertx) throws Exception {
    SessionNode session = SessionNode.start(vertx, new JsonObject());
    ScriptedProvider provider = session.provider();
    BeginTurn aside = session.turn("s", "one").setAside();
    Accepted accepted = session.accepted(aside);

    assertThat(session.accepted(aside)).isEqualTo(accepted);
    assertThat(provider.received().all()).hasSize(1);
  }

  @Test
  @DisplayName("counts among those that wait while it has no provider, and no longer")
  void bounded(Vertx vertx) throws Exception {
    SessionNode session = SessionNode.start(
        vertx,
        new JsonObject()
            .put("acknowledgementMillis", 10_000)
            .put("maxWaitingTurns", new JsonObject().put("perInstance", 1)));
    Promise<Answering> taking = Promise.promise();
    ScriptedProvider provider = session.provider().onAnswer(order -> taking.future());
    session.ask(session.turn("s", "one").setAside());
    AnswerTurn order = provider.received().await(AnswerTurn.class);

    assertFault(Fault.SERVER_BUSY, session.ask(session.turn("t", "two").setAside()));
    assertFault(Fault.SERVER_BUSY, session.ask(session.turn("t", "two")));
    provider.onAnswer(provider::answering);
    taking.complete(new Answering(order.turn(), order.fence(), "model", provider.inbox()));

    await()
        .ignoreExceptions()
        .until(() -> session.accepted(session.turn("t", "three").setAside()) != null);
    session.accepted(session.turn("t", "four").setAside());
  }

  @Test
  @DisplayName("is refused when the instance is being stopped")
  void draining(Vertx vertx) throws Exception {
    SessionNode session = SessionNode.start(vertx, new JsonObject());
    session.node.drain().begin(Duration.ofSeconds(60));
    ScriptedProvider provider = session.provider();
    session.get(session.turn("s", "one"));
    String inbox = session.node.directory().pick(Kind.SESSION).orElseThrow().inbox();
    Future<Void> stopped = session.undeploy();
    await().until(() -> session.node.directory().pick(Kind.SESSION).isEmpty());

    Future<BusMessage> late = session
        .node
        .bus()
        .ask(Kind.SESSION, inbox, session.turn("s", "late").setAside(), SessionNode.SOON);
    assertFault(Fault.SESSION_STORAGE_UNAVAILABLE, late);
    provider.seal(provider.received().await(AnswerTurn.class), "eins").await(20, SECONDS);
    stopped.await(20, SECONDS);
  }
}
