package io.consoul.provider.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.Aside;
import io.consoul.message.FinishReason;
import io.consoul.message.Usage;
import io.consoul.provider.CompletionSink;
import io.consoul.provider.CompletionStream;
import io.consoul.provider.UpstreamFailure;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** What a call of a test says, as far as it has come. */
final class Answer implements CompletionSink {

  private final Context context;
  private final StringBuffer text = new StringBuffer();
  private final AtomicInteger ends = new AtomicInteger();
  private final AtomicInteger afterEnd = new AtomicInteger();
  private final Promise<UpstreamFailure> end = Promise.promise();
  private volatile Runnable onText = () -> {};
  private volatile CompletionStream stream;
  private volatile long endedAt;

  Answer(Context context) {
    this.context = context;
  }

  Answer of(CompletionStream opened) {
    stream = opened;
    return this;
  }

  @Override
  public void text(String piece) {
    notice();
    text.append(piece);
    onText.run();
  }

  @Override
  public void aside(Aside aside) {
    notice();
  }

  @Override
  public void end(FinishReason reason, Usage usage) {
    over(null);
  }

  @Override
  public void fail(UpstreamFailure failure) {
    over(failure);
  }

  String text() {
    return text.toString();
  }

  boolean isOver() {
    return ends.get() > 0;
  }

  /** When its end came, by {@link System#nanoTime}. */
  long endedAt() {
    return endedAt;
  }

  /** The text of an answer that ends well. */
  String whole() {
    assertThat(await(end.future())).as("failure").isNull();
    return text();
  }

  UpstreamFailure failure() {
    UpstreamFailure failure = await(end.future());
    assertThat(failure).as("failure after " + text()).isNotNull();
    return failure;
  }

  UpstreamFailure.Cause cause() {
    return failure().cause();
  }

  void pause() {
    onContext(() -> stream.pause());
  }

  void resume() {
    onContext(() -> stream.resume());
  }

  void cancel() {
    onContext(() -> stream.cancel());
  }

  void onText(Runnable handler) {
    onText = handler;
  }

  /** @param handler gets the failure, or null */
  void onEnd(Consumer<UpstreamFailure> handler) {
    end.future().onSuccess(handler::accept);
  }

  /** @param onCancel called if it was not over before */
  void cancelUnlessOver(Runnable onCancel) {
    context.runOnContext(now -> {
      if (!isOver()) {
        ends.incrementAndGet();
        stream.cancel();
        onCancel.run();
      }
    });
  }

  void pauseFor(Vertx vertx, long millis) {
    context.runOnContext(now -> {
      stream.pause();
      vertx.setTimer(millis, later -> stream.resume());
    });
  }

  private void onContext(Runnable action) {
    Promise<Void> done = Promise.promise();
    context.runOnContext(now -> {
      action.run();
      done.complete();
    });
    await(done.future());
  }

  /** How often something was said after the end, or after it was cancelled. */
  int afterEnd() {
    return afterEnd.get();
  }

  private void over(UpstreamFailure failure) {
    notice();
    endedAt = System.nanoTime();
    ends.incrementAndGet();
    end.tryComplete(failure);
  }

  private void notice() {
    if (isOver()) {
      afterEnd.incrementAndGet();
    }
  }

  static <T> T await(Future<T> future) {
    try {
      return future.await(30, TimeUnit.SECONDS);
    } catch (TimeoutException late) {
      throw new AssertionError("not within 30 s", late);
    }
  }
}
