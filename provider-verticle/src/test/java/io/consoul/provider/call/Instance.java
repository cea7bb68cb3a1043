package io.consoul.provider.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.ChatMessage;
import io.consoul.message.Settings;
import io.consoul.node.Node;
import io.consoul.provider.Completion;
import io.consoul.provider.CompletionStream;
import io.consoul.provider.Upstream;
import io.consoul.provider.Watchdog;
import io.consoul.provider.wire.WireFormat;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** A verticle instance with nothing but one adapter. */
final class Instance extends VerticleBase {

  private final Upstream upstream;
  private final WireFormat format;
  private final HttpClientOptions options;
  private final Grace grace;
  private final Node node;
  private final Watchdog watchdog;
  private HttpAdapter adapter;

  private Instance(
      Upstream upstream,
      WireFormat format,
      HttpClientOptions options,
      Grace grace,
      Node node,
      LongSupplier clock) {
    this.upstream = upstream;
    this.format = format;
    this.options = options;
    this.grace = grace;
    this.node = node;
    this.watchdog = new Watchdog(clock);
  }

  static Instance start(
      Vertx vertx,
      Upstream upstream,
      WireFormat format,
      HttpClientOptions options,
      Grace grace,
      Node node,
      LongSupplier clock) {
    Instance instance = new Instance(upstream, format, options, grace, node, clock);
    Answer.await(vertx.deployVerticle(instance));
    return instance;
  }

  @Override
  public Future<?> start() {
    adapter = new HttpAdapter(vertx, upstream, format, watchdog, node, options, grace);
    vertx.setPeriodic(5, id -> watchdog.tick());
    return Future.succeededFuture();
  }

  @Override
  public Future<?> stop() {
    return adapter.close();
  }

  void undeploy() {
    Answer.await(vertx.undeploy(context.deploymentID()));
  }

  Answer ask(String text) {
    return ask("m", text);
  }

  /** Returns once the call has its slot, its place in the queue, or a refusal: it begins in the next turn of the event loop. */
  Answer ask(String model, String text) {
    Promise<Answer> answer = Promise.promise();
    context.runOnContext(now -> {
      Answer sink = new Answer(context);
      sink.of(adapter.open(completion(model, text), sink));
      context.runOnContext(begun -> answer.complete(sink));
    });
    return Answer.await(answer.future());
  }

  /** Cancels in the same turn of the event loop, so that no connection can have come in between. */
  Answer askAndCancel(String text) {
    Promise<Answer> answer = Promise.promise();
    context.runOnContext(now -> {
      Answer sink = new Answer(context);
      CompletionStream stream = adapter.open(completion("m", text), sink);
      stream.cancel();
      answer.complete(sink.of(stream));
    });
    return Answer.await(answer.future());
  }

  private static Completion completion(String model, String text) {
    return new Completion(model, Settings.NONE, List.of(ChatMessage.user(text)), 0);
  }

  /** Asks, and blocks its event loop before the call can begin. Returns when it does; may be called on another event loop. */
  Answer askAndBlock(String text, CountDownLatch end) {
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    context.runOnContext(now -> {
      Answer sink = new Answer(context);
      sink.of(adapter.open(completion("m", text), sink));
      answer.complete(sink);
      await(end);
    });
    return answer.join();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Asks, and cancels as soon as the call has begun: its limits have not been looked at in between. */
  <T> T askAndLeave(String text, Consumer<Answer> check, Supplier<T> then) {
    Promise<T> result = Promise.promise();
    context.runOnContext(now -> {
      Answer sink = new Answer(context);
      CompletionStream stream = adapter.open(completion("m", text), sink);
      check.accept(sink.of(stream));
      context.runOnContext(begun -> {
        stream.cancel();
        result.complete(then.get());
      });
    });
    return Answer.await(result.future());
  }

  /** Looks at the time limits. */
  void tick() {
    Promise<Void> done = Promise.promise();
    context.runOnContext(now -> {
      watchdog.tick();
      done.complete();
    });
    Answer.await(done.future());
  }

  /** How many time limits run. */
  int watches() {
    Promise<Integer> size = Promise.promise();
    context.runOnContext(now -> size.complete(watchdog.size()));
    return Answer.await(size.future());
  }
}
