package io.consoul.redis;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Who has asked whether Redis works, and has no answer yet. Confined to one context. */
final class RedisChecks {

  private final List<Promise<Void>> checks = new ArrayList<>();

  Future<Void> add() {
    Promise<Void> check = Promise.promise();
    checks.add(check);
    return check.future();
  }

  void addAll(RedisChecks others) {
    checks.addAll(others.checks);
  }

  /** None is left here. */
  RedisChecks take() {
    RedisChecks taken = new RedisChecks();
    taken.addAll(this);
    checks.clear();
    return taken;
  }

  void complete() {
    checks.forEach(Promise::complete);
  }

  void fail(Supplier<? extends Throwable> reason) {
    checks.forEach(check -> check.fail(reason.get()));
  }
}
