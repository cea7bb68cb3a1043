package io.consoul.session;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Outages of a Redis that is always there: what passes through here fails, before it is done or after. */
final class SwitchedRedis implements RedisHealth {

  private record Hearer(Context context, Listener listener) {}

  private final List<Hearer> hearers = new CopyOnWriteArrayList<>();
  private volatile boolean down;

  /** The next step is done, but its reply is lost, and Redis is down from then on. */
  private volatile boolean losing;

  void goDown() {
    down = true;
    hearers.forEach(each -> each.context().runOnContext(now -> each.listener().wentDown()));
  }

  void loseNext() {
    losing = true;
  }

  void comeBack(boolean sameServer, boolean sameData) {
    losing = false;
    down = false;
    Came came = new Came(sameServer, sameData);
    hearers.forEach(each -> each.context().runOnContext(now -> each.listener().cameBack(came)));
  }

  /** The instances are gone. */
  void forgetAll() {
    hearers.clear();
  }

  @Override
  public boolean isDown() {
    return down;
  }

  @Override
  public boolean isSuspect() {
    return false;
  }

  @Override
  public FaultException unavailable() {
    return Fault.SESSION_STORAGE_UNAVAILABLE.retryAfter(1, "switched off");
  }

  @Override
  public Runnable listen(Listener listener) {
    Hearer hearer = new Hearer(Vertx.currentContext(), listener);
    hearers.add(hearer);
    return () -> hearers.remove(hearer);
  }

  /** @param type an interface whose methods return futures, but for questions */
  <T> T wrap(Class<T> type, T target) {
    return type.cast(Proxy.newProxyInstance(
        type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
          if (method.getReturnType() != Future.class) {
            return method.invoke(target, arguments);
          }
          if (down) {
            return Future.failedFuture(unavailable());
          }
          if (!losing) {
            return call(target, method, arguments);
          }
          losing = false;
          return call(target, method, arguments).transform(done -> {
            goDown();
            return Future.failedFuture(unavailable());
          });
        }));
  }

  private static Future<?> call(Object target, Method method, Object[] arguments)
      throws IllegalAccessException {
    try {
      return (Future<?>) method.invoke(target, arguments);
    } catch (InvocationTargetException thrown) {
      return Future.failedFuture(thrown.getCause());
    }
  }
}
