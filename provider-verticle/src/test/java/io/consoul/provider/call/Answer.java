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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** What a call of a test says, as far as it has come. */
final class Answer implements CompletionSink {

  private final Context context;
  private final StringBuffer text = new StringBuffer();
  private final AtomicInteger pieces = new AtomicInteger();
  private final AtomicInteger ends = new AtomicInteger();
  private final Promise<UpstreamFailure> end = Promise.promise();
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
    pieces.incrementAndGet();
    text.append(piece);
  }

  @Override
  public void aside(Aside aside) {}

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

  private void onContext(Runnable action) {
    Promise<Void> done = Promise.promise();
    context.runOnContext(now -> {
      action.run();
      done.complete();
    });
    await(done.future());
  }

  private void over(UpstreamFailure failure) {
    endedAt = System.nanoTime();
    if (ends.incrementAndGet() > 1) {
      throw new AssertionError("a second end");
    }
    end.complete(failure);
  }

  static <T> T await(Future<T> future) {
    try {
      return future.await(10, TimeUnit.SECONDS);
    } catch (TimeoutException late) {
      throw new AssertionError("not within 10 s", late);
    }
  }
}
