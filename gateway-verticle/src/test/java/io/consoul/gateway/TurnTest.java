package io.consoul.gateway;

import static io.consoul.gateway.RunningGateway.body;
import static io.consoul.gateway.RunningGateway.completed;
import static io.consoul.gateway.RunningGateway.delta;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.message.Accepted;
import io.consoul.message.BeginTurn;
import io.consoul.message.BusMessage;
import io.consoul.message.Credit;
import io.consoul.message.Cuts;
import io.consoul.message.Delta;
import io.consoul.message.Detach;
import io.consoul.message.Failed;
import io.consoul.message.FollowTurn;
import io.consoul.message.Queued;
import io.consoul.message.TurnFailed;
import io.consoul.testkit.ScriptedSession;
import io.consoul.trace.RequestContext;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A turn at the gateway")
class TurnTest {

  private RunningGateway gateway;

  @BeforeEach
  void start() {
    gateway = RunningGateway.start();
  }

  /** From now on a gateway that takes a short silence for an end: only for what says nothing more anyway. */
  private void soonImpatient() {
    stop();
    gateway = RunningGateway.start(
        new JsonObject().put("stream", new JsonObject().put("silenceSeconds", 0.6)));
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  private CompletableFuture<HttpResponse<String>> ask() {
    return gateway.sending(gateway.chat("/chat", body("hi")));
  }

  private static String answer(CompletableFuture<HttpResponse<String>> response) {
    HttpResponse<String> done = response.orTimeout(10, TimeUnit.SECONDS).join();
    assertThat(done.statusCode()).as(done.body()).isEqualTo(200);
    return new JsonObject(done.body()).getString("response");
  }

  private static String fault(CompletableFuture<HttpResponse<String>> response) {
    return new JsonObject(response.orTimeout(10, TimeUnit.SECONDS).join().body()).getString("code");
  }

  private static TurnFailed leaseLost(BeginTurn begin) {
    return new TurnFailed(begin.turn(), 1, 3, new Failed(Fault.SESSION_LOCKED, null, null, null));
  }

  private BeginTurn begun() {
    return gateway.session.received().await(BeginTurn.class);
  }

  @Test
  @DisplayName("takes events that come before the acceptance")
  void eventsBeforeAccepted() {
    Promise<BusMessage> reply = Promise.promise();
    gateway.session.onBegin(begin -> reply.future());
    var response = ask();
    BeginTurn begin = begun();
    gateway.session.tell(begin, delta(begin, 0, "Hello"));
    gateway.session.tell(begin, completed(begin, 5));
    assertThat(answer(response)).isEqualTo("Hello");
    reply.complete(gateway.accepted(begin));
  }

  @Test
  @DisplayName("drops repeats and overlaps")
  void overlaps() {
    gateway.session.answering(begin -> List.of(
        delta(begin, 0, "Hel"),
        delta(begin, 0, "Hel"),
        delta(begin, 2, "llo, wor"),
        delta(begin, 0, "Hello, world"),
        completed(begin, 12)));
    assertThat(answer(ask())).isEqualTo("Hello, world");
  }

  @Test
  @DisplayName("follows again from what it has when text is missing, also at the end")
  void gap() {
    gateway.session.accepting().following(follow -> {
      String text = follow.after() == 2 ? "ll" : "o";
      return List.of(
          new Delta(follow.turn(), 1, follow.after(), text), completed(follow.turn(), 1, 5));
    });
    var response = ask();
    BeginTurn begin = begun();
    gateway.session.tell(begin, delta(begin, 0, "He"));
    gateway.session.tell(begin, delta(begin, 4, "o"));
    assertThat(answer(response)).isEqualTo("Hello");
    List<FollowTurn> follows = gateway.session.received().all(FollowTurn.class);
    assertThat(follows).extracting(FollowTurn::after).containsExactly(2, 4);
    assertThat(follows).extracting(FollowTurn::listener).containsOnly(begin.listener());
  }

  @Test
  @DisplayName("follows as of the request that has begun it, although pieces are of none")
  void requestId() {
    List<String> ids = new CopyOnWriteArrayList<>();
    gateway.session.accepting().following(follow -> {
      ids.add(RequestContext.current().requestId());
      return List.of(new Delta(follow.turn(), 1, 0, "Hello"), completed(follow.turn(), 1, 5));
    });
    for (int i = 1; i <= 2; i++) {
      var response =
          gateway.sending(gateway.chat("/chat", body("hi")).header("X-Request-ID", "r-" + i));
      BeginTurn begin = gateway.session.received().await(BeginTurn.class, i).get(i - 1);
      gateway.session.tell(begin, delta(begin, 4, "o"));
      assertThat(answer(response)).isEqualTo("Hello");
    }
    assertThat(ids).containsExactly("r-1", "r-2");
  }

  @Test
  @DisplayName("follows after the acceptance when text was missing before it")
  void gapBeforeAccepted() {
    Promise<BusMessage> reply = Promise.promise();
    gateway.session.onBegin(begin -> reply.future());
    var response = ask();
    BeginTurn begin = begun();
    gateway.session.tell(begin, delta(begin, 3, "lo"));
    reply.complete(gateway.accepted(begin));
    assertThat(gateway.session.received().await(FollowTurn.class).after()).isZero();
    gateway.session.tell(begin, delta(begin, 0, "Hello"));
    gateway.session.tell(begin, completed(begin, 5));
    assertThat(answer(response)).isEqualTo("Hello");
  }

  @Test
  @DisplayName("fails when its provider no longer knows it")
  void followRefused() {
    gateway.session.onFollow(
        follow -> Future.failedFuture(Fault.SESSION_NOT_FOUND.because("turn is not running here")));
    gateway.session.answering(begin -> List.of(delta(begin, 3, "lo")));
    assertThat(fault(ask())).isEqualTo("E200");
  }

  @Test
  @DisplayName("goes back to where a newer attempt begins, and ignores the older one")
  void newAttempt() {
    gateway.session.accepting();
    var response = ask();
    BeginTurn begin = begun();
    gateway.session.tell(begin, delta(begin, 0, "Hello"));
    gateway.session.tell(begin, new Delta(begin.turn(), 2, 3, "p!"));
    gateway.session.tell(begin, delta(begin, 5, " from the past"));
    gateway.session.tell(
        begin,
        new TurnFailed(begin.turn(), 1, 5, new Failed(Fault.LLM_UNAVAILABLE, null, null, null)));
    gateway.session.tell(begin, newAttempt(begin, 3));
    gateway.session.tell(begin, completed(begin, 2, 5));
    assertThat(answer(response)).isEqualTo("Help!");
  }

  @Test
  @DisplayName("shows a stream's client where to cut back")
  void cutBackOnTheWire() {
    gateway.session.accepting();
    try (TestSocket socket = gateway.socket("s1")) {
      socket.say("hi");
      BeginTurn begin = begun();
      gateway.session.tell(begin, delta(begin, 0, "Hello"));
      assertThat(socket.next("token").getString("text")).isEqualTo("Hello");
      assertThat(gateway.session.received().await(Credit.class).fence()).isEqualTo(1);
      gateway.session.tell(begin, newAttempt(begin, 3));
      JsonObject cut = socket.next("token");
      assertThat(cut.getInteger("offset")).isEqualTo(3);
      assertThat(cut.getString("text")).isEmpty();
      assertThat(cut.getInteger("cuts")).isEqualTo(1);
      gateway.session.tell(begin, new Delta(begin.turn(), 2, 3, "p!"));
      JsonObject token = socket.next("token");
      assertThat(token.getInteger("offset")).isEqualTo(3);
      assertThat(token.getString("text")).isEqualTo("p!");
      assertThat(token.getInteger("cuts")).isEqualTo(1);
    }
  }

  private Accepted newAttempt(BeginTurn begin, int cut) {
    return new Accepted(begin.turn(), 2, gateway.session.inbox(), Cuts.NONE.and(cut));
  }

  @Test
  @DisplayName("that waits in its session goes on when it is accepted")
  void queuedThenAccepted() {
    gateway.session.onBegin(begin -> Future.succeededFuture(new Queued(begin.turn(), 1)));
    var response = ask();
    BeginTurn begin = begun();
    gateway.session.tell(begin, new Queued(begin.turn(), 1));
    gateway.session.tell(begin, gateway.accepted(begin));
    gateway.session.tell(begin, delta(begin, 0, "Hello"));
    gateway.session.tell(begin, completed(begin, 5));
    assertThat(answer(response)).isEqualTo("Hello");
  }

  @Test
  @DisplayName("that waits in its session fails with the session's fault")
  void queuedThenFailed() {
    gateway.session.onBegin(begin -> Future.succeededFuture(new Queued(begin.turn(), 1)));
    var response = ask();
    BeginTurn begin = begun();
    gateway.session.tell(
        begin,
        new TurnFailed(begin.turn(), 0, 0, new Failed(Fault.SESSION_LOCKED, null, null, null)));
    assertThat(fault(response)).isEqualTo("E102");
  }

  @Test
  @DisplayName("that waits in its session fails with that, also after an attempt was heard of")
  void queuedThenFailedAfterAnAttempt() {
    gateway.session.onBegin(begin -> Future.succeededFuture(new Queued(begin.turn(), 1)));
    var response = ask();
    BeginTurn begin = begun();
    gateway.session.tell(begin, new Delta(begin.turn(), 7, 0, "Hel"));
    gateway.session.tell(
        begin, new TurnFailed(begin.turn(), 0, 0, new Failed(Fault.SERVER_BUSY, null, null, null)));
    assertThat(fault(response)).isEqualTo("E022");
  }

  @Test
  @DisplayName("goes on at another provider when one that was passed over wakes up and gives up")
  void passedOver() {
    Promise<BusMessage> reply = Promise.promise();
    gateway.session.onBegin(begin -> reply.future());
    var response = ask();
    BeginTurn begin = begun();
    gateway.session.tell(begin, delta(begin, 0, "Hel"));
    gateway.session.tell(begin, leaseLost(begin));
    reply.complete(new Accepted(begin.turn(), 2, gateway.session.inbox()));
    gateway.session.tell(begin, new Delta(begin.turn(), 2, 0, "Goodbye"));
    gateway.session.tell(begin, completed(begin, 2, 7));
    assertThat(answer(response)).isEqualTo("Goodbye");
  }

  @Test
  @DisplayName("fails when the provider that it was accepted for had lost the lease before")
  void leaseLostBeforeAccepted() {
    Promise<BusMessage> reply = Promise.promise();
    gateway.session.onBegin(begin -> reply.future());
    var response = ask();
    BeginTurn begin = begun();
    gateway.session.tell(begin, leaseLost(begin));
    reply.complete(gateway.accepted(begin));
    assertThat(fault(response)).isEqualTo("E102");
  }

  @Test
  @DisplayName("takes nothing of an older attempt for text of a newer one that has a gap")
  void gapInNewAttempt() {
    gateway.session.accepting();
    var response = ask();
    BeginTurn begin = begun();
    gateway.session.tell(begin, delta(begin, 0, "Hello"));
    gateway.session.received().await(Credit.class); // so it is accepted
    gateway.session.tell(begin, new Delta(begin.turn(), 2, 7, "!"));
    gateway.session.tell(begin, newAttempt(begin, 0));
    assertThat(gateway.session.received().await(FollowTurn.class).after()).isZero();
    gateway.session.tell(begin, new Delta(begin.turn(), 2, 0, "Goodbye!"));
    gateway.session.tell(begin, completed(begin, 2, 8));
    assertThat(answer(response)).isEqualTo("Goodbye!");
  }

  @Test
  @DisplayName(
      "is begun again when it was accepted for an older attempt than the one it has heard of")
  void acceptedTooLate() {
    Promise<BusMessage> late = Promise.promise();
    AtomicInteger asked = new AtomicInteger();
    gateway.session.onBegin(begin -> asked.incrementAndGet() == 1
        ? late.future()
        : Future.succeededFuture(new Accepted(begin.turn(), 2, gateway.session.inbox())));
    var response = ask();
    BeginTurn begin = begun();
    gateway.session.tell(begin, new Delta(begin.turn(), 2, 0, "Hello"));
    late.complete(gateway.accepted(begin));
    gateway.session.received().await(BeginTurn.class, 2);
    gateway.session.tell(begin, completed(begin, 2, 5));
    assertThat(answer(response)).isEqualTo("Hello");
  }

  @Test
  @DisplayName("that was begun again and is refused fails with that, also when it is queued again")
  void refusedAfterSilence() {
    soonImpatient();
    Promise<BusMessage> refusal = Promise.promise();
    AtomicInteger asked = new AtomicInteger();
    gateway.session.onBegin(begin -> asked.incrementAndGet() == 1
        ? Future.succeededFuture(new Queued(begin.turn(), 1))
        : refusal.future());
    var response = ask();
    BeginTurn begin = gateway.session.received().await(BeginTurn.class, 2).get(1);
    gateway.session.tell(begin, new Queued(begin.turn(), 1));
    refusal.fail(Fault.MODEL_NOT_AVAILABLE.because("no such model"));
    assertThat(fault(response)).isEqualTo("E210");
  }

  @Test
  @DisplayName("is begun again under the same id when its session falls silent while it waits")
  void queuedSilence() {
    soonImpatient();
    AtomicInteger asked = new AtomicInteger();
    gateway.session.onBegin(begin -> {
      if (asked.incrementAndGet() == 1) {
        return Future.succeededFuture(new Queued(begin.turn(), 1));
      }
      gateway.session.tell(begin, delta(begin, 0, "Hello"));
      gateway.session.tell(begin, completed(begin, 5));
      return Future.succeededFuture(gateway.accepted(begin));
    });
    assertThat(answer(ask())).isEqualTo("Hello");
    assertThat(gateway.session.received().all(BeginTurn.class))
        .hasSizeGreaterThan(1)
        .containsOnly(begun());
  }

  @Test
  @DisplayName("is sent once more under the same id when its session does not answer, then fails")
  void noReply() {
    gateway.session.onBegin(begin -> ScriptedSession.noAnswer());
    assertThat(fault(ask())).isEqualTo("E110");
    List<BeginTurn> begins = gateway.session.received().all(BeginTurn.class);
    assertThat(begins).hasSize(2);
    assertThat(begins.get(0)).isEqualTo(begins.get(1));
  }

  @Test
  @DisplayName("fails with E200 when its provider says nothing any more, and detaches")
  void providerSilence() {
    soonImpatient();
    gateway.session.accepting();
    var response = ask();
    BeginTurn begin = begun();
    assertThat(fault(response)).isEqualTo("E200");
    assertThat(gateway.session.received().await(Detach.class).turn()).isEqualTo(begin.turn());
  }

  @Test
  @DisplayName("gives credit for what has left")
  void credits() {
    gateway.session.accepting();
    try (TestSocket socket = gateway.socket("s1")) {
      socket.say("hi");
      BeginTurn begin = begun();
      gateway.session.tell(begin, delta(begin, 0, "x".repeat(8_192)));
      Credit credit =
          gateway.session.received().await(Credit.class, given -> given.upTo() == 8_192);
      assertThat(credit.turn()).isEqualTo(begin.turn());
      assertThat(credit.fence()).isEqualTo(1);
      assertThat(credit.inbox()).isEqualTo(begin.listener().inbox());
    }
  }

  @Test
  @DisplayName("whose client left before it was accepted detaches when it is")
  void goneBeforeAccepted() {
    gateway.session.onBegin(begin -> {
      Promise<BusMessage> reply = Promise.promise();
      gateway.vertx.setPeriodic(
          10,
          look -> { // for a reply is awaited for two seconds only
            if (gateway.edge.connections() == 0) {
              gateway.vertx.cancelTimer(look);
              reply.complete(gateway.accepted(begin));
            }
          });
      return reply.future();
    });
    try (TestSocket socket = gateway.socket("s1")) {
      socket.say("hi");
      begun();
    }
    assertThat(gateway.session.received().await(Detach.class).turn())
        .isEqualTo(begun().turn());
  }

  @Test
  @DisplayName("is E110 where no session verticle is there, and /ready says why")
  void nobodyThere() {
    try (RunningGateway alone = RunningGateway.startAlone()) {
      HttpResponse<String> response = alone.postChat("hi");
      assertThat(response.statusCode()).isEqualTo(503);
      assertThat(new JsonObject(response.body()).getString("code")).isEqualTo("E110");
      assertThat(response.headers().firstValue("Retry-After")).hasValue("1");
      HttpResponse<String> ready = alone.get("/ready");
      assertThat(ready.statusCode()).isEqualTo(503);
      JsonObject body = new JsonObject(ready.body());
      assertThat(body.getString("status")).isEqualTo("not_ready");
      assertThat(body.getString("message")).contains("session");
      assertThat(alone.get("/health").statusCode()).isEqualTo(200);
    }
  }

  @Test
  @DisplayName("tells the provider that its client has left when it is accepted only after that")
  void leftBeforeAcceptance() {
    gateway.session.onBegin(begin -> Future.succeededFuture(new Queued(begin.turn(), 1)));
    BeginTurn begin;
    try (RawClient raw = gateway.raw()) {
      String body = body("hi").encode();
      raw.send("POST /chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
          + "Content-Length: " + body.length() + "\r\n\r\n" + body);
      begin = begun();
      await().until(() -> gateway.edge.requests() == 1);
    }
    await().until(() -> gateway.edge.requests() == 0);
    gateway.session.tell(begin, gateway.accepted(begin));
    assertThat(gateway.session.received().await(Detach.class).listenerId())
        .isEqualTo(begin.listener().id());
  }

  @Test
  @DisplayName("that is cancelled gives a waiting request just what is kept")
  void cancelledShort() {
    gateway.session.answering(begin -> List.of(
        delta(begin, 0, "Hello"),
        new TurnFailed(begin.turn(), 1, 3, new Failed(Fault.LLM_CANCELLED, null, null, null))));
    HttpResponse<String> done = ask().orTimeout(10, TimeUnit.SECONDS).join();
    assertThat(done.statusCode()).isEqualTo(200);
    JsonObject answer = new JsonObject(done.body());
    assertThat(answer.getString("response")).isEqualTo("Hel");
    assertThat(answer.getString("finish_reason")).isEqualTo("cancelled");
  }
}
