package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.FaultException;
import io.consoul.message.Accepted;
import io.consoul.message.AnswerTurn;
import io.consoul.message.BeginTurn;
import io.consoul.message.BusMessage;
import io.consoul.message.Delta;
import io.consoul.message.FinishReason;
import io.consoul.message.Kind;
import io.consoul.message.Replayed;
import io.consoul.message.SealTurn;
import io.consoul.message.Sealed;
import io.consoul.message.SessionId;
import io.consoul.message.Tenant;
import io.consoul.message.TurnId;
import io.consoul.message.Usage;
import io.consoul.testkit.EventStream;
import io.consoul.testkit.FakeProvider;
import io.consoul.testkit.HttpAnswer;
import io.consoul.testkit.ListeningInbox;
import io.consoul.testkit.ModelRequest;
import io.consoul.testkit.Script;
import io.consoul.testkit.ScriptedProvider;
import io.consoul.testkit.SocketClient;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/**
 * The rows of the table of failures in docs/architecture.md that one JVM without Redis can show, a test for each, from a
 * client to a provider's wire. Where a peer has to misbehave on the bus it is a scripted one.
 */
@DisplayName("What if")
class WhatIfTest {

  private static final String SHORT_LIVED = "short-lived";
  private static final String SHORT_LEASE = "short-lease";

  private static final Duration TIME_TO_LIVE = Duration.ofSeconds(3);
  private static final Duration LEASE = Duration.ofSeconds(4);

  /** Limits that matter to no test: a machine that is slow just now does not reach them. */
  private static final int LONG_SECONDS = 60;

  /** Longer than a gateway waits for it: here nobody would ask again. */
  private static final Duration REPLY = Duration.ofSeconds(15);

  private final Deployed deployed = new Deployed();
  private final FakeProvider openAi = Deployed.get(FakeProvider.start(deployed.vertx));

  @AfterEach
  void stop() {
    deployed.close();
  }

  /** Everything but the provider, with long times where a test is not about them; a sweep every 50 ms. */
  @BeforeEach
  void deploy(TestInfo test) {
    long ttl = test.getTags().contains(SHORT_LIVED) ? TIME_TO_LIVE.toSeconds() : LONG_SECONDS;
    long lease = test.getTags().contains(SHORT_LEASE) ? LEASE.toSeconds() : LONG_SECONDS;
    deployed
        .session(new JsonObject().put("leaseSeconds", lease).put("ttlSeconds", ttl))
        .gateway(new JsonObject()
            .put("stream", new JsonObject().put("silenceSeconds", 3).put("ssePingSeconds", 0.3)))
        .gc(new JsonObject().put("orphanIntervalSeconds", 0.05).put("intervalSeconds", 1));
  }

  private void realProvider() {
    provider(LONG_SECONDS, Duration.ofSeconds(LONG_SECONDS));
  }

  private void provider(int resumeWindowSeconds, Duration listenerSilence) {
    deployed.provider(new JsonObject()
        .put("resumeWindowSeconds", resumeWindowSeconds)
        .put(
            "stream",
            new JsonObject()
                .put("aliveMillis", 300)
                .put("progressMillis", 100)
                .put("listenerSilenceMillis", listenerSilence.toMillis()))
        .put(
            "openai",
            new JsonObject().put("baseUrl", openAi.baseUrl()).put("defaultModel", "fake")));
  }

  private ScriptedProvider scriptedProvider() {
    return Deployed.get(ScriptedProvider.start(deployed.node));
  }

  private JsonObject session(String id) {
    return deployed.client().get("/sessions/" + id).json();
  }

  private JsonArray messages(String id) {
    return deployed.client().get("/sessions/" + id + "/messages").json().getJsonArray("messages");
  }

  /** The stored answer, when there is one. */
  private JsonObject stored(String id) {
    await().until(() -> {
      JsonArray messages = messages(id);
      return messages != null && messages.size() >= 2;
    });
    return messages(id).getJsonObject(1);
  }

  private static String turnOf(EventStream stream) {
    String id = stream.awaitFirstToken().id();
    return id.substring(0, id.lastIndexOf(':'));
  }

  private static TurnId mint(String session) {
    return TurnId.mint(new SessionId(session), new SecureRandom());
  }

  private <R extends BusMessage> R toSession(BusMessage request, Class<R> reply) {
    String inbox = deployed.node.directory().pick(Kind.SESSION).orElseThrow().inbox();
    return Deployed.get(deployed.node.bus().ask(Kind.SESSION, inbox, request, reply, REPLY));
  }

  /** Asks again where there was nothing better to say yet than that the turn waits, as a gateway does not have to. */
  private Accepted begun(BeginTurn begin) {
    return (Accepted)
        await().until(() -> toSession(begin, BusMessage.class), Accepted.class::isInstance);
  }

  private static SealTurn sealOf(AnswerTurn order, String text) {
    return new SealTurn(
        order.turn(),
        order.tenant(),
        order.fence(),
        order.token(),
        text,
        FinishReason.STOP,
        Usage.NONE,
        "scripted",
        "scripted");
  }

  @Test
  @DisplayName(
      "a connection breaks: the turn runs on for the resume window, and a client that comes back misses nothing")
  void connectionBreaks() {
    realProvider();
    Promise<Void> release = Promise.promise();
    openAi.answer(Script.text("Good ", "morning").heldAfter(1, release.future()));
    EventStream lost = deployed.client().stream("s", "Hi");
    String turn = turnOf(lost);
    lost.abort();

    EventStream back = deployed.client().follow(turn, lost.lastEventId());
    await().until(() -> !back.comments().isEmpty());
    release.complete();

    back.awaitEnd();
    assertThat(back.events("token"))
        .extracting(token -> token.json().getInteger("offset") + token.json().getString("text"))
        .containsExactly("5morning");
    assertThat(back.events("done")).hasSize(1);
    assertThat(openAi.aborted()).isZero();
  }

  @Test
  @DisplayName("a gateway dies without a word: its turn runs on, and is found at another gateway")
  void gatewayDies() {
    realProvider();
    Promise<Void> release = Promise.promise();
    openAi.answer(Script.text("Good ", "morning").heldAfter(1, release.future()));
    ListeningInbox gateway = Deployed.get(ListeningInbox.open(deployed.node.bus()));
    BeginTurn begin = new BeginTurn(mint("s"), Tenant.DEFAULT, "Hi", null, gateway.listener());
    begun(begin);
    gateway.received().await(Delta.class);
    Deployed.get(gateway.close());

    EventStream back = deployed.client().follow(begin.turn().value(), null);
    assertThat(turnOf(back)).isEqualTo(begin.turn().value());
    release.complete();
    assertThat(back.awaitEnd().text()).isEqualTo("Good morning");
    assertThat(back.events("done")).hasSize(1);
  }

  @Test
  @DisplayName(
      "a gateway dies and nobody comes back: after the resume window the turn is cancelled and kept")
  void nobodyComesBack() {
    provider(1, Duration.ofSeconds(2));
    openAi.answer(Script.text("Good ", "morning").hangAfter(1));
    ListeningInbox silent = Deployed.get(ListeningInbox.open(deployed.node.bus()));
    BeginTurn begin = new BeginTurn(mint("s"), Tenant.DEFAULT, "Hi", null, silent.listener());
    begun(begin);
    silent.received().await(Delta.class);
    Deployed.get(silent.close());

    JsonObject answer = stored("s");
    assertThat(answer.getString("content")).isEqualTo("Good ");
    assertThat(answer.getString("finish_reason")).isEqualTo("cancelled");
    await().until(() -> openAi.aborted() == 1);
  }

  @Test
  @DisplayName(
      "a provider dies in mid-stream and there is no other: what is known is kept as interrupted, and its client ends with just that")
  void providerDies() {
    ScriptedProvider provider = scriptedProvider();
    EventStream stream = deployed.client().stream("s", "Hi");
    AnswerTurn order = provider.received().await(AnswerTurn.class);
    Deployed.get(provider.progress(order, 0, "Good "));
    deployed
        .node
        .bus()
        .tell(order.listener(), new Delta(order.turn(), order.fence(), 0, "Good morn"));
    stream.awaitFirstToken();
    Deployed.get(provider.close());

    assertThat(stream.await("error", Duration.ofSeconds(30)).json().getString("code"))
        .isEqualTo("E200");
    // The sweep knows what was journalled, and the gateway what it has heard: both look at the same
    // time here.
    assertThat(stored("s").getString("content")).isIn("Good ", "Good morn");
    assertThat(stored("s").getString("finish_reason")).isEqualTo("interrupted");
    assertThat(stream.text()).isEqualTo(stored("s").getString("content"));
  }

  @Test
  @DisplayName(
      "a provider dies between the end of its stream and the seal: the session is free again, and keeps what was said")
  void providerDiesBeforeTheSeal() {
    ScriptedProvider provider = scriptedProvider();
    EventStream stream = deployed.client().stream("s", "Hi");
    AnswerTurn order = provider.received().await(AnswerTurn.class);
    Deployed.get(provider.progress(order, 0, "Good morning"));
    Deployed.get(provider.close());
    stream.awaitEnd(Duration.ofSeconds(30));
    assertThat(stored("s").getString("content")).isEqualTo("Good morning");
    assertThat(stream.text()).isEqualTo("Good morning");

    scriptedProvider().sealingWith(next -> "next");
    HttpAnswer next = deployed.client().chat("s", "Again");
    assertThat(next.status()).as(next.toString()).isEqualTo(200);
  }

  @Test
  @DisplayName(
      "a begin's reply is lost: the same begin again has the same lease, and the answer once it is stored")
  void beginRepeated() {
    ScriptedProvider provider = scriptedProvider();
    ListeningInbox inbox = Deployed.get(ListeningInbox.open(deployed.node.bus()));
    BeginTurn begin = new BeginTurn(mint("s"), Tenant.DEFAULT, "Hi", null, inbox.listener());
    Accepted first = begun(begin);
    assertThat(begun(begin)).isEqualTo(first);
    AnswerTurn order = provider.received().await(AnswerTurn.class);
    Deployed.get(provider.seal(order, "Hello"));

    assertThat(toSession(begin, Replayed.class).text()).isEqualTo("Hello");
    assertThat(provider.received().all(AnswerTurn.class)).hasSize(1);
    assertThat(messages("s").size()).isEqualTo(2);
  }

  @Test
  @DisplayName(
      "a seal's reply is lost: the same seal again has the same result, and is stored once")
  void sealRepeated() {
    ScriptedProvider provider = scriptedProvider();
    deployed.client().stream("s", "Hi");
    AnswerTurn order = provider.received().await(AnswerTurn.class);
    Sealed first = toSession(sealOf(order, "Hello"), Sealed.class);
    assertThat(toSession(sealOf(order, "Hello"), Sealed.class)).isEqualTo(first);
    assertThat(messages("s").size()).isEqualTo(2);
  }

  @Test
  @DisplayName("progress comes late: it is refused, and makes no session")
  void lateProgress() {
    ScriptedProvider provider = scriptedProvider();
    deployed.client().stream("s", "Hi");
    AnswerTurn order = provider.received().await(AnswerTurn.class);
    Deployed.get(provider.abort(order));
    assertThatThrownBy(() -> provider.progress(order, 0, "late").await())
        .isInstanceOf(FaultException.class);
    assertThat(deployed.client().get("/sessions/s").status()).isEqualTo(404);
  }

  @Test
  @DisplayName("cancel meets completion: what is sealed stays whole, and the next turn is not hit")
  void cancelMeetsCompletion() {
    realProvider();
    openAi.answer("Good morning");
    for (int i = 0; i < 20; i++) {
      String session = "s" + i;
      Future<HttpAnswer> chat = deployed.client().beginChat(session, "Hi");
      HttpAnswer cancel = deployed.client().post("/chat/" + session + "/cancel", new JsonObject());
      assertThat(cancel.status()).isEqualTo(200);
      JsonObject answer = Deployed.get(chat).json();
      JsonArray kept = messages(session);
      String response = answer.getString("response");
      if (answer.getString("finish_reason").equals("stop")) {
        assertThat(response).isEqualTo("Good morning");
        assertThat(cancel.json().getValue("cancelled")).isNull();
      }
      assertThat(kept == null ? "" : kept.getJsonObject(1).getString("content"))
          .as("what the client has is what is stored")
          .isEqualTo(response);
      deployed.client().post("/chat/" + session + "/cancel", new JsonObject());
      assertThat(deployed.client().chat(session, "Again").json().getString("finish_reason"))
          .isEqualTo("stop");
    }
  }

  @Test
  @DisplayName(
      "a turn is cancelled after it said something: upstream is closed, what was said is kept, the client gets done")
  void cancelled() {
    realProvider();
    openAi.answer(Script.text("Good ", "morning").hangAfter(1));
    EventStream stream = deployed.client().stream("s", "Hi");
    String turn = turnOf(stream);
    HttpAnswer cancel = deployed.client().post("/chat/s/cancel", new JsonObject());
    assertThat(cancel.json()).isEqualTo(new JsonObject().put("cancelled", turn));
    assertThat(stream.await("done").json().getString("finish_reason")).isEqualTo("cancelled");
    await().until(() -> openAi.aborted() == 1);
    assertThat(stored("s").getString("content")).isEqualTo("Good ");
    assertThat(deployed.client().post("/chat/s/cancel", new JsonObject()).json())
        .isEqualTo(new JsonObject().putNull("cancelled"));
  }

  @Test
  @DisplayName(
      "a turn is cancelled before its first token: it leaves no trace, and the waiting request gets 200 and nothing")
  void cancelledBeforeTheFirstToken() {
    realProvider();
    openAi.answer(Script.text("never").hang());
    Future<HttpAnswer> chat = deployed.client().beginChat("s", "Hi");
    await().until(() -> openAi.openStreams() == 1);
    try (SocketClient socket = deployed.client().connect("s")) {
      socket.send(new JsonObject().put("type", "cancel"));
      HttpAnswer answer = Deployed.get(chat);
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.json().getString("finish_reason")).isEqualTo("cancelled");
      assertThat(answer.json().getString("response")).isEmpty();
    }
    assertThat(deployed.client().get("/sessions/s").status()).isEqualTo(404);
  }

  @Test
  @DisplayName(
      "two clients are attached: each has its own pace, and the slower one does not slow the other")
  void twoClients() {
    realProvider();
    String answer = "0123456789abcdef".repeat(40_000);
    Promise<Void> release = Promise.promise();
    openAi.answer(Script.text("x", answer).heldAfter(1, release.future()));
    EventStream quick = deployed.client().stream("s", "Hi");
    String turn = turnOf(quick);
    EventStream slow = deployed.client().follow(turn, null);
    slow.awaitFirstToken();
    slow.pause();
    release.complete();

    quick.awaitEnd();
    assertThat(quick.text()).isEqualTo("x" + answer);
    assertThat(slow.events("done")).isEmpty();
    slow.resume();
    assertThat(slow.awaitEnd().text()).isEqualTo("x" + answer);
  }

  @Test
  @Tag(SHORT_LEASE)
  @DisplayName(
      "the first token takes long: lease and listeners are kept alive, and clients get pings")
  void slowFirstToken() {
    realProvider();
    Promise<Void> release = Promise.promise();
    openAi.answer(Script.text("at last").heldAfter(0, release.future()));
    EventStream stream = deployed.client().stream("s", "Hi");
    await().pollDelay(LEASE.plusMillis(500)).until(() -> stream.comments().size() > 4);
    release.complete();
    assertThat(stream.awaitEnd().text()).isEqualTo("at last");
    assertThat(stored("s").getString("finish_reason")).isEqualTo("stop");
  }

  @Test
  @DisplayName(
      "a batch runs in parallel: each message sees the session as it was, and leaves it as it was")
  void parallelBatch() {
    realProvider();
    deployed.client().chat("s", "first");
    JsonObject before = session("s");
    JsonObject batch = deployed
        .client()
        .post("/chat/batch", batch("s", "one", "two", "three").put("sequential", false))
        .json();
    assertThat(responses(batch))
        .containsExactly("You said: one", "You said: two", "You said: three");
    assertThat(session("s").getInteger("turns")).isEqualTo(1);
    assertThat(session("s").getString("updated_at")).isEqualTo(before.getString("updated_at"));
    assertThat(openAi.requests().stream().skip(1).map(ModelRequest::messages))
        .allSatisfy(messages -> assertThat(messages).hasSize(3));

    deployed.client().post("/chat/batch", batch("new", "one").put("sequential", false));
    assertThat(deployed.client().get("/sessions/new").status()).isEqualTo(404);
  }

  @Test
  @DisplayName(
      "a batch runs in order: each message sees those before it, and nobody gets in between")
  void sequentialBatch() {
    realProvider();
    openAi.answer(Script.echo().delayEach(Duration.ofMillis(30)));
    Future<HttpAnswer> batch = deployed
        .client()
        .begin(
            HttpMethod.POST,
            "/chat/batch",
            Map.of(),
            batch("s", "one", "two", "three").toBuffer());
    await().until(() -> !openAi.requests().isEmpty());
    deployed.client().chat("s", "between");

    assertThat(responses(Deployed.get(batch).json()))
        .containsExactly("You said: one", "You said: two", "You said: three");
    assertThat(messages("s").stream()
            .map(message -> ((JsonObject) message).getString("content"))
            .filter(content -> !content.startsWith("You")))
        .containsExactly("one", "two", "three", "between");
  }

  @Test
  @DisplayName("a model is gone from the configuration: E210, and never silently another")
  void modelGone() {
    deployed.provider(new JsonObject());
    JsonObject gone = new JsonObject().put("session_id", "s").put("model", "nobody/x");
    assertThat(deployed.client().post("/sessions", gone).status()).isEqualTo(201);
    HttpAnswer answer = deployed.client().chat("s", "Hi");
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.json().getString("code")).isEqualTo("E210");
    assertThat(session("s").getString("model")).isEqualTo("nobody/x");
    assertThat(messages("s").size()).isZero();
  }

  @Test
  @DisplayName(
      "a session is deleted in mid-turn: its holder is cancelled, its client gets E100, nothing is left")
  void deletedInMidTurn() {
    realProvider();
    openAi.answer(Script.text("Good ", "morning").hangAfter(1));
    EventStream stream = deployed.client().stream("s", "Hi");
    String turn = turnOf(stream);
    assertThat(deployed.client().delete("/sessions/s").status()).isEqualTo(204);

    assertThat(stream.await("error").json().getString("code")).isEqualTo("E100");
    await().until(() -> openAi.aborted() == 1);
    assertThat(deployed.client().get("/sessions/s").status()).isEqualTo(404);
    assertThat(deployed.client().delete("/sessions/s").status()).isEqualTo(404);
    assertThat(deployed.client().follow(turn, null).status()).isEqualTo(404);

    openAi.answer("fresh");
    assertThat(deployed.client().chat("s", "Hi").json().getString("response")).isEqualTo("fresh");
    assertThat(session("s").getInteger("turns")).isEqualTo(1);
  }

  @Test
  @Tag(SHORT_LIVED)
  @DisplayName(
      "a session's time is over in mid-turn: begin and progress extend it; afterwards it expires")
  void timeToLiveInMidTurn() {
    realProvider();
    openAi.answer(Script.text("1", "2", "3", "4", "5", "6", "7").delayEach(Duration.ofMillis(500)));
    EventStream stream = deployed.client().stream("s", "Hi");
    assertThat(stream.awaitEnd().text()).isEqualTo("1234567");
    assertThat(stream.events("done")).as("it was stored").hasSize(1);
    await().until(() -> deployed.client().get("/sessions/s").status() == 404);
  }

  @Test
  @DisplayName(
      "a request is repeated under its key: it runs once, while it runs and afterwards, and another body is 422")
  void idempotencyKey() {
    realProvider();
    Promise<Void> release = Promise.promise();
    openAi.answer(Script.text("Good ", "morning").heldAfter(1, release.future()));
    Map<String, String> key = Map.of("Idempotency-Key", "wish-1");
    EventStream first = deployed.client().stream("s", "Hi", key);
    String turn = turnOf(first);
    EventStream repeat = deployed.client().stream("s", "Hi", key);
    assertThat(turnOf(repeat)).isEqualTo(turn);
    HttpAnswer other = deployed.client().chat("s", "Something else", key);
    assertThat(other.status()).isEqualTo(422);
    assertThat(other.json().getString("code")).isEqualTo("E003");
    release.complete();

    assertThat(first.awaitEnd().text()).isEqualTo("Good morning");
    assertThat(repeat.awaitEnd().text()).isEqualTo("Good morning");
    JsonObject later = deployed.client().chat("s", "Hi", key).json();
    assertThat(later.getString("response")).isEqualTo("Good morning");
    assertThat(later.getString("turn_id")).isEqualTo(turn);
    assertThat(openAi.requests()).hasSize(1);
    assertThat(session("s").getInteger("turns")).isEqualTo(1);
  }

  @Test
  @DisplayName(
      "a turn ends interrupted: a late listener gets what its client got, a repeat what is stored")
  void interrupted() {
    realProvider();
    openAi.answer(Script.text("Good ", "morning").cutAfter(1));
    Map<String, String> key = Map.of("Idempotency-Key", "wish-1");
    EventStream first = deployed.client().stream("s", "Hi", key).awaitEnd();
    String code = first.await("error").json().getString("code");
    EventStream late = deployed.client().follow(turnOf(first), null).awaitEnd();
    assertThat(late.text()).isEqualTo("Good ");
    assertThat(late.await("error").json().getString("code")).isEqualTo(code);
    int asked = openAi.requests().size();
    JsonObject repeat = deployed.client().chat("s", "Hi", key).json();
    assertThat(repeat.getString("response")).isEqualTo("Good ");
    assertThat(repeat.getString("finish_reason")).isEqualTo("interrupted");
    assertThat(openAi.requests()).hasSize(asked);
  }

  private static JsonObject batch(String session, String... messages) {
    JsonArray list = new JsonArray();
    for (String message : messages) {
      list.add(new JsonObject().put("role", "user").put("content", message));
    }
    return new JsonObject().put("session_id", session).put("messages", list);
  }

  private static List<String> responses(JsonObject batch) {
    return batch.getJsonArray("responses").stream()
        .map(each -> ((JsonObject) each).getString("response"))
        .toList();
  }
}
