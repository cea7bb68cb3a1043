package io.consoul.session;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks members of a cluster for something, for as long as anybody waits for it; answers come on the context of who asks. */
final class MemberCalls {

  /** A partition moves, or the loss of its member is noticed, in less; whoever waits may repeat the step. */
  static final Duration PATIENCE = Duration.ofSeconds(2);

  private static final Logger log = LoggerFactory.getLogger(MemberCalls.class);

  private final Context context;
  private final Duration patience;

  MemberCalls(Context context, Duration patience) {
    this.context = context;
    this.patience = patience;
  }

  /**
   * Asks, and does something with the answer, also when it comes too late.
   *
   * @return fails with E110 when there is no answer in time
   */
  <T> Future<T> ask(Supplier<CompletionStage<T>> asking, Function<T, Future<T>> then) {
    Future<T> answer;
    try {
      answer = Future.fromCompletionStage(asking.get(), context);
    } catch (RuntimeException refused) { // this member leaves, or has left
      answer = Future.failedFuture(refused);
    }
    return answer
        .compose(then)
        .timeout(patience.toMillis(), TimeUnit.MILLISECONDS)
        .recover(failure -> Future.failedFuture(unreachable(failure)));
  }

  private static FaultException unreachable(Throwable failure) {
    if (failure instanceof FaultException known) {
      return known;
    }
    log.debug("a step in the cluster's map failed: {}", failure.getClass().getName());
    return Fault.SESSION_STORAGE_UNAVAILABLE.retryAfter(
        1, "the cluster's store could not be reached in time; try again in a moment");
  }
}
