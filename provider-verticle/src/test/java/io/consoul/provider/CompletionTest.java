package io.consoul.provider;

import static io.consoul.message.BreakerChanged.State.CLOSED;
import static io.consoul.message.BreakerChanged.State.OPEN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.Addresses;
import io.consoul.message.AnswerTurn;
import io.consoul.message.Answering;
import io.consoul.message.Aside;
import io.consoul.message.Asides;
import io.consoul.message.BreakerChanged;
import io.consoul.message.ChatMessage;
import io.consoul.message.CompleteChat;
import io.consoul.message.Completed;
import io.consoul.message.Delta;
import io.consoul.message.Detach;
import io.consoul.message.Failed;
import io.consoul.message.FinishReason;
import io.consoul.message.FollowTurn;
import io.consoul.message.Kind;
import io.consoul.message.ListModels;
import io.consoul.message.Listener;
import io.consoul.message.ModelList;
import io.consoul.message.Settings;
import io.consoul.message.StopAnswer;
import io.consoul.message.Stopped;
import io.consoul.message.Tenant;
import io.consoul.message.TurnFailed;
import io.consoul.message.TurnId;
import io.consoul.message.Usage;
import io.consoul.testkit.FakeProvider;
import io.consoul.testkit.ListeningInbox;
import io.consoul.testkit.Script;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("An answer that belongs to no session")
class CompletionTest {

  private final Vertx outside = Vertx.vertx();
  private FakeProvider fake;
  private Stage stage;

  @BeforeEach
  void startFake() {
    fake = Stage.await(FakeProvider.start(outside));
  }

  @AfterEach
  void close() {
    stage.close();
    Stage.await(outside.close());
  }

  /** Sooner than a listener would count as silent. */
  private static ConditionFactory beforeTheSilence() {
    return await().atMost(Duration.ofSeconds(30));
  }

  @Test
  @DisplayName("is streamed and completed like any other, and nothing is written about it")
  void completed() {
    start();
    fake.answer(Script.text("Bon", "jour", " 🦉").usage(19, 5).delayEach(Duration.ofMillis(150)));
    Instant before = Instant.now();
    AnswerTurn order = order();
    stage.ask(order);

    Completed completed = stage.listener.received().await(Completed.class);

    assertThat(stage.listener.text(order.turn())).isEqualTo("Bonjour 🦉");
    assertThat(completed.finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(completed.length()).isEqualTo("Bonjour 🦉".length());
    assertThat(completed.usage()).isEqualTo(new Usage(19, 5, 0, false));
    assertThat(completed.provider()).isEqualTo("fake");
    assertThat(completed.model()).isEqualTo("m");
    assertThat(completed.timestamp()).isBetween(before, Instant.now());
    assertThat(completed.durationMillis()).isGreaterThanOrEqualTo(300L);
    assertNothingIsWritten();
  }

  @Test
  @DisplayName("goes on with what another instance has said before it was lost, and sends the rest")
  void goesOn() {
    stage = new Stage(config().put("rescue", new JsonObject()));
    stage.listener.creditingTo(stage.provider);
    fake.answer(Script.text("Bon", "jour", " 🦉")); // asked anew it says all of it again
    CompleteChat begun = chat("m");
    CompleteChat chat = new CompleteChat(
        begun.turn(),
        begun.tenant(),
        begun.model(),
        begun.settings(),
        begun.messages(),
        begun.options(),
        begun.listener(),
        "Bon");
    stage.request(chat);

    Completed completed = stage.listener.received().await(Completed.class);

    assertThat(stage.listener.received().all(Delta.class))
        .extracting(Delta::offset)
        .first()
        .isEqualTo(3);
    assertThat(stage.listener.received().all(Delta.class).stream()
            .map(Delta::text)
            .reduce("", String::concat))
        .isEqualTo("jour 🦉");
    assertThat(completed.length()).isEqualTo("Bonjour 🦉".length());
    assertThat(completed.rescues()).isEqualTo(1);
    assertNothingIsWritten();
  }

  @Test
  @DisplayName("fails with what happened, after what was said")
  void failed() {
    start();
    AnswerTurn order = order("fault-cut", stage.listener.listener());
    stage.ask(order);
    TurnFailed failed = stage.listener.received().await(TurnFailed.class);
    assertThat(failed.failure().fault()).isEqualTo(Fault.LLM_UNAVAILABLE);
    assertThat(stage.listener.text(order.turn())).hasSize(failed.length()).isNotEmpty();

    stage.ask(order("fault-401", stage.listener.listener()));
    assertThat(stage.listener.received().await(TurnFailed.class, 2).get(1).length())
        .isZero();
    assertNothingIsWritten();
  }

  @Test
  @DisplayName("ends at once when the last of its listeners leaves, and not before")
  void lastListenerLeaves() {
    start();
    fake.answer(Script.text("a", "b").hangAfter(1));
    ListeningInbox second = Stage.await(ListeningInbox.open(stage.node.bus()));
    AnswerTurn order = order();
    stage.ask(order);
    stage.request(new FollowTurn(order.turn(), 0, second.listener()));
    stage.tell(new Detach(order.turn(), stage.listener.address()));
    second.received().await(Delta.class);
    assertThat(fake.openStreams()).isEqualTo(1);

    stage.tell(new Detach(order.turn(), second.address()));

    beforeTheSilence().until(() -> fake.aborted() == 1);
    await().until(() -> load() == 0);
    assertIsGone(order.turn());
    assertNothingIsWritten();
  }

  @Test
  @DisplayName("ends before its first word, too, when nobody listens")
  void leftBeforeTheFirstWord() {
    start();
    fake.answer(Script.text("never").hang());
    AnswerTurn order = order();
    stage.ask(order);
    await().until(() -> fake.openStreams() == 1);
    stage.tell(new Detach(order.turn(), stage.listener.address()));
    beforeTheSilence().until(() -> fake.aborted() == 1);
    await().until(() -> load() == 0);
    assertNothingIsWritten();
  }

  @Test
  @DisplayName("ends when its listener gives no sign of life")
  void silentListener() {
    JsonObject config = config();
    config.getJsonObject("stream").put("listenerSilenceMillis", 200);
    stage = new Stage(config);
    fake.answer(Script.text("a", "b").hangAfter(1));
    AnswerTurn order = order();
    stage.ask(order);
    await().until(() -> fake.aborted() == 1);
    assertIsGone(order.turn());
  }

  @Test
  @DisplayName("is kept until its slow listener has it, and no longer")
  void notKept() {
    start();
    fake.answer("a longer text");
    ListeningInbox slow = Stage.await(ListeningInbox.open(stage.node.bus()));
    AnswerTurn order = order("m", slow.listener(10));
    stage.ask(order);
    slow.received().await(Delta.class);
    await().until(() -> load() == 0);
    slow.creditingTo(stage.provider);
    slow.credit(stage.provider, order.turn(), order.fence(), 10);
    slow.received().await(Completed.class);
    assertThat(slow.text(order.turn())).isEqualTo("a longer text");
    assertIsGone(order.turn());
  }

  @Test
  @DisplayName("can be stopped, and completes with what was said")
  void stopped() {
    start();
    fake.answer(Script.text("a", "b").hangAfter(1));
    AnswerTurn order = order();
    stage.ask(order);
    stage.listener.received().await(Delta.class);
    assertThat(stage.request(
            new StopAnswer(order.turn(), order.fence(), Failed.of(Fault.LLM_CANCELLED.because()))))
        .isEqualTo(new Stopped(order.turn(), true));
    Completed completed = stage.listener.received().await(Completed.class);
    assertThat(completed.finishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(completed.length()).isEqualTo(1);
    assertNothingIsWritten();
  }

  @Test
  @DisplayName("is to be had at the public address, whoever spoke last")
  void completeChat() {
    start();
    CompleteChat chat = chat(stage.listener.listener());
    Answering answering = complete(chat);
    assertThat(answering.turn()).isEqualTo(chat.turn());
    Completed completed = stage.listener.received().await(Completed.class);
    assertThat(completed.fence()).isEqualTo(answering.fence());
    assertThat(stage.listener.text(chat.turn())).isEqualTo("You said: hi");
    assertThat(fake.requests().get(0).messages())
        .extracting(message -> message.getString("role"))
        .containsExactly("system", "user", "assistant");
    assertNothingIsWritten();
  }

  @Test
  @DisplayName("comes with what the model thinks and the tools that it calls, in their order")
  void asides() {
    start();
    fake.answer(Script.reasoning("Hm, ", "well")
        .then(Script.text("Let me ", "look."))
        .then(Script.toolCall("c1", "look", "{\"at\":", "1}"))
        .delayEach(Duration.ofMillis(30)));
    CompleteChat chat = chat(stage.listener.listener());
    complete(chat);

    Completed completed = stage.listener.received().await(Completed.class);

    List<Aside> heard = asidesOf(stage.listener, 0);
    assertThat(heard).hasSize(completed.asides());
    assertThat(thoughts(heard)).isEqualTo("Hm, well");
    assertThat(arguments(heard)).isEqualTo("{\"at\":1}");
    assertThat(stage.listener.text(chat.turn())).isEqualTo("Let me look.");
  }

  @Test
  @DisplayName("lets a listener that comes later, or again, have those that it has not yet")
  void asidesAgain() {
    start();
    fake.answer(Script.reasoning("Hm, ", "well").then(Script.text("a", "b")).hangAfter(3));
    CompleteChat chat = chat(stage.listener.listener());
    complete(chat);
    stage.listener.received().await(Delta.class);
    List<Aside> all = asidesOf(stage.listener, 0);
    ListeningInbox second = Stage.await(ListeningInbox.open(stage.node.bus()));

    stage.request(new FollowTurn(chat.turn(), 0, all.size() - 1, 0, second.listener()));

    second.received().await(Asides.class);
    assertThat(asidesOf(second, all.size() - 1)).isEqualTo(all.subList(all.size() - 1, all.size()));
  }

  @Test
  @DisplayName("is to be had in plain JSON from the request to the last event")
  void inPlainJson() {
    start();
    String text = "word ".repeat(10).strip();
    fake.answer(Script.text(List.of(text)));
    List<JsonObject> events = new CopyOnWriteArrayList<>();
    Stage.await(stage
        .vertx
        .eventBus()
        .<JsonObject>consumer("plain", message -> events.add(message.body()))
        .completion());
    JsonObject request = new JsonObject()
        .put("model", "fake/m")
        .put("settings", new JsonObject().put("temperature", 0.5))
        .put(
            "messages",
            new JsonArray()
                .add(new JsonObject().put("role", "system").put("content", "be brief"))
                .add(new JsonObject().put("role", "user").put("content", "hi")))
        .put("listener", new JsonObject().put("inbox", "plain").put("id", 7).put("window", 10));

    JsonObject answering = requestInJson(Addresses.PROVIDER_COMPLETE, request);

    assertThat(answering.getString("type")).isEqualTo("turn.answering");
    assertThat(answering.getString("model")).isEqualTo("m");
    await().until(() -> !events.isEmpty());
    JsonObject credit = new JsonObject()
        .put("type", "turn.credit")
        .put("turn", answering.getString("turn"))
        .put("fence", answering.getLong("fence"))
        .put("inbox", "plain")
        .put("listener_id", 7);
    for (int upTo = 10; upTo < text.length(); upTo += 10) {
      int next = upTo;
      await().until(() -> textOf(events).length() == next);
      stage
          .vertx
          .eventBus()
          .send(answering.getString("provider_inbox"), credit.put("up_to", upTo).copy());
    }
    await().until(() -> events.get(events.size() - 1).getString("type").equals("turn.completed"));
    assertThat(textOf(events)).isEqualTo(text);
    assertThat(events)
        .allMatch(event -> event.getString("turn").equals(answering.getString("turn"))
            && event.getInteger("listener_id") == 7);
    JsonObject sent = fake.requests().get(0).body();
    assertThat(sent.getDouble("temperature")).isEqualTo(0.5);
    assertThat(sent.getJsonArray("messages")).isEqualTo(request.getJsonArray("messages"));
  }

  @Test
  @DisplayName("is refused in JSON where the request is none")
  void badJson() {
    start();
    JsonObject listener = new JsonObject().put("inbox", "plain");
    JsonObject good = new JsonObject()
        .put("messages", new JsonArray().add(new JsonObject().put("role", "user")))
        .put("listener", listener);
    assertThat(code(good.copy().put("messages", new JsonArray()))).isEqualTo("E003");
    assertThat(code(good.copy().putNull("listener"))).isEqualTo("E002");
    assertThat(code(good.copy().put("model", "nobody/knows")))
        .as("goes to the server that may have it")
        .isNull();
    assertThat(code(new JsonObject()
            .put("messages", new JsonArray().add(new JsonObject().put("role", "narrator")))
            .put("listener", listener)))
        .isEqualTo("E001");
  }

  @Test
  @DisplayName("is begun once, however often its listener asks for it")
  void repeated() {
    start();
    fake.answer(Script.text("a", "b").hangAfter(1));
    CompleteChat chat = chat(stage.listener.listener());
    Answering first = complete(chat);
    stage.listener.received().await(Delta.class);
    assertThat(complete(chat)).isEqualTo(first);
    assertThat(stage.request(chat)).as("at the inbox").isEqualTo(first);
    assertThat(fake.requests()).hasSize(1);

    assertRefused(chat(chat.turn(), new Listener(stage.listener.address(), 1, 100, false)));
  }

  @Test
  @DisplayName("is begun anew when the one of that name is over")
  void again() {
    start();
    fake.answer(Script.text("a", "b").hangAfter(1));
    CompleteChat chat = chat(stage.listener.listener());
    Answering first = complete(chat);
    stage.listener.received().await(Delta.class);
    stage.tell(new Detach(chat.turn(), stage.listener.address()));
    beforeTheSilence().until(() -> load() == 0);
    fake.answer("again");
    assertThat(complete(chat).fence()).isGreaterThan(first.fence());
    stage.listener.received().await(Completed.class);
    assertThat(stage.listener.text(chat.turn())).isEqualTo("again");
  }

  @Test
  @DisplayName("never takes the place of a session's turn")
  void sessionsTurn() {
    start();
    AnswerTurn order = stage.order("hi");
    stage.ask(order);
    assertRefused(chat(order.turn(), new Listener("somebody else", 100)));
    stage.listener.received().await(Completed.class);
    assertRefused(chat(order.turn(), stage.listener.listener()));
  }

  @Test
  @DisplayName("ends when the time for a completion is over")
  void deadline() {
    stage = new Stage(config().put("completionTimeoutSeconds", 1));
    complete(chat("fault-hang"));
    TurnFailed failed = stage.listener.received().await(TurnFailed.class);
    assertThat(failed.failure().fault()).isEqualTo(Fault.LLM_TIMEOUT);
    await().until(() -> fake.openStreams() == 0);
  }

  @Test
  @DisplayName("is given by another instance where the one that is asked is being stopped")
  void draining() {
    start();
    fake.script("slow", Script.text("a", "b").hangAfter(1));
    stage.node.drain().begin(Duration.ofSeconds(30));
    CompleteChat slow = chat("slow");
    Answering slowAt = complete(slow);
    stage.listener.received().await(Delta.class);
    Future<Void> stopped = stage.vertx.undeploy(stage.deployment);
    await().until(() -> stage.node.directory().pick(Kind.PROVIDER).isEmpty());
    assertThatThrownBy(() -> complete(chat("good")))
        .isInstanceOfSatisfying(
            FaultException.class, fault -> assertThat(fault.fault()).isEqualTo(Fault.SERVER_BUSY));

    ProviderConfig config = ProviderConfig.from(config());
    Stage.await(stage.vertx.deployVerticle(
        () -> new ProviderVerticle(config, stage.node), new DeploymentOptions()));
    stage.listener.creditingTo(
        stage.node.directory().pick(Kind.PROVIDER).orElseThrow().inbox());
    for (int i = 1; i <= 4; i++) {
      complete(chat("good"));
      stage.listener.received().await(Completed.class, i);
    }

    stage
        .vertx
        .eventBus()
        .send(slowAt.providerInbox(), new Detach(slow.turn(), stage.listener.address()));
    Stage.await(stopped);
  }

  @Test
  @DisplayName("comes from one of the models that are listed")
  void models() {
    start();
    ModelList list = stage.ask(Addresses.PROVIDER_MODELS, new ListModels(), ModelList.class);
    assertThat(list.models())
        .containsExactly(
            new ModelList.Model("fake/m", "fake", true),
            new ModelList.Model("echo", "echo", false));
    assertThat(stage.request(new ListModels())).as("at the inbox").isEqualTo(list);
    assertThat(requestInJson(Addresses.PROVIDER_MODELS, new JsonObject()))
        .isEqualTo(list.toTypedJson());
  }

  @Test
  @DisplayName("is listed with what its provider's breaker does at the moment of asking")
  void breakerInTheList() {
    stage = new Stage(config()
        .put("circuitBreaker", new JsonObject().put("failureThreshold", 1))
        .put("retry", new JsonObject().put("maxRetries", 0)));
    stage.listener.creditingTo(stage.provider);
    assertThat(breakers()).containsExactly(CLOSED, CLOSED);
    fake.answer(Script.error(500, "server_error", null, "not now"));
    complete(chat("m"));
    stage.listener.received().await(TurnFailed.class);

    assertThat(breakers())
        .as("of the provider that has failed, and of echo")
        .containsExactly(OPEN, CLOSED);
  }

  private List<BreakerChanged.State> breakers() {
    return ((ModelList) stage.request(new ListModels()))
        .models().stream().map(ModelList.Model::breaker).toList();
  }

  private void start() {
    stage = new Stage(config());
    stage.listener.creditingTo(stage.provider);
  }

  private JsonObject config() {
    return Stage.quick(fake, new JsonObject().put("models", new JsonArray().add("m")));
  }

  private AnswerTurn order() {
    return order("m", stage.listener.listener());
  }

  private AnswerTurn order(String model, Listener to) {
    return new AnswerTurn(
        stage.newTurn(),
        Tenant.DEFAULT,
        Stage.FENCE,
        null,
        model,
        Settings.NONE,
        List.of(ChatMessage.user("hi")),
        to,
        null,
        Instant.now().plusSeconds(60));
  }

  private CompleteChat chat(Listener listener) {
    return chat(stage.newTurn(), listener);
  }

  private CompleteChat chat(TurnId turn, Listener listener) {
    return chat(turn, null, listener);
  }

  private CompleteChat chat(String model) {
    return chat(stage.newTurn(), model, stage.listener.listener());
  }

  private static CompleteChat chat(TurnId turn, String model, Listener listener) {
    return new CompleteChat(
        turn,
        Tenant.DEFAULT,
        model,
        Settings.NONE,
        List.of(
            ChatMessage.system("be brief"), ChatMessage.user("hi"), ChatMessage.assistant("ho")),
        listener);
  }

  /** All that came to this listener, which has that many already, without a gap. */
  private static List<Aside> asidesOf(ListeningInbox inbox, int before) {
    List<Aside> all = new ArrayList<>();
    for (Asides each : inbox.received().all(Asides.class)) {
      assertThat(each.from()).isEqualTo(before + all.size());
      all.addAll(each.asides());
    }
    return all;
  }

  private static String thoughts(List<Aside> asides) {
    return asides.stream()
        .filter(Aside.Reasoning.class::isInstance)
        .map(each -> ((Aside.Reasoning) each).text())
        .collect(Collectors.joining());
  }

  private static String arguments(List<Aside> asides) {
    return asides.stream()
        .filter(Aside.ToolCall.class::isInstance)
        .map(each -> Objects.requireNonNullElse(((Aside.ToolCall) each).arguments(), ""))
        .collect(Collectors.joining());
  }

  private Answering complete(CompleteChat chat) {
    return stage.ask(Addresses.PROVIDER_COMPLETE, chat, Answering.class);
  }

  private JsonObject requestInJson(String address, JsonObject request) {
    return Stage.await(stage.vertx.eventBus().<JsonObject>request(address, request))
        .body();
  }

  private String code(JsonObject request) {
    return requestInJson(Addresses.PROVIDER_COMPLETE, request).getString("code");
  }

  private static String textOf(List<JsonObject> events) {
    StringBuilder text = new StringBuilder();
    events.forEach(event -> text.append(event.getString("text", "")));
    return text.toString();
  }

  private int load() {
    return stage.node.directory().pick(Kind.PROVIDER).orElseThrow().load();
  }

  private void assertRefused(CompleteChat chat) {
    assertThatThrownBy(() -> complete(chat)).isInstanceOfSatisfying(FaultException.class, fault -> {
      assertThat(fault.fault()).isEqualTo(Fault.FIELD_VALIDATION_FAILED);
      assertThat(fault.details().getString("field")).isEqualTo("turn");
    });
  }

  /** The resume window is 120 s here: it plays no part. */
  private void assertIsGone(TurnId turn) {
    assertThatThrownBy(() -> stage.request(new FollowTurn(turn, 0, stage.listener.listener())))
        .hasMessageContaining("not running here");
  }

  private void assertNothingIsWritten() {
    assertThat(stage.session.received().all()).isEmpty();
  }
}
