package io.consoul.testkit;

import io.vertx.core.Context;
import io.vertx.core.Future;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Waiting for a future on the test thread, with a limit and with failures that tell something. */
final class Outcome {

  private Outcome() {}

  /**
   * The result of a future.
   *
   * @param soFar what had happened until the limit passed, for the message of the failure
   */
  static <T> T of(Future<T> future, Duration limit, Supplier<String> soFar) {
    if (Context.isOnEventLoopThread()) {
      throw new IllegalStateException("would block an event loop; call it from the test thread");
    }
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException failed) {
      throw unchecked(failed.getCause());
    } catch (TimeoutException late) {
      throw new AssertionError("nothing within " + limit + ": " + soFar.get(), late);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted: " + soFar.get(), interrupted);
    }
  }

  /** The failure itself where that is possible, with the place in the test that has waited for it. */
  private static RuntimeException unchecked(Throwable cause) {
    cause.addSuppressed(new IllegalStateException("waited for here"));
    if (cause instanceof Error error) {
      throw error;
    }
    if (cause instanceof RuntimeException unchecked) {
      return unchecked;
    }
    if (cause instanceof IOException io) {
      return new UncheckedIOException(io);
    }
    return new IllegalStateException(cause);
  }
}
