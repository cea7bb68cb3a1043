package io.consoul.gateway;

import static io.consoul.gateway.RunningGateway.body;
import static io.consoul.gateway.RunningGateway.completed;
import static io.consoul.gateway.RunningGateway.delta;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.message.Accepted;
import io.consoul.message.AttachTurn;
import io.consoul.message.BeginTurn;
import io.consoul.message.BusMessage;
import io.consoul.message.CancelTurn;
import io.consoul.message.Cancelled;
import io.consoul.message.Credit;
import io.consoul.message.Cuts;
import io.consoul.message.Delta;
import io.consoul.message.Detach;
import io.consoul.message.Failed;
import io.consoul.message.FollowTurn;
import io.consoul.message.Heard;
import io.consoul.message.IdempotencyKey;
import io.consoul.message.Kind;
import io.consoul.message.Queued;
import io.consoul.message.Replayed;
import io.consoul.message.SessionId;
import io.consoul.message.TurnFailed;
import io.consoul.message.TurnId;
import io.consoul.node.Membership;
import io.consoul.testkit.ChatClient;
import io.consoul.testkit.EventStream;
import io.consoul.testkit.ScriptedSession;
import io.consoul.testkit.SocketClient;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A turn that was left and is found again, at the gateway")
class AttachTest {

  private static final TurnId TURN = TurnId.mint(new SessionId("s1"), RandomGenerator.getDefault());

  private RunningGateway gateway;
  private ChatClient client;

  @BeforeEach
  void start() {
    start(new JsonObject());
  }

  private void start(JsonObject config) {
    gateway = RunningGateway.start(config);
    client = new ChatClient(gateway.vertx, gateway.port());
  }

  /** From now on a gateway that takes a short silence for an end: not shorter than a busy machine may be away. */
  private void soonImpatient(double silenceSeconds) {
    stop();
    start(new JsonObject().put("stream", new JsonObject().put("silenceSeconds", silenceSeconds)));
  }

  @AfterEach
  void stop() {
    client.close();
    gateway.close();
  }

  /**
   * Turns begin, and after a word nothing more comes of them. The word is there before the acceptance: however slow a thread is, the
   * silence begins with it.
   */
  private void sayingHello() {
    gateway.session.onBegin(begin -> {
      gateway.session.tell(begin, delta(begin, 0, "Hello"));
      return Future.succeededFuture(gateway.accepted(begin));
    });
  }

  /** The session says that the turn runs, at this very peer. */
  private void running() {
    gateway.session.on(
        AttachTurn.class,
        attach -> Future.succeededFuture(new Accepted(attach.turn(), 1, gateway.session.inbox())));
  }

  private void stored(String answer) {
    gateway.session.on(
        AttachTurn.class, attach -> Future.succeededFuture(piece(answer, attach, 1)));
  }

  private static Replayed piece(String answer, AttachTurn attach, long fence) {
    int from = Math.min(attach.after(), answer.length());
    int end = Math.min(answer.length(), from + attach.listener().window());
    return new Replayed(
        attach.turn(),
        from,
        answer.substring(from, end),
        completed(attach.turn(), fence, answer.length()));
  }

  private AttachTurn attached() {
    return gateway.session.received().await(AttachTurn.class);
  }

  private static String code(EventStream stream) {
    return stream.refusal().json().getString("code");
  }

  @Test
  @DisplayName("goes on by server-sent events from behind the last event that the client has seen")
  void lastEventId() {
    running();
    EventStream stream = client.follow(TURN.value(), TURN.value() + ":3");
    AttachTurn attach = attached();
    assertThat(attach.turn()).isEqualTo(TURN);
    assertThat(attach.after()).isEqualTo(3);

    gateway.tell(attach.listener(), new Delta(TURN, 1, 3, "lo"));
    gateway.tell(attach.listener(), completed(TURN, 1, 5));

    stream.awaitEnd();
    assertThat(stream.events("token")).singleElement().satisfies(token -> {
      assertThat(token.id()).isEqualTo(TURN.value() + ":5");
      assertThat(token.json().getString("text")).isEqualTo("lo");
      assertThat(token.json().getInteger("offset")).isEqualTo(3);
    });
    assertThat(stream.events("done")).hasSize(1);
  }

  @Test
  @DisplayName("starts at the beginning where the client names no event")
  void fromTheBeginning() {
    running();
    EventStream stream = client.follow(TURN.value(), null);
    AttachTurn attach = attached();
    assertThat(attach.after()).isZero();
    gateway.tell(attach.listener(), new Delta(TURN, 1, 0, "Hello"));
    gateway.tell(attach.listener(), completed(TURN, 1, 5));
    assertThat(stream.awaitEnd().text()).isEqualTo("Hello");
  }

  @Test
  @DisplayName("is what a POST with a Last-Event-ID asks for: no other turn is begun")
  void postWithLastEventId() {
    stored("Hello");
    EventStream stream =
        client.stream("s1", "hi", Map.of("Last-Event-ID", TURN.value() + ":2")).awaitEnd();
    assertThat(stream.events("token").get(0).json().getString("text")).isEqualTo("llo");
    assertThat(stream.events("done")).hasSize(1);
    assertThat(gateway.session.received().all(BeginTurn.class)).isEmpty();
  }

  @Test
  @DisplayName("comes piece by piece from the store, each when the one before has left")
  void replay() {
    String answer = "0123456789".repeat(5_000);
    stored(answer);
    EventStream stream = client.follow(TURN.value(), null).awaitEnd();

    assertThat(stream.text()).isEqualTo(answer);
    assertThat(stream.events("done")).hasSize(1);
    assertThat(gateway.session.received().all(AttachTurn.class).stream()
            .map(AttachTurn::after)
            .distinct())
        .containsExactly(0, 16_384, 32_768, 49_152);
  }

  @Test
  @DisplayName("ends from the store as it ended: with its error after what was said")
  void replayOfFailure() {
    TurnFailed end = new TurnFailed(TURN, 7, 3, new Failed(Fault.LLM_TIMEOUT, "slow", null, null));
    gateway.session.on(
        AttachTurn.class,
        attach -> Future.succeededFuture(new Replayed(attach.turn(), 0, "Hel", end)));
    EventStream stream = client.follow(TURN.value(), null).awaitEnd();
    assertThat(stream.text()).isEqualTo("Hel");
    assertThat(stream.await("error").json().getString("code")).isEqualTo("E201");
    assertThat(stream.events("done")).isEmpty();
  }

  @Test
  @DisplayName("cuts a client back that claims to have more than there is")
  void beyondTheEnd() {
    stored("Hello");
    EventStream stream = client.follow(TURN.value(), TURN.value() + ":900").awaitEnd();
    assertThat(stream.events("token")).singleElement().satisfies(token -> {
      assertThat(token.json().getString("text")).isEmpty();
      assertThat(token.json().getInteger("offset")).isEqualTo(5);
    });
    assertThat(stream.events("done")).hasSize(1);
  }

  @Test
  @DisplayName("is 404 E100 where there is no such turn")
  void unknown() {
    gateway.session.on(
        AttachTurn.class,
        attach -> Future.failedFuture(Fault.SESSION_NOT_FOUND.because("there is no such turn")));
    EventStream stream = client.follow(TURN.value(), null);
    assertThat(stream.status()).isEqualTo(404);
    assertThat(code(stream)).isEqualTo("E100");
  }

  @Test
  @DisplayName(
      "is refused with the header's name where the last event is of another turn or session")
  void foreignEvent() {
    TurnId other = TurnId.mint(new SessionId("s2"), RandomGenerator.getDefault());
    for (String id : List.of("", "x", TURN.value(), TURN.value() + ":-1", other.value() + ":0")) {
      EventStream stream = client.follow(TURN.value(), id);
      assertThat(stream.status()).as(id).isEqualTo(422);
      assertThat(stream.refusal().json().getJsonObject("details").getString("field"))
          .isEqualTo("Last-Event-ID");
    }
    EventStream post = client.stream("s1", "hi", Map.of("Last-Event-ID", other.value() + ":0"));
    assertThat(post.status()).isEqualTo(422);
    assertThat(gateway.session.received().all()).isEmpty();
  }

  @Test
  @DisplayName("goes to each of two clients at its own offset, also through one gateway instance")
  void twoClients() {
    running();
    EventStream first = client.follow(TURN.value(), null);
    AttachTurn one = attached();
    EventStream second = client.follow(TURN.value(), TURN.value() + ":4");
    AttachTurn two = gateway.session.received().await(AttachTurn.class, each -> each.after() == 4);

    gateway.tell(one.listener(), new Delta(TURN, 1, 0, "Hello"));
    gateway.tell(two.listener(), new Delta(TURN, 1, 4, "o"));
    gateway.tell(two.listener(), completed(TURN, 1, 5));
    second.awaitEnd();
    assertThat(first.ended()).isFalse();
    gateway.tell(one.listener(), completed(TURN, 1, 5));

    assertThat(first.awaitEnd().text()).isEqualTo("Hello");
    assertThat(second.events("token")).hasSize(1);
  }

  @Test
  @DisplayName("is asked for again while its provider does not answer, for a while")
  void asksAgain() {
    soonImpatient(0.6);
    AtomicInteger asked = new AtomicInteger();
    gateway.session.on(AttachTurn.class, attach -> switch (asked.getAndIncrement()) {
      case 0 -> Future.failedFuture(Fault.LLM_UNAVAILABLE.retryAfter(1, "not now"));
      case 1 -> Future.succeededFuture(new Queued(attach.turn(), 0));
      default -> Future.succeededFuture(piece("Hello", attach, 1));
    });
    assertThat(client.follow(TURN.value(), null).awaitEnd().text()).isEqualTo("Hello");
    assertThat(asked).hasValueGreaterThan(2);

    gateway.session.on(
        AttachTurn.class,
        attach -> Future.failedFuture(Fault.LLM_UNAVAILABLE.retryAfter(1, "not now")));
    EventStream never = client.follow(TURN.value(), null);
    assertThat(never.status()).isEqualTo(503);
    assertThat(code(never)).isEqualTo("E200");
  }

  @Test
  @DisplayName(
      "is looked for when its provider falls silent, and ends as the session has settled it, cut back")
  void settledMeanwhile() {
    soonImpatient(1);
    sayingHello();
    gateway.session.on(
        AttachTurn.class,
        attach -> Future.succeededFuture(new Replayed(
            attach.turn(),
            3,
            "",
            new TurnFailed(
                attach.turn(), 9, 3, new Failed(Fault.LLM_UNAVAILABLE, "gone", null, null)))));
    EventStream stream = client.stream("s1", "hi");

    stream.awaitEnd();
    assertThat(attached().after()).isEqualTo(5);
    assertThat(stream.text()).isEqualTo("Hel");
    assertThat(stream.await("error").json().getString("code")).isEqualTo("E200");
  }

  @Test
  @DisplayName("goes on after a silence where another provider has it by now")
  void anotherProvider() {
    soonImpatient(1);
    sayingHello();
    gateway.session.on(AttachTurn.class, attach -> {
      Future<Accepted> found = Future.succeededFuture(
          new Accepted(attach.turn(), 2, gateway.session.inbox(), Cuts.NONE.and(5)));
      return found.onSuccess(told -> {
        gateway.tell(attach.listener(), new Delta(attach.turn(), 2, 4, "o, world"));
        gateway.tell(attach.listener(), completed(attach.turn(), 2, 12));
      });
    });
    EventStream stream = client.stream("s1", "hi");

    assertThat(attached().heard()).isEqualTo(new Heard(1, 0, "Hello"));
    assertThat(stream.awaitEnd().text()).isEqualTo("Hello, world");
    assertThat(stream.events("done")).hasSize(1);
  }

  @Test
  @DisplayName("ends where its provider has said all of it before the session has told where it is")
  void endsBeforeAccepted() {
    Promise<BusMessage> found = Promise.promise();
    gateway.session.on(AttachTurn.class, attach -> found.future());
    EventStream stream = client.follow(TURN.value(), TURN.value() + ":3");
    AttachTurn attach = attached();

    gateway.tell(attach.listener(), new Delta(TURN, 1, 3, "lo"));
    gateway.tell(attach.listener(), completed(TURN, 1, 5));
    gateway.tell(attach.listener(), new Queued(TURN, 0));
    found.complete(new Accepted(TURN, 1, gateway.session.inbox()));

    assertThat(stream.awaitEnd().events("token")).hasSize(1);
    assertThat(stream.events("done")).hasSize(1);
    assertThat(gateway.session.received().all(FollowTurn.class)).isEmpty();
  }

  @Test
  @DisplayName("is looked for at once when its provider's node has left, and goes on elsewhere")
  void providerGone() {
    stop();
    start(
        new JsonObject() // it is not the silence that counts: its end is awaited for less
            .put("stream", new JsonObject().put("silenceSeconds", 15)));
    Membership provider = gateway.node.directory().join(Kind.PROVIDER);
    gateway.session.onBegin(
        begin -> Future.succeededFuture(new Accepted(begin.turn(), 1, provider.inbox())));
    Promise<BusMessage> found = Promise.promise();
    gateway.session.on(AttachTurn.class, attach -> found.future());
    EventStream stream = client.stream("s1", "hi");
    BeginTurn begin = gateway.session.received().await(BeginTurn.class);
    gateway.session.tell(begin, delta(begin, 0, "Hello"));
    stream.awaitFirstToken();
    provider.leave();

    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> !gateway.session.received().all(AttachTurn.class).isEmpty());
    AttachTurn attach = attached();
    assertThat(attach.after()).isEqualTo(5);
    assertThat(attach.heard()).isEqualTo(new Heard(1, 0, "Hello"));
    gateway.tell(attach.listener(), new Delta(begin.turn(), 2, 3, "p me"));
    gateway.tell(attach.listener(), delta(begin, 5, " from the past"));
    found.complete(new Accepted(begin.turn(), 2, gateway.session.inbox(), Cuts.NONE.and(3)));
    gateway.tell(attach.listener(), completed(begin.turn(), 2, 7));

    assertThat(stream.awaitEnd().text()).isEqualTo("Help me");
    assertThat(stream.lastEventId()).isEqualTo(begin.turn().value() + "~1:7");
    assertThat(stream.events("done")).hasSize(1);
  }

  @Test
  @DisplayName("is begun at another session instance when the one that has it is gone")
  void sessionGone() {
    gateway.session.onBegin(begin -> ScriptedSession.noAnswer());
    EventStream stream = client.stream("s1", "hi");
    BeginTurn begin = gateway.session.received().await(BeginTurn.class);
    ScriptedSession other = RunningGateway.get(ScriptedSession.start(gateway.node));
    other.answering(again -> List.of(delta(again, 0, "Hello"), completed(again, 5)));
    RunningGateway.get(gateway.session.close());

    assertThat(stream.awaitEnd().text()).isEqualTo("Hello");
    assertThat(other.received().await(BeginTurn.class).turn()).isEqualTo(begin.turn());
  }

  @Test
  @DisplayName("goes on at the provider that it was handed on to, which hears of its listener")
  void handedOn() {
    gateway.session.accepting();
    EventStream stream = client.stream("s1", "hi");
    BeginTurn begin = gateway.session.received().await(BeginTurn.class);
    gateway.session.tell(begin, delta(begin, 0, "Hello"));
    stream.awaitFirstToken();
    ScriptedSession other = RunningGateway.get(ScriptedSession.startWithProvider(gateway.node));
    gateway.session.tell(begin, new Accepted(begin.turn(), 2, other.inbox(), Cuts.NONE.and(5)));

    Credit credit = other.received().await(Credit.class);
    assertThat(credit.fence()).isEqualTo(2);
    assertThat(credit.upTo()).isEqualTo(5);
    gateway.session.tell(begin, new Delta(begin.turn(), 2, 5, ", world"));
    gateway.session.tell(begin, completed(begin.turn(), 2, 12));
    assertThat(stream.awaitEnd().text()).isEqualTo("Hello, world");
    assertThat(gateway.session.received().all(AttachTurn.class)).isEmpty();
  }

  @Test
  @DisplayName("is looked for when another attempt than the accepted one speaks for a while")
  void untoldAttempt() {
    gateway.session.accepting();
    EventStream stream = client.stream("s1", "hi");
    BeginTurn begin = gateway.session.received().await(BeginTurn.class);
    gateway.session.tell(begin, delta(begin, 0, "Hello"));
    stream.awaitFirstToken();
    gateway.session.on(
        AttachTurn.class,
        attach -> Future.succeededFuture(
            new Replayed(attach.turn(), 5, "!", completed(attach.turn(), 2, 6), 1)));
    gateway.session.tell(begin, completed(begin.turn(), 2, 6));
    assertThat(stream.awaitEnd().text()).isEqualTo("Hello!");
  }

  @Test
  @DisplayName(
      "is asked for with the cuts that its client has seen, which the id of an event tells")
  void cutsOfAnId() {
    running();
    client.follow(TURN.value(), TURN.value() + "~2:3");
    AttachTurn attach = attached();
    assertThat(attach.after()).isEqualTo(3);
    assertThat(attach.cuts()).isEqualTo(2);
    for (String id :
        List.of("~:3", "~x:3", "~0:3", "~-1:3", "~1~2:3", "~1", "~1:", "~99999999999:1")) {
      EventStream stream = client.follow(TURN.value(), TURN.value() + id);
      assertThat(stream.status()).as(id).isEqualTo(422);
      assertThat(code(stream)).isEqualTo("E003");
    }
    try (SocketClient socket = client.connect("s1")) {
      socket.send(resume(TURN.value(), 4).put("cuts", 1));
      AttachTurn again =
          gateway.session.received().await(AttachTurn.class, each -> each.after() == 4);
      assertThat(again.cuts()).isEqualTo(1);
      socket.send(resume(TURN.value(), 4).put("cuts", -1));
      assertThat(socket.await("error").getJsonObject("data").getString("code")).isEqualTo("E003");
    }
  }

  @Test
  @DisplayName("is asked for again although its late provider has begun to speak meanwhile")
  void lateProvider() {
    AtomicInteger asked = new AtomicInteger();
    gateway.session.on(AttachTurn.class, attach -> {
      if (asked.getAndIncrement() > 0) {
        return Future.succeededFuture(piece("Hello", attach, 1));
      }
      gateway.tell(attach.listener(), new Delta(TURN, 1, 0, "Hel"));
      return Future.failedFuture(Fault.LLM_UNAVAILABLE.retryAfter(1, "not now"));
    });
    EventStream stream = client.follow(TURN.value(), null).awaitEnd();
    assertThat(stream.text()).isEqualTo("Hello");
    assertThat(stream.events("done")).hasSize(1);
  }

  @Test
  @DisplayName(
      "ends as it is stored when its provider has lost the lease, not as that provider says")
  void leaseTakenAway() {
    gateway.session.accepting();
    EventStream stream = client.stream("s1", "hi");
    BeginTurn begin = gateway.session.received().await(BeginTurn.class);
    gateway.session.tell(begin, delta(begin, 0, "Good morning"));
    stream.awaitFirstToken();
    gateway.session.on(
        AttachTurn.class, attach -> Future.succeededFuture(piece("Good ", attach, 2)));
    gateway.session.tell(
        begin,
        new TurnFailed(begin.turn(), 1, 12, new Failed(Fault.SESSION_LOCKED, null, null, null)));

    assertThat(stream.awaitEnd().text()).isEqualTo("Good ");
    assertThat(stream.events("done")).hasSize(1);
    assertThat(stream.events("error")).isEmpty();
  }

  @Test
  @DisplayName(
      "is not ended by a session that has slept and refuses it now, while it is looked for")
  void lateRefusal() {
    gateway.session.accepting();
    EventStream stream = client.stream("s1", "hi");
    BeginTurn begin = gateway.session.received().await(BeginTurn.class);
    gateway.session.tell(begin, delta(begin, 0, "Good morning"));
    stream.awaitFirstToken();
    gateway.session.on(AttachTurn.class, attach -> {
      gateway.session.tell(
          begin,
          new TurnFailed(begin.turn(), 0, 0, new Failed(Fault.SESSION_LOCKED, null, null, null)));
      return Future.succeededFuture(piece("Good ", attach, 2));
    });
    gateway.session.tell(
        begin,
        new TurnFailed(begin.turn(), 1, 12, new Failed(Fault.SESSION_LOCKED, null, null, null)));

    assertThat(stream.awaitEnd().text()).isEqualTo("Good ");
    assertThat(stream.events("done")).hasSize(1);
    assertThat(stream.events("error")).isEmpty();
  }

  @Test
  @DisplayName("is asked for again when it failed further on than its text has come")
  void failedBeyondAGap() {
    gateway.session.accepting();
    EventStream stream = client.stream("s1", "hi");
    BeginTurn begin = gateway.session.received().await(BeginTurn.class);
    TurnFailed end =
        new TurnFailed(begin.turn(), 1, 5, new Failed(Fault.LLM_TIMEOUT, "slow", null, null));
    gateway.session.on(
        AttachTurn.class,
        attach -> Future.succeededFuture(new Replayed(attach.turn(), 3, "lo", end)));
    gateway.session.tell(begin, delta(begin, 0, "Hel"));
    gateway.session.tell(begin, end);

    assertThat(stream.await("error").json().getString("code")).isEqualTo("E201");
    assertThat(stream.text()).isEqualTo("Hello");
  }

  @Test
  @DisplayName(
      "comes once on a WebSocket that sends its message again under its key and resumes it")
  void repeatedAndResumed() {
    running();
    Promise<BusMessage> known = Promise.promise();
    gateway.session.onBegin(begin -> known.future());
    try (SocketClient socket = client.connect("s1")) {
      socket.send(new JsonObject()
          .put("type", "message")
          .put("content", "hi")
          .put("idempotency_key", "k1"));
      BeginTurn begin = gateway.session.received().await(BeginTurn.class);
      socket.send(resume(TURN.value(), 0));
      AttachTurn attach = attached();
      known.complete(new Accepted(TURN, 1, gateway.session.inbox()));
      gateway.tell(begin.listener(), new Delta(TURN, 1, 0, "Hello"));
      assertThat(gateway.session.received().await(Detach.class).listenerId())
          .isEqualTo(attach.listener().id());
      gateway.tell(attach.listener(), new Delta(TURN, 1, 0, "Hello"));
      gateway.tell(begin.listener(), completed(TURN, 1, 5));
      socket.await("done");
      assertThat(socket.messages("token")).hasSize(1);
    }
  }

  @Test
  @DisplayName("is found when its begin was never answered but its provider speaks")
  void unansweredBegin() {
    gateway.session.onBegin(begin -> {
      gateway.session.tell(begin, delta(begin, 0, "Hel"));
      return Future.failedFuture(Fault.SESSION_STORAGE_UNAVAILABLE.because("no answer"));
    });
    gateway.session.on(
        AttachTurn.class, attach -> Future.succeededFuture(piece("Hello", attach, 1)));
    EventStream stream = client.stream("s1", "hi").awaitEnd();
    assertThat(stream.text()).isEqualTo("Hello");
    assertThat(gateway.session.received().all(BeginTurn.class)).hasSize(1);
  }

  @Test
  @DisplayName("is left again when the client goes away, and its provider told so")
  void leavesAgain() {
    running();
    EventStream stream = client.follow(TURN.value(), null);
    AttachTurn attach = attached();
    gateway.tell(attach.listener(), new Delta(TURN, 1, 0, "Hel"));
    stream.awaitFirstToken();
    stream.abort();
    assertThat(gateway.session.received().await(Detach.class).listenerId())
        .isEqualTo(attach.listener().id());
  }

  @Test
  @DisplayName("goes on over a WebSocket, and again when it is asked for again")
  void resumeOnSocket() {
    running();
    try (SocketClient socket = client.connect("s1")) {
      socket.send(resume(TURN.value(), 3));
      AttachTurn attach = attached();
      assertThat(attach.after()).isEqualTo(3);
      socket.send(resume(TURN.value(), 0));
      AttachTurn again =
          gateway.session.received().await(AttachTurn.class, each -> each.after() == 0);
      assertThat(gateway.session.received().await(Detach.class).listenerId())
          .isEqualTo(attach.listener().id());
      gateway.tell(again.listener(), new Delta(TURN, 1, 0, "Hello"));
      gateway.tell(again.listener(), completed(TURN, 1, 5));

      assertThat(socket.await("done").getJsonObject("data").getString("turn_id"))
          .isEqualTo(TURN.value());
      assertThat(socket.text(TURN.value())).isEqualTo("Hello");
    }
  }

  @Test
  @DisplayName(
      "is the one in progress on its WebSocket: messages wait behind it, a cancel means it")
  void resumeBeforeMessages() {
    running();
    gateway
        .session
        .answering(begin -> List.of(delta(begin, 0, "new"), completed(begin, 3)))
        .on(CancelTurn.class, cancel -> Future.succeededFuture(new Cancelled(cancel.turn())));
    try (SocketClient socket = client.connect("s1")) {
      socket.send(resume(TURN.value(), 0));
      AttachTurn attach = attached();
      socket.say("hi").send(new JsonObject().put("type", "cancel"));
      assertThat(gateway.session.received().await(CancelTurn.class).turn()).isEqualTo(TURN);
      assertThat(gateway.session.received().all(BeginTurn.class)).isEmpty();
      gateway.tell(attach.listener(), new Delta(TURN, 1, 0, "Hello"));
      gateway.tell(attach.listener(), completed(TURN, 1, 5));

      socket.await("done");
      String next = socket.await("done").getJsonObject("data").getString("turn_id");
      assertThat(socket.text(next)).isEqualTo("new");
    }
  }

  @Test
  @DisplayName("is refused on a WebSocket of another session, or while it is being answered there")
  void resumeRefused() {
    gateway.session.accepting();
    TurnId other = TurnId.mint(new SessionId("s2"), RandomGenerator.getDefault());
    try (SocketClient socket = client.connect("s1")) {
      socket.say("hi");
      BeginTurn begin = gateway.session.received().await(BeginTurn.class);
      for (JsonObject wrong : List.of(
          resume(other.value(), 0),
          resume("nonsense", 0),
          resume(TURN.value(), -1),
          resume(begin.turn().value(), 0),
          new JsonObject().put("type", "resume").put("turn_id", TURN.value()).put("after", "x"))) {
        JsonObject error = socket.send(wrong).await("error").getJsonObject("data");
        assertThat(error.getString("code")).as(wrong.encode()).isEqualTo("E003");
      }
      JsonObject nameless = socket.send(new JsonObject().put("type", "resume")).await("error");
      assertThat(nameless.getJsonObject("data").getString("code")).isEqualTo("E002");
      assertThat(gateway.session.received().all(AttachTurn.class)).isEmpty();
    }
  }

  @Test
  @DisplayName("is the running one for a message with its key, whose id the client then sees")
  void idempotentRepeat() {
    gateway.session.onBegin(
        begin -> Future.succeededFuture(new Accepted(TURN, 1, gateway.session.inbox())));
    EventStream stream = client.stream("s1", "hi", Map.of("Idempotency-Key", "k1"));
    BeginTurn begin = gateway.session.received().await(BeginTurn.class);
    assertThat(begin.key()).isEqualTo(new IdempotencyKey("k1"));
    gateway.tell(begin.listener(), new Delta(TURN, 1, 0, "Hello"));
    gateway.tell(begin.listener(), completed(TURN, 1, 5));

    stream.awaitEnd();
    assertThat(stream.lastEventId()).isEqualTo(TURN.value() + ":5");
    assertThat(stream.await("done").json().getString("turn_id")).isEqualTo(TURN.value());
  }

  @Test
  @DisplayName(
      "is what is stored for a message with its key, also when it was cut off: an error would be repeated for ever")
  void cutOffRepeat() {
    TurnFailed end =
        new TurnFailed(TURN, 7, 3, new Failed(Fault.LLM_UNAVAILABLE, "lost", null, null));
    gateway.session.onBegin(begin -> Future.succeededFuture(new Replayed(TURN, 0, "Hel", end)));

    JsonObject chat = client.chat("s1", "hi", Map.of("Idempotency-Key", "k1")).json();

    assertThat(chat.getString("response")).isEqualTo("Hel");
    assertThat(chat.getString("finish_reason")).isEqualTo("interrupted");
    assertThat(chat.getString("turn_id")).isEqualTo(TURN.value());
  }

  @Test
  @DisplayName("is the stored one for a message with its key, also on /chat and the WebSocket")
  void storedRepeat() {
    gateway.session.onBegin(
        begin -> Future.succeededFuture(new Replayed(TURN, 0, "Hello", completed(TURN, 1, 5))));
    JsonObject chat = client.chat("s1", "hi", Map.of("Idempotency-Key", "k1")).json();
    assertThat(chat.getString("response")).isEqualTo("Hello");
    assertThat(chat.getString("turn_id")).isEqualTo(TURN.value());

    try (SocketClient socket = client.connect("s1")) {
      socket.send(new JsonObject()
          .put("type", "message")
          .put("content", "hi")
          .put("idempotency_key", "k2"));
      socket.await("done");
      assertThat(socket.text(TURN.value())).isEqualTo("Hello");
    }
    assertThat(gateway.session.received().all(BeginTurn.class))
        .extracting(begin -> begin.key().value())
        .containsExactly("k1", "k2");
  }

  @Test
  @DisplayName("needs a key of 1 to 255 characters")
  void malformedKeys() {
    for (String key : List.of("", "k".repeat(256))) {
      HttpResponse<String> refused =
          gateway.send(gateway.chat("/chat", body("hi")).header("Idempotency-Key", key));
      assertThat(refused.statusCode()).isEqualTo(422);
      assertThat(new JsonObject(refused.body()).getJsonObject("details").getString("field"))
          .isEqualTo("Idempotency-Key");
      try (SocketClient socket = client.connect("s1")) {
        socket.send(new JsonObject()
            .put("type", "message")
            .put("content", "hi")
            .put("idempotency_key", key));
        assertThat(socket.await("error").getJsonObject("data").getString("code"))
            .isEqualTo("E003");
      }
    }
    assertThat(gateway.session.received().all()).isEmpty();
  }

  @Test
  @DisplayName("sends pings while it is silent, also before its first piece")
  void pings() {
    stop();
    start(new JsonObject().put("stream", new JsonObject().put("ssePingSeconds", 0.1)));
    running();
    EventStream stream = client.follow(TURN.value(), null);
    attached();
    await().until(() -> stream.comments().size() >= 2);
    assertThat(stream.status()).isEqualTo(200);
  }

  private static JsonObject resume(String turn, int after) {
    return new JsonObject().put("type", "resume").put("turn_id", turn).put("after", after);
  }
}
