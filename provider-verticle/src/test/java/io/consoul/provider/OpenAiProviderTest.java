package io.consoul.provider;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.message.AbortTurn;
import io.consoul.message.Alive;
import io.consoul.message.AnswerTurn;
import io.consoul.message.Answering;
import io.consoul.message.Completed;
import io.consoul.message.Delta;
import io.consoul.message.Detach;
import io.consoul.message.FinishReason;
import io.consoul.message.FollowTurn;
import io.consoul.message.Kind;
import io.consoul.message.Listener;
import io.consoul.message.Progress;
import io.consoul.message.SealTurn;
import io.consoul.message.TokenCounter;
import io.consoul.message.TurnEvent;
import io.consoul.message.TurnFailed;
import io.consoul.message.TurnId;
import io.consoul.message.Usage;
import io.consoul.testkit.FakeProvider;
import io.consoul.testkit.ListeningInbox;
import io.consoul.testkit.ModelRequest;
import io.consoul.testkit.Ports;
import io.consoul.testkit.Script;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A provider verticle with an OpenAI-compatible server")
class OpenAiProviderTest {

  private final Vertx outside = Vertx.vertx();
  private FakeProvider fake;
  private Stage stage;

  @BeforeEach
  void startFake() {
    fake = Stage.await(FakeProvider.start(outside));
  }

  @AfterEach
  void close() {
    if (stage != null) {
      stage.close();
    }
    Stage.await(outside.close());
  }

  @Test
  @DisplayName("streams its answer, seals it with the usage that it told, and completes")
  void oneTurn() {
    start();
    fake.answer(Script.text("Bon", "jour", " 🦉").usage(19, 5));
    AnswerTurn order = order("fake-model", "Say hello");
    assertThat(stage.ask(order).model()).isEqualTo("fake-model");
    Completed completed = stage.listener.received().await(Completed.class);
    assertThat(stage.listener.text(order.turn())).isEqualTo("Bonjour 🦉");
    assertThat(completed.usage()).isEqualTo(new Usage(19, 5, 0, false));
    assertThat(completed.provider()).isEqualTo("fake");
    assertThat(completed.finishReason()).isEqualTo(FinishReason.STOP);

    ModelRequest request = fake.requests().get(0);
    assertThat(request.header("authorization")).isEqualTo("Bearer sk-test");
    assertThat(request.header("x-extra")).isEqualTo("yes");
    assertThat(request.body().getString("model")).isEqualTo("fake-model");
    assertThat(request.lastUserText()).isEqualTo("Say hello");
    assertThat(request.streaming()).isTrue();
    assertThat(request.asksForUsage()).isTrue();
  }

  @Test
  @DisplayName("gets the user and password of its address as basic authentication, and its query")
  void credentialsInTheAddress() {
    String address = fake.baseUrl().replace("//", "//ann:p%40ss@") + "/?api-version=1";
    start(new JsonObject().putNull("apiKey").put("baseUrl", address));
    completed(say("m", "hi"));
    assertThat(fake.requests().get(0).header("authorization")).isEqualTo("Basic YW5uOnBAc3M=");
  }

  @Test
  @DisplayName("gets no authorization where none is configured")
  void noKey() {
    start(new JsonObject().putNull("apiKey"));
    completed(say("m", "hi"));
    assertThat(fake.requests().get(0).header("authorization")).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fault-bytes",
        "fault-one-write",
        "fault-crlf",
        "fault-comments",
        "fault-malformed",
        "fault-no-done",
        "fault-early-usage",
        "fault-usage-twice"
      })
  @DisplayName("understands an answer however the server writes it")
  void oddAnswers(String model) {
    start();
    TurnId turn = say(model, "how are 🦉 you");
    Completed completed = completed(turn);
    assertThat(stage.listener.text(turn)).isEqualTo("You said: how are 🦉 you");
    assertThat(completed.finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(completed.usage().estimated()).isFalse();
    assertNextTurnWorks();
  }

  @Test
  @DisplayName("counts the tokens itself where the server does not, and says so")
  void noUsage() {
    start();
    Usage usage = completed(say("fault-no-usage", "how are you")).usage();
    assertThat(usage)
        .isEqualTo(new Usage(
            TokenCounter.count("how are you"),
            TokenCounter.count("You said: how are you"),
            0,
            true));
  }

  @Test
  @DisplayName("sends what one read brings as one delta")
  void oneDelta() {
    start();
    TurnId turn = say("fault-one-write", "a b c d e f");
    completed(turn);
    assertThat(stage.listener.received().all(Delta.class)).hasSize(1);
  }

  @Test
  @DisplayName("joins a surrogate pair of two chunks, and replaces a surrogate that stays alone")
  void surrogates() {
    start();
    // Escaped, since a lone surrogate has no bytes of its own; and byte by byte, so that they come
    // apart.
    String body = Stream.of("a\\ud83e", "\\udd89b", "\\udd89c\\ud83e")
            .map(text -> "data: {\"choices\":[{\"delta\":{\"content\":\"" + text + "\"}}]}\n\n")
            .collect(Collectors.joining())
        + "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
    fake.answer(Script.status(200, body).contentType("text/event-stream").byteAtATime());
    TurnId turn = say("m", "hi");
    completed(turn);
    assertThat(stage.listener.text(turn)).isEqualTo("a🦉b\uFFFDc\uFFFD");
  }

  @ParameterizedTest
  @CsvSource({
    "fault-401,MODEL_CONFIG_ERROR",
    "fault-403,MODEL_CONFIG_ERROR",
    "fault-404,MODEL_NOT_AVAILABLE",
    "fault-429,LLM_RATE_LIMITED",
    "fault-429-bare,LLM_RATE_LIMITED",
    "fault-quota,LLM_RATE_LIMITED",
    "fault-500,LLM_UNAVAILABLE",
    "fault-502,LLM_UNAVAILABLE",
    "fault-503,LLM_UNAVAILABLE",
    "fault-context,LLM_CONTEXT_TOO_LONG",
    "fault-filter,LLM_CONTENT_FILTERED",
    "fault-reset,LLM_UNAVAILABLE",
    "fault-hang,LLM_TIMEOUT",
    "fault-head-only,LLM_TIMEOUT",
    "fault-error-first,LLM_UNAVAILABLE",
    "fault-content-type,LLM_UNAVAILABLE"
  })
  @DisplayName("leaves no trace of a turn that failed before its first word, and tells why")
  void failedBefore(String model, Fault fault) {
    start(timeOutFor(fault));
    TurnId turn = say(model, "hi");
    TurnFailed failed = stage.listener.received().await(TurnFailed.class);
    assertThat(failed.failure().fault()).isEqualTo(fault);
    assertThat(failed.length()).isZero();
    assertThat(failed.failure().retryAfter()).isEqualTo(model.equals("fault-429") ? 1 : null);
    assertThat(stage.session.received().all(AbortTurn.class)).hasSize(1);
    assertThat(stage.session.received().all(SealTurn.class)).isEmpty();
    assertThat(failed.turn()).isEqualTo(turn);
    assertNothingIsLeftOpen();
    assertNextTurnWorks();
  }

  @ParameterizedTest
  @CsvSource({
    "fault-stall,LLM_TIMEOUT",
    "fault-cut,LLM_UNAVAILABLE",
    "fault-end,LLM_UNAVAILABLE",
    "fault-error-event,LLM_UNAVAILABLE",
    "fault-huge-line,LLM_UNAVAILABLE"
  })
  @DisplayName("keeps what was said before a failure as interrupted, and tells why")
  void failedAfter(String model, Fault fault) {
    start(timeOutFor(fault));
    TurnId turn = say(model, "how are you");
    TurnFailed failed = stage.listener.received().await(TurnFailed.class);
    SealTurn seal = stage.session.received().await(SealTurn.class);
    assertThat(failed.failure().fault()).isEqualTo(fault);
    assertThat(seal.finishReason()).isEqualTo(FinishReason.INTERRUPTED);
    assertThat(seal.failure()).as("for those who ask later").isEqualTo(failed.failure());
    assertThat(seal.text()).startsWith("You said:");
    assertThat(seal.usage().estimated()).isTrue();
    assertThat(failed.length()).isEqualTo(seal.text().length());
    assertThat(stage.listener.text(turn)).isEqualTo(seal.text());
    assertThat(stage.session.received().all(AbortTurn.class)).isEmpty();
    assertNothingIsLeftOpen();
    assertNextTurnWorks();
  }

  @ParameterizedTest
  @CsvSource({"length,LENGTH", "content_filter,CONTENT_FILTER", "stop,STOP"})
  @DisplayName("tells why an answer ended")
  void finishReasons(String word, FinishReason reason) {
    start();
    fake.answer(Script.text("x").finishReason(word));
    assertThat(completed(say("m", "hi")).finishReason()).isEqualTo(reason);
  }

  @Test
  @DisplayName("tells nobody what an error of the server says: it may quote prompt or key")
  void nothingPassedOn() {
    start();
    fake.answer(Script.error(400, "invalid_request_error", null, "your key sk-test, you SECRET"));
    say("m", "SECRET");
    TurnFailed failed = stage.listener.received().await(TurnFailed.class);
    assertThat(failed.toString()).doesNotContain("SECRET").doesNotContain("sk-test");
    assertThat(failed.failure().fault()).isEqualTo(Fault.MODEL_CONFIG_ERROR);
  }

  @Test
  @DisplayName("does not follow redirects, which could carry the key elsewhere")
  void redirect() {
    start();
    fake.answer(Script.status(302, "").header("Location", fake.baseUrl() + "/chat/completions"));
    say("m", "hi");
    assertThat(stage.listener.received().await(TurnFailed.class).failure().fault())
        .isEqualTo(Fault.MODEL_CONFIG_ERROR);
    assertThat(fake.requests()).hasSize(1);
  }

  @Test
  @DisplayName("reads an error's body up to 64 KiB and no further")
  void hugeErrorBody() {
    start();
    fake.answer(Script.status(500, "x".repeat(10_000_000)));
    say("m", "hi");
    assertThat(stage.listener.received().await(TurnFailed.class).failure().fault())
        .isEqualTo(Fault.LLM_UNAVAILABLE);
    await().until(() -> fake.aborted() == 1);
    assertNextTurnWorks();
  }

  @Test
  @DisplayName("that is not there makes the turn fail at once, and works when it comes back")
  void notThere() {
    int port = Ports.free();
    stage = new Stage(config(new JsonObject().put("baseUrl", "http://127.0.0.1:" + port)));
    stage.listener.creditingTo(stage.provider);
    say("m", "hi");
    TurnFailed failed = stage.listener.received().await(TurnFailed.class);
    assertThat(failed.failure().fault()).isEqualTo(Fault.LLM_UNAVAILABLE);
    assertThat(failed.failure().message()).doesNotContain("127.0.0.1");
    fake = Stage.await(FakeProvider.start(outside, port));
    assertNextTurnWorks();
  }

  @Test
  @DisplayName(
      "serves no more turns at once than it has connections; one more waits, two are refused")
  void poolIsFull() {
    start(new JsonObject().put("maxConnections", 1).put("maxWaiting", 1));
    Promise<Void> release = Promise.promise();
    fake.answer(Script.text("a", "b").heldAfter(1, release.future()), Script.text("second"));
    TurnId first = say("m", "1");
    stage.listener.received().await(Delta.class);
    TurnId second = say("m", "2");
    TurnId third = say("m", "3");
    TurnFailed refused = stage.listener.received().await(TurnFailed.class);
    assertThat(refused.turn()).isEqualTo(third);
    assertThat(refused.failure().fault()).isEqualTo(Fault.SERVER_BUSY);
    assertThat(refused.failure().retryAfter()).isEqualTo(1);
    assertThat(fake.requests()).hasSize(1);
    release.complete();
    completed(first);
    completed(second);
    assertThat(stage.listener.text(second)).isEqualTo("second");
  }

  @Test
  @DisplayName("shares its connections among all instances of a JVM, and outlives each of them")
  void sharedPool() {
    JsonObject config = config(new JsonObject().put("maxConnections", 1).put("maxWaiting", 0));
    stage = new Stage(config);
    ProviderConfig read = ProviderConfig.from(config);
    String other = Stage.await(stage.vertx.deployVerticle(
        () -> new ProviderVerticle(read, stage.node), new DeploymentOptions()));
    String otherInbox = stage.node.directory().serving(Kind.PROVIDER).stream()
        .map(hello -> hello.inbox())
        .filter(inbox -> !inbox.equals(stage.provider))
        .findFirst()
        .orElseThrow();
    stage.listener.creditingTo(stage.provider);
    Promise<Void> release = Promise.promise();
    fake.answer(Script.text("a", "b").heldAfter(1, release.future()), Script.text("next"));
    TurnId first = say("m", "1");
    stage.listener.received().await(Delta.class);
    stage.ask(otherInbox, order("m", "2"), Answering.class);
    assertThat(stage.listener.received().await(TurnFailed.class).failure().fault())
        .isEqualTo(Fault.SERVER_BUSY);
    Stage.await(stage.vertx.undeploy(other));
    release.complete();
    completed(first);
    // The connection is free a moment after the answer, when the response has ended too.
    await().until(() -> isCompleted(say("m", "3")));
  }

  @Test
  @DisplayName("gets its connection back from turns that ended while they waited for it")
  void endedWhileWaiting() {
    start(new JsonObject().put("maxConnections", 1));
    Promise<Void> release = Promise.promise();
    fake.answer(Script.text("a", "b").heldAfter(1, release.future()), Script.text("next"));
    TurnId first = say("m", "1");
    stage.listener.received().await(Delta.class);
    for (int i = 0; i < 3; i++) {
      TurnId turn = stage.newTurn();
      stage.ask(stage.order(
          turn, Stage.FENCE, "2", "m", stage.listener.listener(), Duration.ofMillis(100)));
    }
    stage.listener.received().await(TurnFailed.class, 3);
    release.complete();
    completed(first);
    completed(say("m", "3"));
    assertThat(fake.requests()).as("the ones that had ended were not sent").hasSize(2);
  }

  @Test
  @DisplayName("is paused while no listener gives credit, and goes on when one does")
  void backpressure() {
    start(new JsonObject(), new JsonObject().put("maxAnswerSize", 1 << 26));
    List<String> pieces = Collections.nCopies(64, "x".repeat(64 * 1024));
    int whole = 64 * 64 * 1024;
    fake.answer(Script.text(pieces));
    ListeningInbox stuck = Stage.await(ListeningInbox.open(stage.node.bus()));
    AnswerTurn held = order("m", "1", stuck.listener());
    stage.ask(held);
    stuck.received().await(Delta.class);

    // The same answer goes all the way to somebody else meanwhile, so the first one had the time.
    TurnId free = say("m", "2");
    assertThat(completed(free).length()).isEqualTo(whole);
    assertThat(fake.openStreams()).as("the fake still wants to write").isEqualTo(1);
    assertThat(stuck.text(held.turn())).hasSize(Listener.DEFAULT_WINDOW);
    assertThat(stage.session.received().all(Progress.class).stream()
            .filter(progress -> progress.turn().equals(held.turn()))
            .mapToInt(progress -> progress.offset() + progress.text().length())
            .max()
            .orElse(0))
        .as("what was read ahead")
        .isLessThan(1 << 20);

    stuck.creditingTo(stage.provider);
    stuck.credit(stage.provider, held.turn(), held.fence(), Listener.DEFAULT_WINDOW);
    assertThat(stuck.received().await(Completed.class).length()).isEqualTo(whole);
    assertThat(stuck.text(held.turn())).hasSize(whole);
  }

  @Test
  @DisplayName("is not timed out for the silence of a listener that gives no credit")
  void pausedIsNotSilent() {
    start(
        new JsonObject().put("silenceSeconds", 1), new JsonObject().put("maxAnswerSize", 1 << 26));
    fake.answer(Script.text(Collections.nCopies(64, "x".repeat(64 * 1024))));
    ListeningInbox stuck = Stage.await(ListeningInbox.open(stage.node.bus()));
    AnswerTurn held = order("m", "1", stuck.listener());
    stage.ask(held);
    stuck.received().await(Delta.class);
    stuck.received().await(Alive.class, 12);
    stuck.creditingTo(stage.provider);
    stuck.credit(stage.provider, held.turn(), held.fence(), Listener.DEFAULT_WINDOW);
    stuck.received().await(Completed.class);
    assertThat(stuck.received().all(TurnFailed.class)).isEmpty();
  }

  @Test
  @DisplayName("runs at the pace of the quicker of two listeners")
  void twoPaces() {
    start(new JsonObject(), new JsonObject().put("maxAnswerSize", 1 << 26));
    fake.answer(
        Script.text(Collections.nCopies(40, "y".repeat(10_000))).delayEach(Duration.ofMillis(5)));
    ListeningInbox slow = Stage.await(ListeningInbox.open(stage.node.bus()));
    AnswerTurn order = order("m", "1");
    stage.ask(order);
    stage.request(new FollowTurn(order.turn(), 0, slow.listener(100)));
    completed(order.turn());
    slow.received().await(Delta.class, delta -> delta.end() == 100);
    assertThat(slow.text(order.turn())).hasSize(100);
    slow.creditingTo(stage.provider);
    slow.credit(stage.provider, order.turn(), order.fence(), 100);
    slow.received().await(Completed.class);
    assertThat(slow.text(order.turn())).isEqualTo("y".repeat(400_000));
  }

  @Test
  @DisplayName("is closed at once when the answer has reached its greatest size")
  void cutAtTheLimit() {
    start(new JsonObject(), new JsonObject().put("maxAnswerSize", 16));
    fake.answer(Script.text("0123456789", "0123456789").hangAfter(2));
    say("m", "hi");
    SealTurn seal = stage.session.received().await(SealTurn.class);
    assertUpstreamCloses();
    assertThat(seal.finishReason()).isEqualTo(FinishReason.LENGTH);
    assertThat(seal.failure()).isNull();
    assertThat(seal.text()).isEqualTo("0123456789012345");
    assertThat(seal.usage().estimated()).isTrue();
  }

  @Test
  @DisplayName("is closed at once when the lease is lost")
  void cutWithTheLease() {
    start();
    stage.session.onProgress(progress -> Future.failedFuture(Fault.SESSION_LOCKED.because()));
    fake.answer(Script.text("a", "b").hangAfter(1));
    say("m", "hi");
    stage.listener.received().await(TurnFailed.class);
    assertUpstreamCloses();
  }

  @Test
  @DisplayName("is closed when the deadline passes, also before it has answered")
  void cutAtTheDeadline() {
    start();
    say("fault-hang", "hi");
    await().until(() -> fake.openStreams() == 1);
    stage.pass(Duration.ofMinutes(1));
    assertThat(stage.listener.received().await(TurnFailed.class).failure().fault())
        .isEqualTo(Fault.LLM_TIMEOUT);
    assertUpstreamCloses();
    assertNextTurnWorks();
  }

  @Test
  @DisplayName("is closed when nobody has listened for the resume window")
  void abandoned() {
    start(new JsonObject(), new JsonObject().put("resumeWindowSeconds", 0.2));
    fake.answer(Script.text("a", "b").hangAfter(1));
    TurnId turn = say("m", "hi");
    stage.listener.received().await(Delta.class);
    stage.tell(new Detach(turn, stage.listener.address()));
    assertThat(stage.session.received().await(SealTurn.class).finishReason())
        .isEqualTo(FinishReason.CANCELLED);
    assertUpstreamCloses();
  }

  @Test
  @DisplayName("is used again over the same connection after an answer, in turn")
  void keepsItsConnection() {
    start(new JsonObject().put("maxConnections", 1).put("maxWaiting", 0));
    for (int i = 0; i < 20; i++) {
      completed(say("m", "hello " + i));
      await()
          .pollInterval(5, MILLISECONDS)
          .until(() -> stage
                  .node
                  .meters()
                  .get("consoul_provider_connections_in_use")
                  .tag("provider", "fake")
                  .gauge()
                  .value()
              == 0);
    }
    assertThat(fake.aborted()).isZero();
  }

  /** A short one only where it is to be over: whatever else is asked may take its time. */
  private static JsonObject timeOutFor(Fault fault) {
    JsonObject upstream = new JsonObject();
    return fault == Fault.LLM_TIMEOUT ? upstream.put("timeoutSeconds", 0.8) : upstream;
  }

  private void start() {
    start(new JsonObject());
  }

  private void start(JsonObject upstream) {
    start(upstream, new JsonObject());
  }

  private void start(JsonObject upstream, JsonObject more) {
    stage = new Stage(config(upstream).mergeIn(more));
    stage.listener.creditingTo(stage.provider);
  }

  private JsonObject config(JsonObject upstream) {
    return Stage.quick()
        .put(
            "providers",
            new JsonArray()
                .add(new JsonObject()
                    .put("name", "fake")
                    .put("baseUrl", fake.baseUrl())
                    .put("apiKey", "sk-test")
                    .put(
                        "headers",
                        new JsonArray()
                            .add(new JsonObject().put("name", "X-Extra").put("value", "yes")))
                    .mergeIn(upstream)));
  }

  private AnswerTurn order(String model, String text) {
    return order(model, text, stage.listener.listener());
  }

  private AnswerTurn order(String model, String text, Listener to) {
    return stage.order(stage.newTurn(), Stage.FENCE, text, model, to, Duration.ofMinutes(1));
  }

  private TurnId say(String model, String text) {
    AnswerTurn order = order(model, text);
    stage.ask(order);
    return order.turn();
  }

  private Completed completed(TurnId turn) {
    return stage.listener.received().await(Completed.class, done -> done.turn().equals(turn));
  }

  private boolean isCompleted(TurnId turn) {
    TurnEvent last = stage
        .listener
        .received()
        .await(
            TurnEvent.class,
            event -> event.turn().equals(turn)
                && (event instanceof Completed || event instanceof TurnFailed));
    return last instanceof Completed;
  }

  private void assertUpstreamCloses() {
    await()
        .pollDelay(Duration.ZERO)
        .pollInterval(5, MILLISECONDS)
        .until(() -> fake.aborted() == 1 && fake.openStreams() == 0);
  }

  private void assertNothingIsLeftOpen() {
    await().until(() -> fake.openStreams() == 0);
  }

  private void assertNextTurnWorks() {
    fake.script("good", Script.text("all ", "right"));
    TurnId turn = say("good", "next");
    completed(turn);
    assertThat(stage.listener.text(turn)).isEqualTo("all right");
  }
}
