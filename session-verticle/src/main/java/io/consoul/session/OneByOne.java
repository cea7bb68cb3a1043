package io.consoul.session;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Iterator;
import java.util.function.Function;

/**
 * Does something with each of many things, one after the other. A chain of futures would be as deep as they are many, and
 * more than the stack holds when its end is reached.
 */
final class OneByOne<T> {

  private final Iterator<? extends T> all;
  private final Function<T, Future<Boolean>> step;
  private final Promise<Boolean> done = Promise.promise();

  private OneByOne(Iterator<? extends T> all, Function<T, Future<Boolean>> step) {
    this.all = all;
    this.step = step;
  }

  /**
   * @param step tells whether to go on
   * @return whether all of them were gone through; fails with the first step that does
   */
  static <T> Future<Boolean> each(Iterable<? extends T> all, Function<T, Future<Boolean>> step) {
    OneByOne<T> way = new OneByOne<>(all.iterator(), step);
    way.next();
    return way.done.future();
  }

  private void next() {
    while (all.hasNext()) {
      Future<Boolean> taken = step.apply(all.next());
      if (!taken.isComplete()) {
        taken.onComplete(result -> {
          if (!isOver(taken)) {
            next();
          }
        });
        return;
      }
      if (isOver(taken)) {
        return;
      }
    }
    done.complete(true);
  }

  private boolean isOver(Future<Boolean> taken) {
    if (taken.failed()) {
      done.fail(taken.cause());
    } else if (!taken.result()) {
      done.complete(false);
    }
    return taken.failed() || !taken.result();
  }
}
