package io.consoul.message;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayName("The bus")
class BusTest {

  private static final Duration SOON = Duration.ofSeconds(20);

  private final TurnId turn = TurnId.mint(new SessionId("s"), new Random(1));
  private Bus bus;

  @BeforeEach
  void install(Vertx vertx) {
    bus = Bus.install(vertx);
  }

  @Test
  @DisplayName("passes a message by reference inside one JVM")
  void byReference() throws Exception {
    Promise<BusMessage> received = Promise.promise();
    serve(new Handlers().onEvent(Detach.class, received::complete));
    Detach sent = new Detach(turn, "x");

    bus.tell("here", sent);

    assertThat(received.future().await(20, SECONDS)).isSameAs(sent);
  }

  @Test
  @DisplayName("brings a failure back whole: code, message, retry_after and details")
  void failure() throws Exception {
    JsonObject details = new JsonObject().put("field", "model");
    serve(new Handlers()
        .on(
            Sweep.class,
            sweep -> Future.failedFuture(
                new FaultException(Fault.MODEL_NOT_AVAILABLE, "not here", 7, details))));

    FaultException failure = ask();

    assertThat(failure.fault()).isEqualTo(Fault.MODEL_NOT_AVAILABLE);
    assertThat(failure).hasMessage("not here");
    assertThat(failure.retryAfter()).isEqualTo(7);
    assertThat(failure.details()).isEqualTo(details);
  }

  @Test
  @DisplayName("turns a handler that throws into an internal error that tells nothing of its cause")
  void handlerThrows() throws Exception {
    serve(new Handlers().on(Sweep.class, sweep -> {
      throw new IllegalStateException("secret");
    }));

    FaultException failure = ask();

    assertThat(failure.fault()).isEqualTo(Fault.INTERNAL_ERROR);
    assertThat(failure.getMessage()).doesNotContain("secret");
  }

  @Test
  @DisplayName("tells by the kind's fault that nobody is there")
  void nobodyThere() throws Exception {
    FaultException failure = ask();

    assertThat(failure.fault()).isEqualTo(Fault.SESSION_STORAGE_UNAVAILABLE);
    assertThat(failure.retryAfter()).isEqualTo(1);
  }

  @Test
  @DisplayName("tells by the kind's fault that there was no answer in time")
  void noAnswer() throws Exception {
    serve(new Handlers().on(Sweep.class, sweep -> Promise.<BusMessage>promise().future()));

    FaultException failure = catchThrowableOfType(
        FaultException.class,
        () -> bus.ask(Kind.PROVIDER, "here", new Sweep(1, true), Swept.class, Duration.ofMillis(50))
            .await(20, SECONDS));

    assertThat(failure.fault()).isEqualTo(Fault.LLM_UNAVAILABLE);
  }

  @Test
  @DisplayName("refuses a message that the address does not take, and one of a newer node")
  void wrongMessage() throws Exception {
    serve(new Handlers());

    assertThat(ask().fault()).isEqualTo(Fault.INVALID_REQUEST_BODY);
    FaultException newer = catchThrowableOfType(
        FaultException.class,
        () ->
            bus.ask(Kind.SESSION, "here", new Unknown("turn.rewind", 9), SOON).await(20, SECONDS));
    assertThat(newer).hasMessageContaining("turn.rewind").hasMessageContaining("9");
  }

  @Test
  @DisplayName("answers a plain JsonObject with a JsonObject that tells its type")
  void plainJson(Vertx vertx) throws Exception {
    serve(new Handlers()
        .on(Sweep.class, sweep -> Future.succeededFuture(new Swept(sweep.limit(), 0, false))));

    Object reply = vertx
        .eventBus()
        .request("here", new JsonObject().put("limit", 3))
        .await(20, SECONDS)
        .body();

    assertThat(reply)
        .isEqualTo(new JsonObject(
            "{\"expired\":3,\"orphans\":0,\"strays\":0,\"more\":false,\"type\":\"gc.swept\"}"));
  }

  @Test
  @DisplayName("remembers that a listener in a plain JsonObject wants JsonObject events")
  void plainJsonListener(Vertx vertx) throws Exception {
    Promise<Object> event = Promise.promise();
    vertx.eventBus().consumer("there", message -> event.complete(message.body()));
    serve(new Handlers().on(BeginTurn.class, begin -> {
      bus.tell(begin.listener(), new Alive(begin.turn(), 1));
      return Future.succeededFuture(new Queued(begin.turn(), 0));
    }));

    vertx
        .eventBus()
        .request(
            "here",
            new JsonObject()
                .put("type", "turn.begin")
                .put("session", "s")
                .put("text", "hello")
                .put("listener", new JsonObject().put("inbox", "there")))
        .await(20, SECONDS);

    assertThat(event.future().await(20, SECONDS))
        .isInstanceOfSatisfying(
            JsonObject.class, json -> assertThat(json.getString("type")).isEqualTo("turn.alive"));
  }

  @Test
  @DisplayName("tells a JsonObject caller which field is wrong")
  void plainJsonMistakes(Vertx vertx) throws Exception {
    serve(new Handlers()
        .on(BeginTurn.class, begin -> Future.succeededFuture(new Queued(begin.turn(), 0))));

    assertThat(code(vertx, new JsonObject().put("type", "turn.begin").put("session", "\n")))
        .isEqualTo("E004");
    assertThat(code(
            vertx,
            new JsonObject().put("type", "turn.begin").put("session", "s").put("listener", 7)))
        .isEqualTo("E001");
    assertThat(code(vertx, new JsonObject().put("type", "turn.begin").put("session", "s")))
        .isEqualTo("E002");
    assertThat(code(vertx, new JsonObject().put("type", "turn.sing"))).isEqualTo("E001");
  }

  @Test
  @DisplayName("refuses what is neither a message nor a JsonObject, in JSON")
  void neither(Vertx vertx) throws Exception {
    serve(new Handlers()
        .on(Sweep.class, sweep -> Future.succeededFuture(new Swept(sweep.limit(), 0, false))));

    assertThat(code(vertx, "sweep, please")).isEqualTo("E001");
    assertThat(code(vertx, null)).isEqualTo("E001");
  }

  private static String code(Vertx vertx, Object request) throws Exception {
    return ((JsonObject)
            vertx.eventBus().request("here", request).await(20, SECONDS).body())
        .getString("code");
  }

  private void serve(Handlers handlers) throws Exception {
    bus.serve("here", WireType.SWEEP, handlers).completion().await(20, SECONDS);
  }

  private FaultException ask() {
    return catchThrowableOfType(
        FaultException.class,
        () -> bus.ask(Kind.SESSION, "here", new Sweep(1, false), Swept.class, SOON)
            .await(20, SECONDS));
  }
}
