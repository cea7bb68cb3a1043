package io.consoul.session;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.Progress;
import io.consoul.message.SealTurn;
import io.consoul.message.SessionRequest;
import io.consoul.redis.RedisHealth;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Outages of a Redis that is always there: what passes through here fails, before it is done or after. */
final class SwitchedRedis implements RedisHealth {

  private record Hearer(Context context, Listener listener) {}

  private final List<Hearer> hearers = new CopyOnWriteArrayList<>();
  private volatile SessionsAtHand atHand;
  private volatile boolean down;

  /** The next step is done, but its reply is lost, and Redis is down from then on. */
  private volatile boolean losing;

  /** How often it has come back. Guarded by this. */
  private int comings;

  /** The newest instance has these. */
  void use(SessionsAtHand sessions) {
    atHand = sessions;
  }

  synchronized void goDown() {
    down = true;
    hearers.forEach(each -> each.context().runOnContext(now -> each.listener().wentDown()));
  }

  void loseNext() {
    losing = true;
  }

  synchronized void comeBack(boolean sameServer, boolean sameData) {
    losing = false;
    down = false;
    comings++;
    Came came = new Came(sameServer, sameData);
    hearers.forEach(each -> each.context().runOnContext(now -> each.listener().cameBack(came)));
  }

  /** A reply was lost on the way: perhaps after Redis has come back, and then for good. */
  private synchronized void goDownSince(int coming) {
    if (coming == comings) {
      goDown();
    }
  }

  private synchronized int comings() {
    return comings;
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
  public Future<Void> check() {
    return Future.succeededFuture();
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
          if (method.getReturnType() != Future.class || arguments == null) {
            return method.invoke(target, arguments);
          }
          if (down) {
            return Future.failedFuture(unavailable());
          }
          if (!losing || sessionOf(arguments[0]) == null) {
            return call(target, method, arguments);
          }
          losing = false;
          int coming = comings();
          String session = sessionOf(arguments[0]);
          JsonObject before = atHand.find(session).map(MemorySession::toJson).orElse(null);
          String token = atHand.token(session);
          return call(target, method, arguments).transform(done -> {
            atHand.forget(session); // whoever got no reply has noted nothing
            if (before != null) {
              atHand.keep(MemorySession.fromJson(before), token);
            }
            goDownSince(coming);
            return Future.failedFuture(unavailable());
          });
        }));
  }

  private static String sessionOf(Object message) {
    if (message instanceof SessionRequest request) {
      return request.sessionKey();
    }
    if (message instanceof Progress progress) {
      return new TurnKey(progress.tenant(), progress.turn()).session();
    }
    if (message instanceof SealTurn seal) {
      return new TurnKey(seal.tenant(), seal.turn()).session();
    }
    if (message instanceof TurnKey turn) {
      return turn.session();
    }
    return message instanceof AcknowledgedTurn turn ? turn.sessionKey() : null;
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
