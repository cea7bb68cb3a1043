package io.consoul.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.AnswerTurn;
import io.consoul.message.ChatMessage;
import io.consoul.message.Completed;
import io.consoul.message.CompletionOptions;
import io.consoul.message.Cuts;
import io.consoul.message.Delta;
import io.consoul.message.FinishReason;
import io.consoul.message.FollowTurn;
import io.consoul.message.Follower;
import io.consoul.message.Following;
import io.consoul.message.Listener;
import io.consoul.message.Progress;
import io.consoul.message.Resumption;
import io.consoul.message.SealTurn;
import io.consoul.message.Settings;
import io.consoul.message.Tenant;
import io.consoul.message.TurnFailed;
import io.consoul.message.TurnId;
import io.consoul.testkit.FakeProvider;
import io.consoul.testkit.ListeningInbox;
import io.consoul.testkit.ProviderKind;
import io.consoul.testkit.Script;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("An answer that another provider verticle has begun")
class TakeoverTest {

  private static final String WHOLE =
      "The quick 🦊 jumps over the lazy dog;\n\n and it 💤💤💤 sleeps for ever and ever.";

  private static final Script GOOD = Script.text(WHOLE.split("(?<= )"));

  /** How much of it was said: up to behind a surrogate pair. */
  private static final int SAID = WHOLE.indexOf("💤") + 4;

  private final Vertx outside = Vertx.vertx();
  private FakeProvider fake;
  private Stage stage;

  @BeforeEach
  void startFake() {
    fake = Stage.await(FakeProvider.start(outside));
    fake.answer(GOOD);
  }

  @AfterEach
  void close() {
    stage.close();
    Stage.await(outside.close());
  }

  @ParameterizedTest
  @EnumSource(
      value = ProviderKind.class,
      names = {"OPENAI", "ANTHROPIC"})
  @DisplayName("goes on with what was said, to the character, wherever that ends")
  void wherever(ProviderKind kind) {
    start(kind, new JsonObject());
    for (int said = 0;
        said < WHOLE.length();
        said += Character.charCount(WHOLE.codePointAt(said))) {
      int end = said;
      AnswerTurn order = order(stage.newTurn(), 20, said(said), new Cuts(List.of(said)), said);
      stage.ask(order);
      Completed completed = stage.listener.received().await(Completed.class, of(order.turn()));
      SealTurn seal = seal(order.turn());
      assertThat(seal.text()).as("after %d", said).isEqualTo(WHOLE);
      assertThat(seal.cuts()).isEqualTo(new Cuts(List.of(said)));
      assertThat(seal.finishReason()).isEqualTo(FinishReason.STOP);
      assertThat(seal.rescues()).isEqualTo(said == 0 ? 0 : 1);
      assertThat(completed.rescues()).isEqualTo(seal.rescues());
      assertThat(completed.length()).isEqualTo(WHOLE.length());
      assertThat(stage.listener.received().all(Delta.class).stream()
              .filter(delta -> delta.turn().equals(order.turn())))
          .as("what the listener has is not sent again")
          .allMatch(delta -> delta.offset() >= end);
    }
    assertThat(stage
            .node
            .meters()
            .get("consoul.provider.rescues")
            .tag("provider", "fake")
            .counter()
            .count())
        .isEqualTo(WHOLE.codePointCount(0, WHOLE.length()) - 1);
  }

  @Test
  @DisplayName("has its usage counted, for its provider knows of the rest only")
  void usage() {
    start();
    stage.ask(order(stage.newTurn(), 20, said(SAID), Cuts.NONE.and(SAID), SAID));
    stage.listener.received().await(Completed.class);
    assertThat(stage.session.received().await(SealTurn.class).usage().estimated())
        .isTrue();
  }

  @Test
  @DisplayName("goes to each follower from where he still agrees with it")
  void followers() {
    start();
    ListeningInbox other = Stage.await(ListeningInbox.open(stage.node.bus()));
    Cuts cuts = new Cuts(List.of(20, SAID));
    stage.ask(order(
        stage.newTurn(),
        20,
        new Resumption(
            said(SAID),
            cuts,
            2,
            List.of(
                new Follower(stage.listener.listener(), SAID + 30, 1),
                new Follower(other.listener(), SAID, 0)))));
    stage.listener.received().await(Completed.class);
    other.received().await(Completed.class);
    assertThat(first(stage.listener).offset()).as("was beyond the last cut").isEqualTo(SAID);
    assertThat(first(other).offset()).as("has missed the first cut").isEqualTo(20);
    assertThat(stage.session.received().await(SealTurn.class).rescues()).isEqualTo(2);
  }

  @Test
  @DisplayName("is told, with its cuts, to whoever follows it later, from where he agrees with it")
  void follow() {
    start();
    fake.answer(GOOD.hangAfter(12));
    AnswerTurn order = order(stage.newTurn(), 20, said(SAID), Cuts.NONE.and(SAID), SAID);
    stage.ask(order);
    stage.listener.received().await(Delta.class);
    Progress progress = stage.session.received().await(Progress.class);
    assertThat(progress.offset()).as("what the session has, it is not told").isEqualTo(SAID);
    assertThat(progress.text())
        .isEqualTo(WHOLE.substring(SAID, SAID + progress.text().length()));
    ListeningInbox late = Stage.await(ListeningInbox.open(stage.node.bus()));

    Following following =
        (Following) stage.request(new FollowTurn(order.turn(), 999, 0, 0, late.listener()));

    assertThat(following.cuts()).isEqualTo(Cuts.NONE.and(SAID));
    assertThat(following.fence()).isEqualTo(20);
    assertThat(late.received().await(Delta.class).offset()).isEqualTo(SAID);

    ListeningInbox inside = Stage.await(ListeningInbox.open(stage.node.bus()));
    stage.request(new FollowTurn(order.turn(), SAID - 1, 0, 1, inside.listener()));
    assertThat(inside.received().await(Delta.class).offset())
        .as("not inside a surrogate pair")
        .isEqualTo(SAID - 2);
  }

  @Test
  @DisplayName("runs on with nobody attached, for the resume window")
  void nobodyAttached() {
    stage =
        new Stage(config(ProviderKind.OPENAI, new JsonObject()).put("resumeWindowSeconds", 0.4));
    fake.answer(GOOD.hang());
    long begun = System.nanoTime();
    stage.ask(
        order(stage.newTurn(), 20, new Resumption(said(SAID), Cuts.NONE.and(SAID), 1, List.of())));
    SealTurn seal = stage.session.received().await(SealTurn.class);
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(350));
    assertThat(seal.finishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(seal.text()).isEqualTo(said(SAID));
    assertThat(seal.cuts()).isEqualTo(Cuts.NONE.and(SAID));
    assertThat(seal.rescues()).isEqualTo(1);
    assertThat(stage.listener.received().all()).isEmpty();
  }

  @Test
  @DisplayName("ends as interrupted, with what was said, where answers are not to go on")
  void notRescued() {
    start(ProviderKind.OPENAI, new JsonObject().put("enabled", false));
    AnswerTurn order = order(stage.newTurn(), 20, said(SAID), Cuts.NONE.and(SAID), 0);
    stage.ask(order);
    TurnFailed failed = stage.listener.received().await(TurnFailed.class);
    assertThat(failed.failure().fault()).isEqualTo(Fault.LLM_UNAVAILABLE);
    SealTurn seal = stage.session.received().await(SealTurn.class);
    assertThat(seal.finishReason()).isEqualTo(FinishReason.INTERRUPTED);
    assertThat(seal.failure().fault()).isEqualTo(Fault.LLM_UNAVAILABLE);
    assertThat(seal.text()).isEqualTo(said(SAID));
    assertThat(seal.cuts()).isEqualTo(Cuts.NONE.and(SAID));
    assertThat(stage.listener.text(order.turn())).isEqualTo(seal.text());
    assertThat(fake.requests()).isEmpty();
  }

  @Test
  @DisplayName("begins as any other where nothing was said, also where answers are not to go on")
  void nothingSaid() {
    start(ProviderKind.OPENAI, new JsonObject().put("enabled", false));
    stage.ask(order(stage.newTurn(), 20, "", Cuts.NONE.and(0), 7));
    Completed completed = stage.listener.received().await(Completed.class);
    assertThat(completed.rescues()).isZero();
    assertThat(stage.listener.text(completed.turn())).isEqualTo(WHOLE);
  }

  @Test
  @DisplayName("is whole where it has the greatest size already, and not cut where it has more")
  void full() {
    stage = new Stage(config(ProviderKind.OPENAI, new JsonObject()).put("maxAnswerSize", 16));
    stage.ask(order(stage.newTurn(), 20, said(20), Cuts.NONE.and(20), 20));
    Completed completed = stage.listener.received().await(Completed.class);
    assertThat(completed.finishReason()).isEqualTo(FinishReason.LENGTH);
    assertThat(seal(completed.turn()).text()).isEqualTo(said(20));
    assertThat(fake.requests()).isEmpty();
  }

  @Test
  @DisplayName("goes on here, where an older attempt was left, for those that were attached to it")
  void comesBack() {
    start();
    fake.answer(GOOD.hangAfter(3), GOOD);
    ListeningInbox other = Stage.await(ListeningInbox.open(stage.node.bus()));
    TurnId turn = stage.newTurn();
    stage.ask(order(
        turn,
        20,
        new Resumption(
            "",
            Cuts.NONE,
            0,
            List.of(
                new Follower(stage.listener.listener(), 0, 0),
                new Follower(other.listener(), 0, 0)))));
    int had = other.received().await(Delta.class, delta -> delta.end() > 10).end();

    AnswerTurn back = order(
        turn,
        30,
        new Resumption(
            said(SAID),
            new Cuts(List.of(4, SAID)),
            2,
            List.of(new Follower(stage.listener.listener(), SAID, 2))));
    stage.ask(back);

    stage.listener.received().await(Completed.class);
    other.received().await(Completed.class);
    assertThat(other.text(turn)).isEqualTo(WHOLE);
    assertThat(other.received().all(Delta.class).stream()
            .filter(delta -> delta.fence() == 30)
            .mapToInt(Delta::offset)
            .min())
        .as("he had %d and was told of no cut", had)
        .hasValue(4);
    assertThat(stage.listener.received().all(Delta.class).stream()
            .filter(delta -> delta.fence() == 30))
        .allMatch(delta -> delta.offset() >= SAID);
    assertThat(stage.session.received().all(SealTurn.class))
        .singleElement()
        .satisfies(seal -> assertThat(seal.fence()).isEqualTo(30));
    assertThatThrownBy(() -> stage.ask(order(turn, 20, said(1), Cuts.NONE, 0)))
        .isInstanceOfSatisfying(
            FaultException.class,
            fault -> assertThat(fault.fault()).isEqualTo(Fault.SESSION_LOCKED));
  }

  @Test
  @DisplayName("is not to be followed here any more when another has its lease")
  void lost() {
    start();
    fake.answer(GOOD.hangAfter(3));
    stage.session.onProgress(
        progress -> Future.failedFuture(Fault.SESSION_LOCKED.because("another one")));
    AnswerTurn order = order(stage.newTurn(), 20, said(SAID), Cuts.NONE.and(SAID), SAID);
    stage.ask(order);
    stage.listener.received().await(TurnFailed.class);
    assertThatThrownBy(
            () -> stage.request(new FollowTurn(order.turn(), 0, stage.listener.listener())))
        .hasMessageContaining("not running here");
    await().until(() -> fake.openStreams() == 0);
  }

  private void start() {
    start(ProviderKind.OPENAI, new JsonObject());
  }

  private void start(ProviderKind kind, JsonObject rescue) {
    stage = new Stage(config(kind, rescue));
    stage.listener.creditingTo(stage.provider);
  }

  private JsonObject config(ProviderKind kind, JsonObject rescue) {
    JsonObject upstream = new JsonObject()
        .put("kind", kind.name().toLowerCase(Locale.ROOT))
        .put("apiKey", "k")
        .put("baseUrl", fake.baseUrl(kind))
        .put("defaultModel", "m");
    return Stage.quick(fake, upstream).put("rescue", rescue);
  }

  private static String said(int length) {
    return WHOLE.substring(0, length);
  }

  private AnswerTurn order(TurnId turn, long fence, String said, Cuts cuts, int after) {
    return order(
        turn,
        fence,
        new Resumption(
            said, cuts, 1, List.of(new Follower(stage.listener.listener(), after, cuts.count()))));
  }

  private AnswerTurn order(TurnId turn, long fence, Resumption resumption) {
    return new AnswerTurn(
        turn,
        Tenant.DEFAULT,
        fence,
        "token-" + fence,
        "fake/m",
        Settings.NONE,
        List.of(ChatMessage.user("hi")),
        0,
        CompletionOptions.NONE,
        new Listener("nobody", 1),
        stage.session.inbox(),
        Instant.now().plus(Duration.ofMinutes(1)),
        resumption);
  }

  private static Predicate<Completed> of(TurnId turn) {
    return completed -> completed.turn().equals(turn);
  }

  private SealTurn seal(TurnId turn) {
    return stage.session.received().await(SealTurn.class, seal -> seal.turn().equals(turn));
  }

  private static Delta first(ListeningInbox inbox) {
    return inbox.received().all(Delta.class).get(0);
  }
}
