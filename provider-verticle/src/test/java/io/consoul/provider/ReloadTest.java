package io.consoul.provider;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.AnswerTurn;
import io.consoul.message.Answering;
import io.consoul.message.BreakerChanged;
import io.consoul.message.BusMessage;
import io.consoul.message.Completed;
import io.consoul.message.Delta;
import io.consoul.message.Hello;
import io.consoul.message.Kind;
import io.consoul.message.ListModels;
import io.consoul.message.ModelList;
import io.consoul.message.TurnFailed;
import io.consoul.message.TurnId;
import io.consoul.testkit.FakeProvider;
import io.consoul.testkit.Script;
import io.micrometer.core.instrument.Meter;
import io.vertx.circuitbreaker.CircuitBreakerState;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Providers whose configuration changes while turns are in progress")
class ReloadTest {

  private static final Script DOWN = Script.error(503, "server_error", null, "not now");

  private static final int INSTANCES = 3;

  private final Vertx outside = Vertx.vertx();
  private FakeProvider one;
  private FakeProvider two;
  private Stage stage;

  @BeforeEach
  void start() {
    one = Stage.await(FakeProvider.start(outside));
    two = Stage.await(FakeProvider.start(outside));
  }

  @AfterEach
  void close() {
    stage.close();
    Stage.await(outside.close());
  }

  @Test
  @DisplayName(
      "let a running answer end where it began, and have new turns elsewhere, in every instance")
  void runningAnswer() {
    stage = new Stage(with(provider("fake", one)), INSTANCES);
    Promise<Void> release = Promise.promise();
    one.answer(Script.text("from ", "one").heldAfter(1, release.future()));
    two.answer("from two");
    instances().forEach(stage.listener::creditingTo);
    TurnId running = stage.say("hi");
    stage.listener.received().await(Delta.class);

    apply(with(provider("fake", two)));

    for (String instance : instances()) {
      assertThat(textOf(ask(instance, "hi", null))).isEqualTo("from two");
    }
    assertThat(one.openStreams()).isEqualTo(1);
    release.complete();
    completed(running);
    assertThat(stage.listener.text(running)).isEqualTo("from one");
    assertThat(one.requests()).hasSize(1);
  }

  @Test
  @DisplayName(
      "close what they had of a provider that is gone when its last turn is over, and show it no more")
  void gone() {
    // It has no other models than its family, so it does not take "fake/m" for one of its own.
    JsonObject other = new JsonObject().put("name", "other").put("kind", "ANTHROPIC");
    stage = new Stage(with(provider("fake", one), other), INSTANCES);
    Promise<Void> release = Promise.promise();
    one.answer(Script.text("from ", "one").heldAfter(1, release.future()));
    stage.listener.creditingTo(stage.provider);
    TurnId running = stage.say("hi");
    stage.listener.received().await(Delta.class);

    apply(with(other));

    assertThatThrownBy(() -> ask(stage.provider, "hi", "fake/m"))
        .isInstanceOfSatisfying(
            FaultException.class,
            refused -> assertThat(refused.fault()).isEqualTo(Fault.MODEL_NOT_AVAILABLE));
    assertThat(models()).noneMatch(name -> name.startsWith("fake/"));
    release.complete();
    completed(running);
    await().untilAsserted(() -> assertThat(metersOf("fake")).isEmpty());
    assertThat(metersOf("other")).isNotEmpty();
  }

  @Test
  @DisplayName(
      "keep breaker, holds and connections of one that has not changed, also where its key has no news")
  void unchanged() {
    stage = new Stage(with(provider("fake", one)), INSTANCES);
    one.answer(DOWN);
    for (int i = 0; i < 5; i++) {
      failed(ask(stage.provider, "hi", null));
    }
    stage.providers.healths().of("fake").hold("m", Duration.ofMinutes(1));

    apply(with(provider("fake", one), provider("added", two)));

    assertThat(stage.providers.healths().of("fake").state()).isEqualTo(CircuitBreakerState.OPEN);
    assertThat(stage.providers.healths().of("fake").holdOf("m")).isPositive();
    assertThat(breakers()).containsEntry("fake/m", BreakerChanged.State.OPEN);
    assertThat(gauge("consoul.circuit.breaker.state", "fake")).isEqualTo(2);
    assertThat(gauge("consoul.circuit.breaker.state", "added")).isZero();
  }

  @Test
  @DisplayName("give another server, or another account, a fresh start behind the same name")
  void anotherServer() {
    stage = new Stage(with(provider("fake", one)), INSTANCES);
    one.answer(DOWN);
    two.answer("well");
    instances().forEach(stage.listener::creditingTo);
    for (int i = 0; i < 5; i++) {
      failed(ask(stage.provider, "hi", null));
    }

    apply(with(provider("fake", two)));

    assertThat(textOf(ask(stage.provider, "hi", null))).isEqualTo("well");
    assertThat(gauge("consoul.circuit.breaker.state", "fake")).isZero();
  }

  @Test
  @DisplayName("call with a new key at once, over the connections that there are")
  void newKey() {
    one.key("first");
    stage = new Stage(with(provider("fake", one).put("apiKey", "first")));
    one.answer("well");
    stage.listener.creditingTo(stage.provider);
    textOf(ask(stage.provider, "hi", null));
    await().until(() -> gauge("consoul_provider_connections_idle", "fake") == 1);

    one.key("second");
    apply(with(provider("fake", one).put("apiKey", "second")));

    assertThat(gauge("consoul_provider_connections_idle", "fake")).isEqualTo(1);
    assertThat(textOf(ask(stage.provider, "hi", null))).isEqualTo("well");
  }

  @Test
  @DisplayName("close a breaker that is switched off, and open one sooner whose threshold is lower")
  void breakerSettings() {
    stage = new Stage(with(provider("fake", one)), INSTANCES);
    one.answer(DOWN);
    failed(ask(stage.provider, "hi", null));

    apply(with(provider("fake", one))
        .put("circuitBreaker", new JsonObject().put("failureThreshold", 2)));
    failed(ask(stage.provider, "hi", null));
    assertThat(stage.providers.healths().of("fake").state()).isEqualTo(CircuitBreakerState.OPEN);

    apply(
        with(provider("fake", one)).put("circuitBreaker", new JsonObject().put("enabled", false)));
    assertThat(stage.providers.healths().of("fake").state()).isEqualTo(CircuitBreakerState.CLOSED);
    assertThat(failed(ask(stage.provider, "hi", null)).failure().fault())
        .isEqualTo(Fault.LLM_UNAVAILABLE);
  }

  @Test
  @DisplayName("leave nothing behind after two hundred changes: no meter, no connection, no thread")
  void nothingLeft() {
    stage = new Stage(with(provider("fake", one)), INSTANCES);
    one.answer("well");
    two.answer("well");
    instances().forEach(stage.listener::creditingTo);
    textOf(ask(stage.provider, "hi", null));
    change(0, 50); // pools have their threads then
    Set<Meter.Id> meters = meterIds();
    int threads = Thread.activeCount();

    change(50, 100);

    assertThat(meterIds()).isEqualTo(meters);
    assertThat(Thread.activeCount()).isLessThan(threads + 20);
    assertThat(stage.vertx.sharedData().getLocalMap("consoul.provider.trunks").keySet())
        .isEqualTo(Set.of("fake"));
    await().until(() -> two.connections() == 0 && one.connections() <= 1);
  }

  private void change(int from, int to) {
    for (int i = from; i < to; i++) {
      apply(with(provider("fake", two), provider("p" + i, one).put("models", models("m" + i))));
      if (i % 10 == 0) {
        textOf(ask(stage.provider, "hi", "p" + i + "/m" + i));
        textOf(ask(stage.provider, "hi", "fake/m"));
      }
      apply(with(provider("fake", one)));
    }
  }

  @Test
  @DisplayName("tell an instance once more what it could not take over, though nothing has changed")
  void onceMore() {
    stage = new Stage(with(provider("fake", one)));
    AtomicInteger told = new AtomicInteger();
    stage.providers.join(changed -> told.incrementAndGet() == 1
        ? Future.failedFuture(new IllegalStateException("not now"))
        : Future.succeededFuture());
    ProviderConfig changed = ProviderConfig.from(with(provider("fake", two)));

    assertThatThrownBy(() -> Stage.await(stage.providers.apply(changed))).isNotNull();
    Stage.await(stage.providers.apply(changed));
    Stage.await(stage.providers.apply(changed));

    assertThat(told).hasValue(2);
  }

  @Test
  @DisplayName("leave nothing behind of a change that fails half-way, and answer as before")
  void halfWay() {
    stage = new Stage(with(provider("fake", one)));
    one.answer("well");
    stage.listener.creditingTo(stage.provider);
    ProviderConfig good = ProviderConfig.from(with(provider("fake", two), provider("new", two)));
    Upstream last = good.upstreams().get(1);
    Upstream broken = new Upstream(
        "broken",
        last.dialect(),
        last.baseUrl(),
        null,
        last.times(),
        null,
        false,
        List.of(),
        null,
        List.of());
    ProviderConfig bad = withUpstreams(good, List.of(good.upstreams().get(0), last, broken));

    assertThatThrownBy(() -> Stage.await(stage.providers.apply(bad))).isNotNull();

    assertThat(stage.vertx.sharedData().getLocalMap("consoul.provider.trunks").keySet())
        .isEqualTo(Set.of("fake"));
    assertThat(textOf(ask(stage.provider, "hi", null))).isEqualTo("well");
    Stage.await(stage.providers.apply(good));
    two.answer("also well");
    assertThat(textOf(ask(stage.provider, "hi", null))).isEqualTo("also well");
  }

  private static ProviderConfig withUpstreams(ProviderConfig other, List<Upstream> upstreams) {
    return new ProviderConfig(
        other.instances(),
        other.maxTurns(),
        other.maxAnswerSize(),
        other.maxRetainedSize(),
        other.maxUnheardSize(),
        other.resumeWindow(),
        other.completionTimeout(),
        other.echoDelay(),
        other.pace(),
        other.breaker(),
        other.retry(),
        other.rescue(),
        upstreams,
        other.routes());
  }

  @Test
  @DisplayName("forget the tokens of models that nobody lists any more, and of no others")
  void tokens() {
    stage = new Stage(with(provider("fake", one)));
    for (String model : List.of("gone", "m", "other")) {
      stage.node.meters().counter("consoul_token_usage", "model", model);
    }

    apply(with(provider("fake", two)));

    assertThat(stage.node.meters().find("consoul_token_usage").counters())
        .extracting(counter -> counter.getId().getTag("model"))
        .contains("m", "other")
        .doesNotContain("gone");
  }

  private static JsonObject provider(String name, FakeProvider fake) {
    return new JsonObject()
        .put("name", name)
        .put("baseUrl", fake.baseUrl())
        .put("models", models("m"));
  }

  private static JsonArray models(String name) {
    return new JsonArray().add(name);
  }

  private static JsonObject with(JsonObject... providers) {
    return Stage.quick().put("providers", new JsonArray(List.of(providers)));
  }

  private void apply(JsonObject config) {
    Stage.await(stage.providers.apply(ProviderConfig.from(config)));
  }

  private List<String> instances() {
    return stage.node.directory().serving(Kind.PROVIDER).stream()
        .map(Hello::inbox)
        .toList();
  }

  private TurnId ask(String instance, String text, String model) {
    AnswerTurn order = stage.order(
        stage.newTurn(),
        Stage.FENCE,
        text,
        model,
        stage.listener.listener(),
        Duration.ofMinutes(1));
    stage.ask(instance, order, Answering.class);
    return order.turn();
  }

  private Completed completed(TurnId turn) {
    return (Completed) end(turn);
  }

  private TurnFailed failed(TurnId turn) {
    return (TurnFailed) end(turn);
  }

  private BusMessage end(TurnId turn) {
    return stage
        .listener
        .received()
        .await(
            BusMessage.class,
            each -> each instanceof Completed completed && completed.turn().equals(turn)
                || each instanceof TurnFailed failed && failed.turn().equals(turn));
  }

  private String textOf(TurnId turn) {
    completed(turn);
    return stage.listener.text(turn);
  }

  private List<String> models() {
    return list().models().stream().map(ModelList.Model::name).toList();
  }

  private Map<String, BreakerChanged.State> breakers() {
    return list().models().stream()
        .collect(Collectors.toMap(ModelList.Model::name, ModelList.Model::breaker));
  }

  private ModelList list() {
    return (ModelList) stage.request(new ListModels());
  }

  private double gauge(String name, String provider) {
    return stage.node.meters().get(name).tag("provider", provider).gauge().value();
  }

  private List<Meter> metersOf(String provider) {
    return stage.node.meters().getMeters().stream()
        .filter(meter -> provider.equals(meter.getId().getTag("provider")))
        .toList();
  }

  private Set<Meter.Id> meterIds() {
    return stage.node.meters().getMeters().stream().map(Meter::getId).collect(toSet());
  }
}
