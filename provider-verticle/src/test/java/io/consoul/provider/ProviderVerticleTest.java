package io.consoul.provider;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.AbortTurn;
import io.consoul.message.Alive;
import io.consoul.message.AnswerTurn;
import io.consoul.message.Bus;
import io.consoul.message.Completed;
import io.consoul.message.Delta;
import io.consoul.message.Detach;
import io.consoul.message.Failed;
import io.consoul.message.FinishReason;
import io.consoul.message.FollowTurn;
import io.consoul.message.Following;
import io.consoul.message.Kind;
import io.consoul.message.Listener;
import io.consoul.message.Progress;
import io.consoul.message.Renewed;
import io.consoul.message.SealTurn;
import io.consoul.message.Sealed;
import io.consoul.message.StopAnswer;
import io.consoul.message.TokenCounter;
import io.consoul.message.TurnEvent;
import io.consoul.message.TurnFailed;
import io.consoul.message.TurnId;
import io.consoul.testkit.ListeningInbox;
import io.consoul.testkit.ScriptedSession;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A provider verticle with the echo model")
class ProviderVerticleTest {

  private static final String INTRODUCTION =
      "This is Consoul's echo model, there is no language model behind it. You said: ";

  private Stage stage;

  @AfterEach
  void close() {
    if (stage != null) {
      stage.close();
    }
  }

  @Test
  @DisplayName("acknowledges a turn, streams the answer, seals it and only then calls it completed")
  void oneTurn() {
    start(Stage.quick().put("echo", new JsonObject().put("delayMillis", 1)));
    stage.session.onSeal(seal -> stage.vertx.timer(100, MILLISECONDS).map(waited -> {
      assertThat(stage.listener.received().all(Completed.class)).isEmpty();
      return new Sealed(seal.turn(), stage.node.clock().instant());
    }));
    stage.listener.creditingTo(stage.provider);
    AnswerTurn order = stage.order("Hello 🦉!");
    assertThat(stage.ask(order).model()).isEqualTo("echo");

    Completed completed = stage.listener.received().await(Completed.class);

    String answer = INTRODUCTION + "Hello 🦉!";
    assertThat(stage.listener.text(order.turn())).isEqualTo(answer);
    SealTurn seal = stage.session.received().await(SealTurn.class);
    assertThat(seal.text()).isEqualTo(answer);
    assertThat(seal.token()).isEqualTo(order.token());
    assertThat(seal.fence()).isEqualTo(order.fence());
    assertThat(seal.usage().inputTokens()).isEqualTo(TokenCounter.count("Hello 🦉!"));
    assertThat(seal.usage().outputTokens()).isEqualTo(TokenCounter.count(answer));
    assertThat(seal.usage().estimated()).isFalse();
    assertThat(completed.length()).isEqualTo(answer.length());
    assertThat(completed.finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(completed.provider()).isEqualTo("echo");
    assertThat(stage.listener.received().all(Delta.class)).hasSizeGreaterThan(10);
    assertThat(stage.listener.received().all())
        .last()
        .as("the last event of a listener")
        .isEqualTo(completed);
  }

  @Test
  @DisplayName("echoes the longest message whole, through the windows of its listener")
  void longMessage() {
    start(Stage.quick());
    String message = "word ".repeat(6_553) + "end";
    stage.listener.creditingTo(stage.provider);
    AnswerTurn order = stage.order(message, stage.listener.listener(1_000));
    stage.ask(order);
    stage.listener.received().await(Completed.class);
    assertThat(stage.listener.text(order.turn())).isEqualTo(INTRODUCTION + message);
    assertThat(stage.listener.received().all(Delta.class))
        .allMatch(delta -> delta.text().length() <= 1_000);
  }

  @Test
  @DisplayName("refuses a model that it does not have, and says what there is")
  void unknownModel() {
    start(Stage.quick());
    AnswerTurn order = stage.order(
        stage.newTurn(), 1, "hi", "claude-x", stage.listener.listener(), Duration.ofMinutes(1));
    assertThatThrownBy(() -> stage.ask(order))
        .isInstanceOfSatisfying(FaultException.class, fault -> {
          assertThat(fault.fault()).isEqualTo(Fault.MODEL_NOT_AVAILABLE);
          assertThat(fault.getMessage()).contains("claude-x").contains("echo");
        });
  }

  @Test
  @DisplayName("journals the first delta at once, then new text, under the lease's token")
  void progress() {
    start(slowEcho());
    // Short of a whole window, so that the end waits until enough was reported.
    AnswerTurn order = stage.order("a b c d e f g h i j k l m n o p", stage.listener.listener(100));
    stage.ask(order);
    stage.session.received().await(Progress.class, 4);
    stage.listener.creditingTo(stage.provider);
    stage.listener.received().await(Delta.class, delta -> delta.end() == 100);
    stage.listener.credit(stage.provider, order.turn(), order.fence(), 100);
    SealTurn seal = stage.session.received().await(SealTurn.class);
    List<Progress> reports = stage.session.received().all(Progress.class);
    assertThat(reports.get(0).offset()).isZero();
    assertThat(reports.get(0).text())
        .as("nothing yet, where the first word took long")
        .isIn("This ", "");
    assertThat(reports).allMatch(report -> report.token().equals(order.token()));
    int end = 0;
    for (Progress report : reports) {
      assertThat(report.offset()).as("nothing twice, no gap").isEqualTo(end);
      assertThat(seal.text().substring(end)).startsWith(report.text());
      end += report.text().length();
    }
  }

  @Test
  @DisplayName("journals all of the text anew where the store has lost some of what it had taken")
  void journalLost() {
    start(slowEcho());
    AtomicInteger gaps = new AtomicInteger();
    stage.session.onProgress(progress -> progress.offset() > 0 && gaps.getAndIncrement() == 0
        ? Future.failedFuture(Fault.INTERNAL_ERROR.because("the journal would get a gap"))
        : Future.succeededFuture(new Renewed(progress.turn())));
    stage.listener.creditingTo(stage.provider);
    stage.say("word ".repeat(40));
    String text = stage.session.received().await(SealTurn.class).text();
    List<Progress> reports = stage.session.received().all(Progress.class);
    int lost = 0;
    while (reports.get(lost).offset() == 0) {
      lost++;
    }
    Progress again = reports.get(lost + 1);
    assertThat(again.offset()).isZero();
    assertThat(text).startsWith(again.text());
    assertThat(again.text().length())
        .isGreaterThanOrEqualTo(
            reports.get(lost).offset() + reports.get(lost).text().length());
    assertThat(reports.get(lost + 2).offset()).isEqualTo(again.text().length());
  }

  @Test
  @DisplayName("renews the lease and says that it is alive before the first word")
  void silence() {
    start(mute());
    TurnId turn = stage.say("hi");
    List<Progress> reports = stage.session.received().await(Progress.class, 3);
    assertThat(reports)
        .allMatch(report -> report.text().isEmpty() && report.turn().equals(turn));
    assertThat(stage.listener.received().await(Alive.class, 3))
        .allMatch(alive -> alive.fence() == Stage.FENCE);
    assertThat(stage.listener.received().all(Delta.class)).isEmpty();
  }

  @Test
  @DisplayName("stops at once when the lease is lost, and seals nothing")
  void leaseLost() {
    start(slowEcho());
    stage.session.onProgress(progress -> progress.offset() < 20
        ? Future.succeededFuture(new Renewed(progress.turn()))
        : Future.failedFuture(Fault.SESSION_LOCKED.because("another one")));
    stage.listener.creditingTo(stage.provider);
    stage.say("x ".repeat(10_000));
    TurnFailed failed = stage.listener.received().await(TurnFailed.class);
    assertThat(failed.failure().fault()).isEqualTo(Fault.SESSION_LOCKED);
    assertThat(stage.listener.received().all()).last().isEqualTo(failed);
    stage.session.onProgress(progress -> Future.succeededFuture(new Renewed(progress.turn())));
    assertNoMoreWork();
    assertThat(stage.session.received().all(SealTurn.class))
        .noneMatch(seal -> seal.turn().equals(failed.turn()));
    assertThat(stage.session.received().all(AbortTurn.class)).isEmpty();
  }

  @Test
  @DisplayName("goes on when the session is silent: the seal decides")
  void silentSession() {
    start(slowEcho());
    stage.session.onProgress(progress -> ScriptedSession.noAnswer());
    stage.listener.creditingTo(stage.provider);
    long begun = System.nanoTime();
    stage.say("hi");
    stage.listener.received().await(Completed.class);
    int reports = stage.session.received().all(Progress.class).size();
    Duration time = Duration.ofNanos(System.nanoTime() - begun);
    assertThat(reports)
        .as("one on its way at a time")
        .isBetween(1, 1 + (int) time.dividedBy(Bus.ACKNOWLEDGEMENT));
  }

  @Test
  @DisplayName("repeats a seal that gets no answer, and completes with the first that does")
  void sealRepeated() {
    start(Stage.quick());
    AtomicInteger seals = new AtomicInteger();
    stage.session.onSeal(seal -> seals.incrementAndGet() < 3
        ? Future.failedFuture(Fault.SESSION_STORAGE_UNAVAILABLE.because())
        : Future.succeededFuture(new Sealed(seal.turn(), stage.node.clock().instant())));
    stage.say("hi");
    stage.listener.received().await(Completed.class);
    assertThat(stage.session.received().all(SealTurn.class)).hasSizeGreaterThanOrEqualTo(3);
    assertThat(stage.session.received().all(SealTurn.class).stream().distinct()).hasSize(1);
  }

  @Test
  @DisplayName("gives up on a seal with E111 when patience has run out")
  void sealUnanswered() {
    JsonObject config = Stage.quick();
    config.getJsonObject("stream").put("sealPatienceSeconds", 1);
    start(config);
    stage.session.onSeal(seal -> Future.failedFuture(Fault.SESSION_STORAGE_UNAVAILABLE.because()));
    stage.say("hi");
    TurnFailed failed = stage.listener.received().await(TurnFailed.class);
    assertThat(failed.failure().fault()).isEqualTo(Fault.SESSION_SAVE_FAILED);
    assertThat(stage.listener.received().all(Completed.class)).isEmpty();
    assertNextTurnWorks();
  }

  @Test
  @DisplayName("tells why a seal was refused")
  void sealRefused() {
    start(Stage.quick());
    stage.session.onSeal(seal -> Future.failedFuture(Fault.SESSION_NOT_FOUND.because("deleted")));
    stage.say("hi");
    TurnFailed failed = stage.listener.received().await(TurnFailed.class);
    assertThat(failed.failure().fault()).isEqualTo(Fault.SESSION_NOT_FOUND);
    assertThat(stage.session.received().all(SealTurn.class)).hasSize(1);
  }

  @Test
  @DisplayName("ends a turn at its deadline: without a trace where nothing was said")
  void deadlineBeforeTheFirstWord() {
    start(mute());
    stage.ask(stage.order(
        stage.newTurn(), 1, "hi", null, stage.listener.listener(), Duration.ofMillis(150)));
    TurnFailed failed = stage.listener.received().await(TurnFailed.class);
    assertThat(failed.failure().fault()).isEqualTo(Fault.LLM_TIMEOUT);
    assertThat(failed.length()).isZero();
    stage.session.received().await(AbortTurn.class);
    assertThat(stage.session.received().all(SealTurn.class)).isEmpty();
  }

  @Test
  @DisplayName("ends a turn at its deadline: what was said is kept as interrupted")
  void deadlineInTheMiddle() {
    start(slowEcho());
    stage.listener.creditingTo(stage.provider);
    AnswerTurn order = stage.order(
        stage.newTurn(),
        1,
        "x ".repeat(1_000),
        null,
        stage.listener.listener(),
        Duration.ofMinutes(1));
    stage.ask(order);
    stage.listener.received().await(Delta.class);
    stage.pass(Duration.ofMinutes(1));
    TurnFailed failed = stage.listener.received().await(TurnFailed.class);
    SealTurn seal = stage.session.received().await(SealTurn.class);
    assertThat(seal.finishReason()).isEqualTo(FinishReason.INTERRUPTED);
    assertThat(seal.usage().estimated()).isTrue();
    assertThat(seal.usage().outputTokens()).isEqualTo(TokenCounter.count(seal.text()));
    assertThat(failed.failure().fault()).isEqualTo(Fault.LLM_TIMEOUT);
    assertThat(failed.length()).isEqualTo(seal.text().length()).isPositive();
    assertThat(stage.listener.text(order.turn())).isEqualTo(seal.text());
  }

  @Test
  @DisplayName("cuts an answer at the greatest size, with the reason length")
  void tooLong() {
    start(Stage.quick().put("maxAnswerSize", 100));
    TurnId turn = stage.say("x".repeat(1_000));
    Completed completed = stage.listener.received().await(Completed.class);
    assertThat(completed.finishReason()).isEqualTo(FinishReason.LENGTH);
    assertThat(completed.length()).isEqualTo(100);
    assertThat(stage.listener.text(turn)).hasSize(100);
  }

  @Test
  @DisplayName("acknowledges the same attempt again and works on it once")
  void sameAttempt() {
    start(slowEcho());
    AnswerTurn order = stage.order("hi");
    stage.listener.creditingTo(stage.provider);
    assertThat(stage.ask(order)).isEqualTo(stage.ask(order));
    stage.listener.received().await(Completed.class);
    assertThat(stage.ask(order).turn()).as("also after its end").isEqualTo(order.turn());
    assertNoMoreWork();
    assertThat(stage.session.received().all(SealTurn.class))
        .filteredOn(seal -> seal.turn().equals(order.turn()))
        .hasSize(1);
  }

  @Test
  @DisplayName("lets a newer attempt replace an older one, and refuses one that is older still")
  void newerAttempt() {
    start(slowEcho());
    ListeningInbox second = Stage.await(ListeningInbox.open(stage.node.bus()));
    second.creditingTo(stage.provider);
    TurnId turn = stage.newTurn();
    AnswerTurn old = stage.order(
        turn, 5, "old ".repeat(1_000), null, stage.listener.listener(), Duration.ofMinutes(1));
    stage.ask(old);
    follow(turn, 0, second);
    second.received().await(Delta.class);
    stage.listener.creditingTo(stage.provider);
    stage.ask(stage.order(turn, 6, "new", null, stage.listener.listener(), Duration.ofMinutes(1)));
    assertThatThrownBy(() -> stage.ask(old))
        .isInstanceOfSatisfying(
            FaultException.class,
            fault -> assertThat(fault.fault()).isEqualTo(Fault.SESSION_LOCKED));

    Completed completed = stage.listener.received().await(Completed.class);
    assertThat(completed.fence()).isEqualTo(6);
    assertThat(stage.listener.text(turn)).isEqualTo(INTRODUCTION + "new");
    second.received().await(Completed.class);
    assertThat(second.text(turn)).as("the other listener goes on with it").endsWith("new");
    assertThat(stage.session.received().all(SealTurn.class)).hasSize(1);
    assertThat(stage.session.received().all(AbortTurn.class)).isEmpty();
  }

  @Test
  @DisplayName("serves two listeners at their own pace: the slower one does not hold up the other")
  void twoListeners() {
    start(slowEcho());
    ListeningInbox slow = Stage.await(ListeningInbox.open(stage.node.bus()));
    stage.listener.creditingTo(stage.provider);
    AnswerTurn order =
        stage.order("a message of some length, word by word", stage.listener.listener(40));
    stage.ask(order);
    stage.request(new FollowTurn(order.turn(), 0, slow.listener(10)));
    stage.listener.received().await(Completed.class);
    slow.received().await(Delta.class, delta -> delta.end() == 10);
    assertThat(slow.text(order.turn())).hasSize(10);
    assertThat(slow.received().all(Completed.class)).isEmpty();
    slow.credit(stage.provider, order.turn(), order.fence(), 10);
    slow.received().await(Delta.class, delta -> delta.offset() == 10);
    slow.creditingTo(stage.provider);
    slow.credit(stage.provider, order.turn(), order.fence(), 20);
    slow.received().await(Completed.class);
    assertThat(slow.text(order.turn())).isEqualTo(stage.listener.text(order.turn()));
  }

  @Test
  @DisplayName("replays a turn that has ended, until the resume window closes")
  void replay() {
    start(Stage.quick().put("resumeWindowSeconds", 60));
    TurnId turn = stage.say("hi");
    stage.listener.received().await(Completed.class);
    ListeningInbox late = Stage.await(ListeningInbox.open(stage.node.bus()));
    assertThat(follow(turn, 5, late).fence()).isEqualTo(Stage.FENCE);
    late.received().await(Completed.class);
    assertThat(late.received().all(Delta.class).get(0).text())
        .isEqualTo((INTRODUCTION + "hi").substring(5));
    stage.pass(Duration.ofMinutes(1));
    await()
        .untilAsserted(() -> assertThatThrownBy(() -> follow(turn, 0, late))
            .hasMessageContaining("not running here"));
  }

  @Test
  @DisplayName("keeps ended answers up to a size only, the newest ones")
  void shelf() {
    start(Stage.quick().put("maxRetainedSize", 3_000));
    TurnId first = stage.say("x".repeat(1_000));
    stage.listener.received().await(Completed.class, 1);
    stage.say("x".repeat(1_000));
    TurnId last = stage.say("y");
    stage.listener.received().await(Completed.class, 3);
    await()
        .untilAsserted(() -> assertThatThrownBy(() -> follow(first, 0, stage.listener))
            .isInstanceOf(FaultException.class));
    follow(last, 0, stage.listener);
  }

  @Test
  @DisplayName("refuses to follow a turn that it does not know, and passes over its credits")
  void unknownTurn() {
    start(Stage.quick());
    TurnId turn = stage.newTurn();
    stage.listener.credit(stage.provider, turn, 1, 5);
    stage.tell(new Detach(turn, stage.listener.address()));
    assertThatThrownBy(() -> follow(turn, 0, stage.listener))
        .isInstanceOfSatisfying(FaultException.class, fault -> {
          assertThat(fault.fault()).isEqualTo(Fault.SESSION_NOT_FOUND);
          assertThat(fault.getMessage()).isEqualTo("turn is not running here");
        });
    assertNextTurnWorks();
  }

  @Test
  @DisplayName("runs on when its listener leaves, and cancels at the end of the resume window")
  void abandoned() {
    start(slowEcho().put("resumeWindowSeconds", 30));
    AnswerTurn order = stage.order("x ".repeat(10_000), stage.listener.listener(10));
    stage.ask(order);
    stage.listener.received().await(Delta.class, delta -> delta.end() == 10);
    stage.tell(new Detach(order.turn(), stage.listener.address()));
    stage
        .session
        .received()
        .await(Progress.class, report -> report.offset() + report.text().length() > 50);
    stage.pass(Duration.ofSeconds(30));
    SealTurn seal = stage.session.received().await(SealTurn.class);
    assertThat(seal.finishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(seal.text()).startsWith("This is").hasSizeGreaterThan(50);
  }

  @Test
  @DisplayName(
      "waits when all that is said to nobody is too much, and goes on when its listener comes back")
  void unheard() {
    start(slowEcho().put("maxUnheardSize", 20));
    // Its window is small: it cannot have all of it before it leaves.
    AnswerTurn order = stage.order("a b c d e f g h i j k l m n o p", stage.listener.listener(10));
    stage.ask(order);
    stage.tell(new Detach(order.turn(), stage.listener.address()));
    await()
        .pollDelay(Duration.ofSeconds(1))
        .until(() -> stage.session.received().all(SealTurn.class).isEmpty());

    stage.listener.creditingTo(stage.provider);
    follow(order.turn(), 0, stage.listener);
    SealTurn seal = stage.session.received().await(SealTurn.class);
    assertThat(seal.finishReason()).isEqualTo(FinishReason.STOP);
    stage.listener.received().await(Completed.class);
    assertThat(stage.listener.text(order.turn())).isEqualTo(seal.text());
  }

  @Test
  @DisplayName("leaves no trace of a turn that was left alone before its first word")
  void abandonedUnsaid() {
    start(mute().put("resumeWindowSeconds", 0));
    AnswerTurn order = stage.order("hi");
    stage.ask(order);
    stage.tell(new Detach(order.turn(), stage.listener.address()));
    await() // for less than the silence of a listener, which would have it end as well
        .atMost(Duration.ofSeconds(30))
        .until(() -> !stage.session.received().all(AbortTurn.class).isEmpty());
    assertThat(stage.session.received().await(AbortTurn.class).token()).isEqualTo(order.token());
    assertThat(stage.session.received().all(SealTurn.class)).isEmpty();
  }

  @Test
  @DisplayName("detaches a listener that gives no sign of life")
  void silentListener() {
    JsonObject config = slowEcho().put("resumeWindowSeconds", 0);
    config.getJsonObject("stream").put("listenerSilenceMillis", 200);
    start(config);
    stage.ask(stage.order("x ".repeat(10_000)));
    assertThat(stage.session.received().await(SealTurn.class).finishReason())
        .isEqualTo(FinishReason.CANCELLED);
  }

  @Test
  @DisplayName("takes no more turns than it is allowed to, and the next when one has ended")
  void tooManyTurns() {
    start(slowEcho().put("maxTurns", 2));
    stage.listener.creditingTo(stage.provider);
    List<TurnId> turns =
        List.of(stage.say("one ".repeat(10_000)), stage.say("two ".repeat(10_000)));
    assertThat(stage.node.directory().pick(Kind.PROVIDER).orElseThrow().load()).isEqualTo(2);
    assertThatThrownBy(() -> stage.say("three"))
        .isInstanceOfSatisfying(FaultException.class, fault -> {
          assertThat(fault.fault()).isEqualTo(Fault.SERVER_BUSY);
          assertThat(fault.retryAfter()).isEqualTo(1);
        });
    for (TurnId turn : turns) {
      stage.listener.received().await(Delta.class, delta -> delta.turn().equals(turn));
      stage.request(
          new StopAnswer(turn, Stage.FENCE, Failed.of(Fault.LLM_CANCELLED.because("enough"))));
    }
    stage.listener.received().await(Completed.class, 2);
    assertNextTurnWorks();
  }

  @Test
  @DisplayName("finishes its turns before it stops, and takes no new ones meanwhile")
  void drain() {
    start(slowEcho());
    stage.node.drain().begin(Duration.ofMinutes(1));
    // It cannot end before its listener takes more.
    AnswerTurn order = stage.order("some more words to say", stage.listener.listener(10));
    stage.ask(order);
    stage.listener.received().await(Delta.class, delta -> delta.end() == 10);
    Future<Void> stopped = stage.vertx.undeploy(stage.deployment);
    await().until(() -> stage.node.directory().pick(Kind.PROVIDER).isEmpty());
    assertThatThrownBy(() -> stage.say("late"))
        .isInstanceOfSatisfying(
            FaultException.class, fault -> assertThat(fault.fault()).isEqualTo(Fault.SERVER_BUSY));
    assertThat(stopped.isComplete()).isFalse();
    stage.listener.creditingTo(stage.provider);
    stage.listener.credit(stage.provider, order.turn(), order.fence(), 10);
    Stage.await(stopped);
    stage.listener.received().await(Completed.class);
    assertThat(stage.session.received().all(SealTurn.class))
        .hasSize(1)
        .allMatch(seal -> seal.finishReason() == FinishReason.STOP);
  }

  @Test
  @DisplayName("cuts what still runs when the time to stop is over, and keeps what was said")
  void drainCut() {
    start(slowEcho());
    stage.listener.creditingTo(stage.provider);
    TurnId turn = stage.say("x ".repeat(10_000));
    stage.listener.received().await(Delta.class);
    stage.node.drain().begin(Duration.ofMillis(200));
    Stage.await(stage.vertx.undeploy(stage.deployment));
    SealTurn seal = stage.session.received().await(SealTurn.class);
    assertThat(seal.finishReason()).isEqualTo(FinishReason.INTERRUPTED);
    TurnFailed failed = stage.listener.received().await(TurnFailed.class);
    assertThat(failed.failure().fault()).isEqualTo(Fault.SERVER_BUSY);
    assertThat(stage.listener.text(turn)).isEqualTo(seal.text());
  }

  @Test
  @DisplayName("speaks plain JSON to a listener that does")
  void plainJson() {
    start(Stage.quick());
    List<JsonObject> events = new CopyOnWriteArrayList<>();
    Stage.await(stage
        .vertx
        .eventBus()
        .<JsonObject>consumer("plain", message -> events.add(message.body()))
        .completion());
    stage.ask(stage.order("hi", new Listener("plain", 10_000).inPlainJson()));
    await()
        .until(() ->
            events.stream().anyMatch(event -> event.getString("type").equals("turn.completed")));
    assertThat(events)
        .extracting(event -> event.getString("type"))
        .filteredOn(type -> !type.equals("turn.alive"))
        .containsExactly("turn.delta", "turn.completed");
  }

  private void start(JsonObject config) {
    stage = new Stage(config);
  }

  private static JsonObject slowEcho() {
    return Stage.quick().put("echo", new JsonObject().put("delayMillis", 10));
  }

  /** Its first word comes after all the test. */
  private static JsonObject mute() {
    return Stage.quick().put("echo", new JsonObject().put("delayMillis", 60_000));
  }

  private Following follow(TurnId turn, int after, ListeningInbox inbox) {
    return stage.ask(
        stage.provider, new FollowTurn(turn, after, inbox.listener()), Following.class);
  }

  private void assertNextTurnWorks() {
    stage.session.onSeal(seal ->
        Future.succeededFuture(new Sealed(seal.turn(), stage.node.clock().instant())));
    stage.listener.creditingTo(stage.provider);
    TurnId turn = stage.say("next");
    stage.listener.received().await(Completed.class, done -> done.turn().equals(turn));
    assertThat(stage.listener.text(turn)).isEqualTo(INTRODUCTION + "next");
  }

  /** A turn more goes through; whatever the earlier one still had to say would have come before it. */
  private void assertNoMoreWork() {
    List<TurnEvent> before = stage.listener.received().all(TurnEvent.class);
    TurnId known = before.get(0).turn();
    long count = before.size();
    assertNextTurnWorks();
    assertThat(stage.listener.received().all(TurnEvent.class).stream()
            .filter(event -> event.turn().equals(known)))
        .hasSize((int) count);
  }
}
