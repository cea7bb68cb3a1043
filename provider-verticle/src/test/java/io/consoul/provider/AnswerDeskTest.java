package io.consoul.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.message.AnswerTurn;
import io.consoul.message.ChatMessage;
import io.consoul.message.Completed;
import io.consoul.message.Credit;
import io.consoul.message.Delta;
import io.consoul.message.FollowTurn;
import io.consoul.message.TurnId;
import io.consoul.node.Node;
import io.consoul.provider.course.CourseMeters;
import io.consoul.provider.course.Courses;
import io.consoul.provider.echo.EchoAdapter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The desk of a provider verticle")
class AnswerDeskTest {

  private final Stage stage = new Stage(Stage.quick());
  private final Context loop = stage.vertx.getOrCreateContext();
  private final AtomicInteger looks = new AtomicInteger();

  /** How far it is ahead, in milliseconds. */
  private final AtomicLong clock = new AtomicLong();

  private final AnswerDesk desk = desk();

  @AfterEach
  void close() {
    stage.close();
  }

  @Test
  @DisplayName("does not look at answers that have ended and that nobody reads")
  void endedTurns() {
    int many = 100;
    for (int i = 0; i < many; i++) {
      AnswerTurn order = stage.order("hi");
      onLoop(() -> desk.answer(order));
    }
    stage.listener.received().await(Completed.class, many);
    onLoop(this::tick);

    int before = looks.get();
    onLoop(this::tick);

    assertThat(looks.get() - before).isLessThan(many / 10);
  }

  @Test
  @DisplayName("looks after a listener who comes when the answer has ended, until it has all of it")
  void lateListener() {
    AnswerTurn order = stage.order("x".repeat(100));
    onLoop(() -> desk.answer(order));
    stage.listener.received().await(Completed.class);
    onLoop(this::tick);

    onLoop(() -> desk.follow(new FollowTurn(order.turn(), 0, stage.listener.listener(10))));
    int before = looks.get();
    onLoop(this::tick);

    assertThat(looks.get() - before).isGreaterThan(1);
  }

  @Test
  @DisplayName("lets go of the conversation when its answer has ended")
  void conversation() {
    List<WeakReference<ChatMessage>> said = new ArrayList<>();
    TurnId turn = say("a long story", said);
    stage.listener.received().await(Completed.class);

    await().until(() -> {
      System.gc();
      return said.get(0).get() == null;
    });
    onLoop(() -> desk.follow(new FollowTurn(turn, 0, stage.listener.listener())));
    stage.listener.received().await(Completed.class, 2);
  }

  @Test
  @DisplayName("keeps its listeners when the whole process has slept: they could not be heard")
  void slept() {
    AnswerTurn order = stage.order("x".repeat(100), stage.listener.listener(10));
    onLoop(() -> desk.answer(order));
    stage.listener.received().await(Delta.class);

    clock.addAndGet(Duration.ofSeconds(10).toMillis());
    onLoop(this::tick);
    onLoop(() -> {
      desk.credit(new Credit(order.turn(), order.fence(), stage.listener.address(), 10));
      return desk;
    });

    assertThat(stage.listener.received().await(Delta.class, 2).get(1).offset()).isEqualTo(10);
  }

  private TurnId say(String text, List<WeakReference<ChatMessage>> said) {
    AnswerTurn order = stage.order(text);
    said.add(new WeakReference<>(order.history().get(0)));
    onLoop(() -> desk.answer(order));
    return order.turn();
  }

  private Object tick() {
    desk.tick();
    return desk;
  }

  private AnswerDesk desk() {
    JsonObject quick = Stage.quick();
    quick.getJsonObject("stream").put("listenerSilenceMillis", 5_000);
    ProviderConfig config = ProviderConfig.from(quick);
    Node node = new Node(
        stage.node.id(),
        stage.node.bus(),
        stage.node.directory(),
        stage.node.drain(),
        () -> {
          looks.incrementAndGet();
          return Instant.now().plusMillis(clock.get());
        },
        stage.node.random(),
        new SimpleMeterRegistry(),
        stage.node.tracing());
    Providers providers = Stage.await(Providers.open(stage.vertx, config, node));
    return onLoop(() -> {
      TokenCount tokens = TokenCount.load(stage.vertx);
      EchoAdapter echo = new EchoAdapter(stage.vertx, Duration.ZERO, tokens);
      Adapters adapters = new Adapters(stage.vertx, node, new Watchdog(System::nanoTime), tokens);
      adapters.change(config);
      Workbench bench = new Workbench(
          stage.vertx,
          node,
          "test.inbox",
          config,
          adapters,
          tokens,
          new TokenMeters(node.meters(), config.upstreams()),
          new Courses(
              stage.vertx,
              Map.of("echo", echo),
              providers.healths(),
              tokens,
              config.retry(),
              config.rescue(),
              node.clock(),
              node.random(),
              new CourseMeters(node.meters(), Set.of("echo")),
              node.tracing()),
          new UnheardText(config.maxUnheardSize()),
          new SessionCalls(node));
      return new AnswerDesk(bench, load -> {});
    });
  }

  private <T> T onLoop(Callable<T> work) {
    Promise<T> done = Promise.promise();
    loop.runOnContext(now -> {
      try {
        done.complete(work.call());
      } catch (Exception failure) {
        done.fail(failure);
      }
    });
    return Stage.await(done.future());
  }
}
