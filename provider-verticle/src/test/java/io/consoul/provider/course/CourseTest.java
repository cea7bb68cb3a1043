package io.consoul.provider.course;

import static io.vertx.circuitbreaker.CircuitBreakerState.CLOSED;
import static io.vertx.circuitbreaker.CircuitBreakerState.OPEN;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.Aside;
import io.consoul.message.ChatMessage;
import io.consoul.message.FinishReason;
import io.consoul.message.Settings;
import io.consoul.message.Usage;
import io.consoul.node.Node;
import io.consoul.provider.Completion;
import io.consoul.provider.CompletionSink;
import io.consoul.provider.CompletionStream;
import io.consoul.provider.ProviderAdapter;
import io.consoul.provider.RescueConfig;
import io.consoul.provider.Route;
import io.consoul.provider.Route.Step;
import io.consoul.provider.Target;
import io.consoul.provider.TokenCount;
import io.consoul.provider.Upstream;
import io.consoul.provider.UpstreamFailure;
import io.consoul.provider.UpstreamFailure.Cause;
import io.consoul.provider.health.BreakerConfig;
import io.consoul.provider.health.Healths;
import io.consoul.provider.health.RetryConfig;
import io.consoul.testkit.ManualClock;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(VertxExtension.class)
@DisplayName("The course of a turn")
class CourseTest {

  private static final String WHOLE =
      " \n🦉 The quick 🦊\n\n  jumps over the lazy dog;\n\n\tand it 💤💤💤 sleeps  \nfor ever and ever.\n";

  private static final Duration LIMIT = Duration.ofMillis(100);

  private final Answer answer = new Answer();
  private final Silent first = new Silent();
  private final Silent second = new Silent();
  private final ManualClock clock = new ManualClock();
  private List<ChatMessage> asked = List.of(ChatMessage.user("hi"));
  private Vertx vertx;
  private Healths healths;
  private Node node;

  @BeforeEach
  void open(Vertx vertx) throws Exception {
    this.vertx = vertx;
    node = Node.join(vertx).await(30, SECONDS);
    // One failure opens the breaker and one success closes it, with one probe at a time: a permit
    // that is kept would show.
    BreakerConfig breaker = new BreakerConfig(true, 1, 1, Duration.ofMillis(1), 1);
    healths = healths(breaker);
  }

  private Healths healths(BreakerConfig breaker) throws Exception {
    Duration call = Duration.ofHours(1);
    return Healths.open(vertx, node, breaker, retry(), Map.of("first", call, "second", call))
        .await(30, SECONDS);
  }

  @Test
  @DisplayName(
      "ends with a failure when a call cannot even be made, and the breaker gets its probe back")
  void noCall() {
    healths.of("first").admit().failed();
    await().until(() -> healths.of("first").state() != OPEN);
    ProviderAdapter broken = new Silent() {
      @Override
      public CompletionStream open(Completion completion, CompletionSink sink) {
        throw new IllegalStateException("a defect");
      }
    };
    start(broken, false);
    await().until(() -> answer.failures.size() == 1);
    assertThat(answer.failures.get(0).fault()).isEqualTo(Fault.INTERNAL_ERROR);
    healths.of("first").admit().released();
  }

  @Test
  @DisplayName("goes on to the next target when the first one does not begin in time")
  void tooLate() {
    start(first, false);
    await().until(() -> second.calls.size() == 1);
    assertThat(first.made).allMatch(call -> call.cancelled).hasSize(1);
  }

  @Test
  @DisplayName("does not leave a target for its silence while nobody takes text")
  void paused() {
    start(first, true);
    await().until(() -> first.calls.size() == 1);
    await().during(LIMIT.multipliedBy(4)).until(() -> second.calls.isEmpty());
  }

  @Test
  @DisplayName("counts it as a failure of a target that it has not even begun to respond in time")
  void unanswered() {
    first.unanswered = true;
    start(first, false);
    await().until(() -> second.calls.size() == 1);
    assertThat(healths.of("first").state()).isNotEqualTo(CLOSED);
  }

  @Test
  @DisplayName("counts nothing where a target has begun to respond, and its model may be thinking")
  void thinking() {
    start(first, false);
    await().until(() -> second.calls.size() == 1);
    assertThat(healths.of("first").state()).isEqualTo(CLOSED);
  }

  @Test
  @DisplayName("counts nothing where it was the process that slept, and could not see a response")
  void slept() {
    first.unanswered = true;
    first.onOpen = () -> clock.advance(Duration.ofMinutes(1));
    start(first, false);
    await().until(() -> second.calls.size() == 1);
    assertThat(healths.of("first").state()).isEqualTo(CLOSED);
  }

  @Test
  @DisplayName("gives no second beginning to a target where the caller has given one")
  void begunByTheCaller() {
    asked = List.of(ChatMessage.user("hi"), ChatMessage.assistant("Once"));
    ProviderAdapter breaksOff = new Silent() {
      @Override
      public CompletionStream open(Completion completion, CompletionSink sink) {
        vertx.runOnContext(now -> {
          sink.text(" upon a time");
          sink.fail(new UpstreamFailure(Cause.CUT, Fault.LLM_UNAVAILABLE.because()));
        });
        return super.open(completion, sink);
      }
    };
    start(breaksOff, second, answer, false, true);
    await().until(() -> second.calls.size() == 1);
    assertThat(second.calls.get(0).history()).isEqualTo(asked);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName("brings every character once and in order, wherever the calls break off")
  void wherever(boolean prefill) throws Exception {
    healths = healths(new BreakerConfig(false, 1, 1, Duration.ofMillis(1), 1));
    for (int seed = 0; seed < 100; seed++) {
      Answer heard = new Answer();
      start(new Fragile(new Random(seed)), null, heard, false, prefill);
      await()
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(2))
          .until(() -> heard.reason != null || !heard.failures.isEmpty());
      assertThat(heard.failures).as("seed %d", seed).isEmpty();
      assertThat(heard.said()).as("seed %d", seed).isEqualTo(WHOLE);
    }
  }

  private void start(ProviderAdapter one, boolean paused) {
    start(one, second, answer, paused, false);
  }

  private void start(
      ProviderAdapter one, ProviderAdapter two, Answer heard, boolean paused, boolean prefill) {
    vertx.runOnContext(now -> {
      Courses courses = new Courses(
          vertx,
          two == null ? Map.of("first", one) : Map.of("first", one, "second", two),
          healths,
          TokenCount.load(vertx),
          retry(),
          new RescueConfig(true, 20),
          clock,
          node.random(),
          new CourseMeters(node.meters(), List.of("first", "second")),
          node.tracing());
      Route route = new Route(
          "smart",
          two == null
              ? List.of(step("first", prefill))
              : List.of(step("first", prefill), step("second", prefill)));
      Completion completion = new Completion("m", Settings.NONE, asked, 0);
      Course course =
          courses.plan("t", route, completion, clock.instant().plusSeconds(3_600), heard);
      if (paused) {
        course.pause();
      }
      course.start();
    });
  }

  private static Step step(String provider, boolean prefill) {
    Upstream upstream = new Upstream(
        provider,
        Upstream.Dialect.OPENAI,
        null,
        null,
        null,
        null,
        prefill,
        List.of(),
        "m",
        List.of());
    return new Step(new Target(upstream, "m"), 0, LIMIT);
  }

  private static RetryConfig retry() {
    Duration pause = Duration.ofMillis(1);
    return new RetryConfig(20, pause, pause, pause, 20, 10_000);
  }

  /** Says the same every time, in pieces that are cut anywhere, and breaks off three times at places that only chance knows. */
  private final class Fragile implements ProviderAdapter {

    private final Random random;
    private int failures;

    private Fragile(Random random) {
      this.random = random;
    }

    @Override
    public CompletionStream open(Completion completion, CompletionSink sink) {
      Silent.Call call = first.new Call();
      String rest = WHOLE;
      if (completion.isContinuation()) {
        String given = completion.history().get(completion.history().size() - 1).content();
        rest = WHOLE.substring(given.length());
      }
      speak(rest, failures++ < 3 ? random.nextInt(rest.length() + 1) : -1, sink, call);
      return call;
    }

    private void speak(String rest, int until, CompletionSink sink, Silent.Call call) {
      vertx.runOnContext(now -> {
        int size = Math.min(random.nextInt(9), rest.length());
        if (call.cancelled) {
          return;
        }
        if (until >= 0 && size >= until) {
          sink.text(rest.substring(0, Math.min(until, rest.length())));
          sink.fail(new UpstreamFailure(Cause.CUT, Fault.LLM_UNAVAILABLE.because()));
        } else if (rest.isEmpty()) {
          sink.end(FinishReason.STOP, null);
        } else {
          sink.text(rest.substring(0, size));
          speak(rest.substring(size), until < 0 ? until : until - size, sink, call);
        }
      });
    }

    @Override
    public Future<Void> close() {
      return Future.succeededFuture();
    }
  }

  /** Takes calls and never says a word. */
  private static class Silent implements ProviderAdapter {

    private final List<Completion> calls = new CopyOnWriteArrayList<>();
    private final List<Call> made = new CopyOnWriteArrayList<>();

    private volatile boolean unanswered;
    private volatile Runnable onOpen = () -> {};

    private class Call implements CompletionStream {
      private volatile boolean cancelled;

      @Override
      public boolean isUnanswered() {
        return unanswered;
      }

      @Override
      public void pause() {}

      @Override
      public void resume() {}

      @Override
      public void cancel() {
        cancelled = true;
      }
    }

    @Override
    public CompletionStream open(Completion completion, CompletionSink sink) {
      onOpen.run();
      Call call = new Call();
      made.add(call);
      calls.add(completion);
      return call;
    }

    @Override
    public Future<Void> close() {
      return Future.succeededFuture();
    }
  }

  private static final class Answer implements CourseSink {

    private final List<FaultException> failures = new CopyOnWriteArrayList<>();
    private final StringBuffer text = new StringBuffer();
    private volatile FinishReason reason;

    @Override
    public String said() {
      return text.toString();
    }

    @Override
    public void text(String piece) {
      text.append(piece);
    }

    @Override
    public void aside(Aside aside) {}

    @Override
    public void end(FinishReason how, Usage told) {
      reason = how;
    }

    @Override
    public void fail(FaultException fault) {
      failures.add(fault);
    }
  }
}
