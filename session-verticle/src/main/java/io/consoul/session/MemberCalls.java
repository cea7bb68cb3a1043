package io.consoul.session;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
      answer = Future.fromCompletionStage(asking.get(), here());
    } catch (RuntimeException refused) { // this member leaves, or has left
      answer = Future.failedFuture(refused);
    }
    return answer
        .compose(then)
        .timeout(patience.toMillis(), TimeUnit.MILLISECONDS)
        .recover(failure -> Future.failedFuture(unreachable(failure)));
  }

  /**
   * Asks for each of these by itself. Hazelcast's own way of asking for many at once ({@code submitToKeys}) holds up its caller, an
   * event loop, for as long as a partition has no owner: for tens of seconds where members go one after the other.
   *
   * @return what was answered, without those who answered null; fails as above, as soon as one does
   */
  <K, T> Future<Map<K, T>> askEach(Set<K> keys, Function<K, CompletionStage<T>> asking) {
    Map<K, Future<T>> answers = new HashMap<>();
    keys.forEach(key -> answers.put(key, ask(() -> asking.apply(key), Future::succeededFuture)));
    return Future.all(List.copyOf(answers.values())).map(all -> {
      Map<K, T> results = new HashMap<>();
      answers.forEach((key, answer) -> {
        if (answer.result() != null) {
          results.put(key, answer.result());
        }
      });
      return results;
    });
  }

  /** The present context, which may be a request's own, where it is on the loop of who asks. */
  private Context here() {
    ContextInternal current = ContextInternal.current();
    boolean isOurs = current != null && current.unwrap() == ((ContextInternal) context).unwrap();
    return isOurs ? current : context;
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
